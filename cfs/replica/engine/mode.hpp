#pragma once
// Where a replica stands in its group (pmxcfs-wire.md 4.1).

#include <cstdint>
#include <string_view>

#include "cfs/replica/messages/types.hpp"

namespace cfs::replica {

enum class Mode : std::uint8_t {
    start = 0,            // no member yet
    start_sync = 1,       // the membership changed, states are collected
    synced = 2,           // normal operation
    update = 3,           // own data is old, the leader sends updates
    leave = 253,          // leaves and comes back
    version_error = 254,  // a peer speaks a newer protocol: out for good
    error = 255,          // local data is broken: out for good
};

// Out of the group, or on the way out.
constexpr bool is_out(Mode mode) {
    return static_cast<std::uint8_t>(mode) >= 128;
}
// Into an error only from a lesser one; anything else always.
constexpr bool may_follow(Mode now, Mode next) {
    return !is_out(next) || !is_out(now) || now < next;
}

struct ModeText {
    Severity severity;
    std::string_view text;
};
ModeText entry_text(Mode mode);

}  // namespace cfs::replica
