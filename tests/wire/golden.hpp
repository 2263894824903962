#pragma once
// Checks shared by the golden packets of totem-wire.md section 14.

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "tests/support/any_packet.hpp"
#include "tests/support/byte_swapper.hpp"
#include "tests/support/hex.hpp"
#include "totem/wire/codec.hpp"

namespace totem::test {

// Decodes a packet; reports if it is refused or does not encode to the same bytes. Keeps the bytes,
// which the payload of an mcast points into.
template <typename Packet>
class Golden {
public:
    Golden(Dialect dialect, std::string_view hex) : bytes_(from_hex(hex)) {
        const wire::Codec codec(dialect);
        EXPECT_EQ(codec.decode(bytes_, packet_), wire::Drop::none);
        EXPECT_EQ(packet_.header.order, ByteOrder::little);
        EXPECT_EQ(to_hex(encode_any(codec, packet_)), to_hex(bytes_));

        // The same packet from a host of the other byte order holds the same values.
        const std::vector<std::uint8_t> swapped = big_endian_image(dialect, bytes_);
        Packet other;
        EXPECT_EQ(codec.decode(swapped, other), wire::Drop::none);
        EXPECT_EQ(other.header.order, ByteOrder::big);
        EXPECT_TRUE(same_values(packet_, other));
        EXPECT_EQ(to_hex(encode_any(codec, other)), to_hex(swapped));
    }
    const Packet* operator->() const { return &packet_; }
    std::size_t size() const { return bytes_.size(); }

private:
    std::vector<std::uint8_t> bytes_;
    Packet packet_;
};

}  // namespace totem::test
