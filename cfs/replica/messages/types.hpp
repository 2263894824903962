#pragma once
// Words shared by everything that replicates: who a member is, which sync a message belongs to, what a machine is told
// about the time, and how it talks about itself. Values only.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cfs/tree/report.hpp"
#include "totem/base/bytes.hpp"
#include "totem/base/time.hpp"

namespace cfs::replica {

using totem::Bytes;
using Buffer = std::vector<std::uint8_t>;

// A process in a group. Two members of one node are possible for a moment, while its daemon restarts.
struct MemberId {
    std::uint32_t nodeid = 0, pid = 0;
    auto operator<=>(const MemberId&) const = default;
};

// Names one sync; compared as a whole (pmxcfs-wire.md 2.3).
struct Epoch {
    std::uint32_t epoch = 0, time = 0, nodeid = 0, pid = 0;
    bool operator==(const Epoch&) const = default;
};

// The two clocks of an event: seconds of the day for messages and records, a monotonic one for timers.
struct Now {
    std::uint32_t seconds = 0;
    totem::Instant instant;
};

// A decoded value, or the text that is logged for what is wrong with the bytes.
template <typename T>
class Decoded {
public:
    Decoded(T value) : value_(std::move(value)) {}
    static Decoded refused(const std::string& problem) {
        Decoded out;
        out.problem_ = problem;
        return out;
    }

    explicit operator bool() const { return value_.has_value(); }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }
    const std::string& problem() const { return problem_; }

private:
    Decoded() = default;
    std::optional<T> value_;
    std::string problem_;
};

}  // namespace cfs::replica
