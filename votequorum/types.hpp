#pragma once
// Values of the vote arithmetic. Spec votequorum.md section 1.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "totem/base/time.hpp"
#include "totem/wire/types.hpp"

namespace vote {

using totem::Duration;
using totem::Instant;
using totem::NodeId;
using totem::RingId;

inline constexpr std::size_t kMaxDeviceName = 254;

inline bool contains(std::span<const NodeId> nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// Of a node, on the wire and in memory.
enum Flag : std::uint32_t {
    kQuorate = 1,        // the node believes it is
    kLeaving = 2,        // clean shutdown with allow_downscale
    kWaitingForAll = 4,  // still waiting
    kFirst = 8,          // has not been in a membership of several nodes since its start
    kDeviceRegistered = 16,
    kDeviceAlive = 32,       // polled in time
    kDeviceCastVote = 64,    // gives its votes to the node
    kDeviceMasterWins = 128  // master-wins mode
};
inline constexpr std::uint32_t kDeviceFlags = kDeviceRegistered | kDeviceAlive | kDeviceCastVote | kDeviceMasterWins;

enum class NodeState : std::uint8_t { member = 1, dead = 2, leaving = 3 };

struct NodeRecord {
    NodeState state = NodeState::dead;
    std::uint32_t votes = 0;
    std::uint32_t expected_votes = 0;  // that node's opinion
    std::uint32_t flags = 0;
    bool operator==(const NodeRecord&) const = default;
};

struct TieBreaker {
    enum class Type : std::uint8_t { none = 0, lowest = 1, highest = 2, list = 3 };
    Type type = Type::none;
    std::vector<NodeId> list;  // type list only
    bool operator==(const TieBreaker&) const = default;
};

enum class Level : std::uint8_t { critical, warning, notice, info, debug };

struct LogLine {
    Level level = Level::debug;
    std::string text;
    bool operator==(const LogLine&) const = default;
};

// What a client is answered; the numbers are cs_error_t's.
enum class Result : std::int32_t {
    ok = 1,
    try_again = 6,
    invalid_param = 7,
    access = 11,
    not_exist = 12,
    exist = 14,
    name_not_found = 17,
    no_resources = 18,
    message_error = 22,
};

}  // namespace vote
