#pragma once
// The message in which nodes tell each other their configuration version.
// Spec totempg-sync-services.md section 12.1. Internal to engine/services/cmap.

#include <cstdint>
#include <optional>
#include <vector>

#include "totem/base/bytes.hpp"

namespace engine::cmap {

enum class VersionReason : std::uint8_t { sync = 0, changed = 1 };

struct VersionMessage {
    std::uint8_t reason = 0;    // may be unknown
    std::uint64_t version = 0;  // 0: the item is missing or of another type
};

// What follows the executive header; `version` absent: the key does not exist.
std::vector<std::uint8_t> encode_version(VersionReason reason, std::optional<std::uint64_t> version,
                                         totem::ByteOrder order);
// Takes the whole message; false if its lengths do not fit.
[[nodiscard]] bool decode_version(totem::Bytes message, totem::ByteOrder order, VersionMessage& out);

}  // namespace engine::cmap
