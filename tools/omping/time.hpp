#pragma once
// Two clocks: the monotonic one for all arithmetic of our own, the wall clock for what goes into messages.

#include <chrono>

#include "tools/omping/messages.hpp"
#include "totem/base/time.hpp"

namespace tools::omping {

using totem::Duration;
using totem::Instant;
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

struct Now {
    Instant monotonic{};
    WallTime wall{};
};

inline Timestamp timestamp(WallTime time) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    return {static_cast<std::uint32_t>(us / 1000000), static_cast<std::uint32_t>(us % 1000000)};
}

inline WallTime wall_time(const Timestamp& stamp) {
    return WallTime(std::chrono::seconds(stamp.seconds) + std::chrono::microseconds(stamp.microseconds));
}

// A datagram and what is known about its way here; `bytes` refers to the receiver's buffer.
struct Reception {
    Bytes bytes;
    Endpoint from;
    bool group = false;    // came to the group's socket
    std::uint8_t ttl = 0;  // 0: not known
    Now at;                // when the kernel had it
};

}  // namespace tools::omping
