#pragma once
// Time as the protocol machines see it. Nothing below totem/net reads a clock: every entry point
// takes `now`, so the code that ships also runs in the simulator under virtual time.

#include <chrono>

namespace totem {

// A monotonic point in time. Only differences mean anything; the epoch is the caller's.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// "No deadline".
inline constexpr Instant kNever = Instant::max();

}  // namespace totem
