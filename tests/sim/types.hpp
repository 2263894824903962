#pragma once
// Words shared by all parts of the simulator.

#include <cstdint>

#include "totem/base/time.hpp"
#include "totem/wire/types.hpp"

namespace totem::sim {

// Virtual time: nanoseconds since the start of the run.
using Time = std::int64_t;
inline constexpr Time kMicrosecond = 1000;
inline constexpr Time kMillisecond = 1000 * kMicrosecond;
inline constexpr Time kSecond = 1000 * kMillisecond;
inline constexpr Time kEndOfTime = INT64_MAX;

inline constexpr std::size_t kMaxSimNodes = 64;

// Position of a node in the scenario; node sets are bit masks of these.
using NodeIndex = std::uint32_t;
using NodeSet = std::uint64_t;
constexpr NodeSet only(NodeIndex node) {
    return NodeSet{1} << node;
}
constexpr bool contains(NodeSet set, NodeIndex node) {
    return ((set >> node) & 1) != 0;
}

// One life of a node, from start to crash; never reused in a run.
using Life = std::uint32_t;

// A ring as the oracles tell rings apart: the ring id, and which use of it if a node that lost its
// ring id file made it again. 0 is "none".
using RingKey = std::uint32_t;
inline constexpr RingKey kNoRing = 0;

}  // namespace totem::sim
