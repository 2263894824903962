#pragma once
// Reading a daemon's log: waiting for lines, counting lines, and what the lines say about the ring.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "conformance/lab/system.hpp"

namespace lab {

// What a node's log says of its ring: the last membership whose services are in step.
struct RingView {
    std::string ring_id;            // as printed, e.g. "1.1a"
    std::vector<unsigned> members;  // node ids, ascending
    bool operator==(const RingView&) const = default;
};

class Log {
public:
    explicit Log(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    std::string text(std::size_t from = 0) const;  // "" if there is none yet
    std::size_t size() const;                      // a mark for `from` below: only what is logged later counts

    std::size_t count(const std::string& part, std::size_t from = 0) const;  // lines that contain `part`
    std::vector<std::string> lines(const std::string& part, std::size_t from = 0) const;
    bool wait_for(const std::string& part, milliseconds limit, std::size_t from = 0) const;

    // The ring in force, nothing while one is being formed or services are being synchronised.
    std::optional<RingView> ring(std::size_t from = 0) const;

private:
    std::filesystem::path path_;
};

// For tests: the same on a text.
std::optional<RingView> find_ring(const std::string& text);

}  // namespace lab
