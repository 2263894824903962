#pragma once
// Executive messages of votequorum, spec votequorum.md section 3. Internal to engine/services/votequorum.
// Encoders write what follows the executive header; decoders take the whole message.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/exec/service.hpp"

namespace engine::votequorum {

enum Function : std::uint32_t { kNodeInfo = 0, kReconfigure = 1, kDevice = 2, kDeviceRename = 3, kFunctionCount = 4 };

struct NodeInfo {
    NodeId node = 0;  // 0 = the quorum device
    std::uint32_t votes = 0, expected_votes = 0, flags = 0;
    bool operator==(const NodeInfo&) const = default;
};

struct Reconfigure {
    NodeId node = 0;
    std::uint32_t value = 0;
    std::uint8_t param = 0;
};

struct DeviceOperation {
    std::uint32_t operation = 0;  // 0 unregister, 1 register
    std::string_view name;
};

struct DeviceRename {
    std::string_view old_name, new_name;
};

std::array<std::uint8_t, 16> encode(const NodeInfo& message, ByteOrder order);
std::array<std::uint8_t, 16> encode(const Reconfigure& message, ByteOrder order);
std::array<std::uint8_t, 264> encode(const DeviceOperation& message, ByteOrder order);

// False if the message is too short or a name has no end. Views point into the message.
[[nodiscard]] bool decode(Bytes message, ByteOrder order, NodeInfo& out);
[[nodiscard]] bool decode(Bytes message, ByteOrder order, Reconfigure& out);
[[nodiscard]] bool decode(Bytes message, ByteOrder order, DeviceOperation& out);
[[nodiscard]] bool decode(Bytes message, ByteOrder order, DeviceRename& out);

}  // namespace engine::votequorum
