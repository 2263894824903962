#pragma once
// Executive messages of votequorum, spec votequorum.md section 3; the same in both dialects. Bodies only: what follows
// the 16 byte executive header.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "votequorum/types.hpp"

namespace vote {

// Function numbers; the alternatives of Message are in this order.
enum Function : std::uint32_t { kNodeInfo = 0, kReconfigure = 1, kDevice = 2, kDeviceRename = 3, kFunctionCount = 4 };

struct NodeInfo {
    NodeId node = 0;  // 0 = the quorum device
    std::uint32_t votes = 0, expected_votes = 0, flags = 0;
    bool operator==(const NodeInfo&) const = default;
};

struct Reconfigure {
    enum Param : std::uint8_t { expected_votes = 1, node_votes = 2, cancel_wait_for_all = 3 };
    NodeId node = 0;
    std::uint32_t value = 0;
    std::uint8_t param = 0;  // unknown ones are carried, and ignored by the machine
    bool operator==(const Reconfigure&) const = default;
};

struct DeviceOperation {
    enum Operation : std::uint32_t { unregister = 0, register_ = 1 };
    std::uint32_t operation = 0;
    std::string name;  // at most kMaxDeviceName bytes
    bool operator==(const DeviceOperation&) const = default;
};

struct DeviceRename {
    std::string old_name, new_name;
    bool operator==(const DeviceRename&) const = default;
};

using Message = std::variant<NodeInfo, Reconfigure, DeviceOperation, DeviceRename>;

inline std::uint32_t function_of(const Message& message) {
    return static_cast<std::uint32_t>(message.index());
}

// Names are cut at kMaxDeviceName bytes.
std::vector<std::uint8_t> encode(const Message& message, totem::ByteOrder order);
// False if the function is unknown, the body too short, or a name has no end.
[[nodiscard]] bool decode(std::uint32_t function, totem::Bytes body, totem::ByteOrder order, Message& out);

}  // namespace vote
