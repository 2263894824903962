#pragma once
// The record of a run: always a hash over everything that happened, and, when asked for, readable
// lines "time node event".

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/sim/hash.hpp"
#include "tests/sim/types.hpp"

namespace totem::sim {

class Trace {
public:
    using Sink = std::function<void(std::string_view line)>;

    // Lines go to `sink` as they come, and the last `keep` of them stay in memory.
    void print_to(Sink sink) { sink_ = std::move(sink), enabled_ = true; }
    void keep_last(std::size_t keep) { keep_ = keep, enabled_ = true; }
    bool enabled() const { return enabled_; }

    void note(std::uint64_t value) { hash_ = mix(hash_, value); }
    std::uint64_t hash() const { return hash_; }

    template <typename... Args>
    void line(Time at, NodeId node, fmt::format_string<Args...> format, Args&&... args) {
        if (enabled_) write(at, node, fmt::format(format, std::forward<Args>(args)...));
    }
    const std::deque<std::string>& last_lines() const { return last_; }

private:
    void write(Time at, NodeId node, const std::string& text);
    Sink sink_;
    std::deque<std::string> last_;
    std::size_t keep_ = 0;
    std::uint64_t hash_ = 0;
    bool enabled_ = false;
};

}  // namespace totem::sim
