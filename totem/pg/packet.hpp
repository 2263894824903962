#pragma once
// The totempg packet, spec totempg-sync-services.md section 2. Internal to totem/pg.

#include <cstddef>
#include <cstdint>

#include "totem/base/bytes.hpp"

namespace totem::pg {

inline constexpr std::size_t kPacketHeader = 8;
inline constexpr std::size_t kLengthEntry = 2;

enum class PacketError : std::uint8_t {
    none,
    too_short,        // no complete header
    table_too_short,  // length table cut off, or no piece at all
    length_mismatch,  // pieces do not add up to the packet
};

// A view of a received packet; valid as long as the bytes it was decoded from.
struct Packet {
    std::uint8_t fragmented = 0, continuation = 0;
    std::uint16_t count = 0;
    ByteOrder order = kNativeOrder;
    Bytes table, data;

    std::size_t length(std::size_t piece) const;
};

[[nodiscard]] PacketError decode(Bytes bytes, ByteOrder order, Packet& out);

}  // namespace totem::pg
