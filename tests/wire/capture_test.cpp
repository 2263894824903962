// Every packet of every capture that is not encrypted: decoded, encoded again, and seen through the
// eyes of a receiver of the other byte order.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/support/any_packet.hpp"
#include "tests/support/byte_swapper.hpp"
#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"
#include "totem/crypto/suite.hpp"

namespace totem::wire {
namespace {

using test::AnyPacket, test::decode_any, test::encode_any, test::header_of, test::same_values;

class CapturedPackets : public testing::TestWithParam<test::Capture> {};

// The Totem message of a captured datagram.
Bytes message_of(Dialect dialect, test::Datagram& datagram) {
    Bytes message;
    EXPECT_EQ(crypto::make_plain_suite(dialect)->open(datagram.payload, message), crypto::Reject::none);
    return message;
}

TEST_P(CapturedPackets, DecodeAndEncodeToTheSameBytes) {
    const Codec codec(GetParam().dialect);
    std::size_t packets = 0;
    for (test::Datagram& datagram : GetParam().datagrams()) {
        const Bytes message = message_of(codec.dialect(), datagram);
        AnyPacket packet;
        const Drop drop = decode_any(codec, message, packet);
        ASSERT_EQ(drop, Drop::none) << "frame " << datagram.frame << ": " << describe(drop);
        ASSERT_EQ(test::to_hex(encode_any(codec, packet)), test::to_hex(message)) << "frame " << datagram.frame;
        ++packets;
    }
    EXPECT_GT(packets, 20u);
}

TEST_P(CapturedPackets, HoldTheSameValuesInTheOtherByteOrder) {
    const Codec codec(GetParam().dialect);
    for (test::Datagram& datagram : GetParam().datagrams()) {
        const Bytes message = message_of(codec.dialect(), datagram);
        AnyPacket packet, other;
        ASSERT_EQ(decode_any(codec, message, packet), Drop::none) << "frame " << datagram.frame;
        EXPECT_EQ(header_of(packet).order, ByteOrder::little);

        const std::vector<std::uint8_t> swapped = test::big_endian_image(codec.dialect(), message);
        ASSERT_EQ(decode_any(codec, swapped, other), Drop::none) << "frame " << datagram.frame;
        EXPECT_EQ(header_of(other).order, ByteOrder::big);
        ASSERT_TRUE(same_values(packet, other)) << "frame " << datagram.frame;

        // Written in the other order, the decoded values give the swapper's image, and back.
        header_of(packet).order = ByteOrder::big;
        ASSERT_EQ(test::to_hex(encode_any(codec, packet)), test::to_hex(swapped)) << "frame " << datagram.frame;
        header_of(other).order = ByteOrder::little;
        ASSERT_EQ(test::to_hex(encode_any(codec, other)), test::to_hex(message)) << "frame " << datagram.frame;
    }
}

TEST_P(CapturedPackets, AreRefusedByTheOtherDialect) {
    const Dialect theirs = GetParam().dialect == Dialect::v2 ? Dialect::v3 : Dialect::v2;
    for (test::Datagram& datagram : GetParam().datagrams()) {
        Bytes message;
        Header header;
        const bool opened = crypto::make_plain_suite(theirs)->open(datagram.payload, message) == crypto::Reject::none;
        ASSERT_FALSE(opened && Codec(theirs).decode(message, header) == Drop::none) << "frame " << datagram.frame;
        ASSERT_EQ(crypto::guess_sender(theirs, datagram.payload),
                  theirs == Dialect::v2 ? "Corosync 3.x" : "Corosync 2.3+");
    }
}

INSTANTIATE_TEST_SUITE_P(All, CapturedPackets, testing::ValuesIn(test::plain_captures()), [](const auto& instance) {
    std::string name = instance.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

// The tests above are worth what the captures contain.
TEST(CaptureContents, EveryPacketTypeOccursInEveryDialect) {
    std::map<Dialect, std::array<std::size_t, 8>> counts;
    std::size_t requests = 0, recovered = 0, leaves = 0, two_rings = 0;
    for (const test::Capture& capture : test::plain_captures()) {
        const Codec codec(capture.dialect);
        for (test::Datagram& datagram : capture.datagrams()) {
            AnyPacket packet;
            ASSERT_EQ(decode_any(codec, message_of(capture.dialect, datagram), packet), Drop::none);
            ++counts[capture.dialect][static_cast<std::size_t>(header_of(packet).type)];
            if (const auto* token = std::get_if<Token>(&packet)) requests += token->rtr_count > 0;
            if (const auto* mcast = std::get_if<Mcast>(&packet)) {
                recovered += mcast->header.encapsulated == 1;
                two_rings += mcast->system_from.addr[1].family == NodeAddress::kIpv4;
            }
            if (const auto* join = std::get_if<Join>(&packet)) leaves += join->is_leave();
        }
    }
    // By type; independently counted with tcpdump and a byte offset.
    EXPECT_EQ(counts[Dialect::v2], (std::array<std::size_t, 8>{7357, 1429, 305, 1283, 206, 60, 7, 3}));
    EXPECT_EQ(counts[Dialect::v3], (std::array<std::size_t, 8>{2946, 963, 59, 1033, 72, 26, 0, 0}));
    EXPECT_GT(requests, 50u);
    EXPECT_GT(recovered, 5u);
    EXPECT_GT(leaves, 3u);
    EXPECT_GT(two_rings, 100u);
}

// Decoding reuses what the caller passes in: a shorter packet must not leave a longer one's rest.
TEST(CaptureContents, DecodingOverAnEarlierPacketGivesTheSameValues) {
    const Codec codec(Dialect::v2);
    Token token;
    Join join;
    CommitToken commit;
    for (const char* name : {"2x-udp-loss", "2x-udp-form", "2x-udp-rejoin", "2x-udp-leave"}) {
        for (test::Datagram& datagram : test::capture(name).datagrams()) {
            const Bytes message = message_of(codec.dialect(), datagram);
            AnyPacket fresh;
            ASSERT_EQ(decode_any(codec, message, fresh), Drop::none);
            if (std::holds_alternative<Token>(fresh)) {
                ASSERT_EQ(codec.decode(message, token), Drop::none);
                ASSERT_TRUE(same_values(fresh, token));
            } else if (std::holds_alternative<Join>(fresh)) {
                ASSERT_EQ(codec.decode(message, join), Drop::none);
                ASSERT_TRUE(same_values(fresh, join));
            } else if (std::holds_alternative<CommitToken>(fresh)) {
                ASSERT_EQ(codec.decode(message, commit), Drop::none);
                ASSERT_TRUE(same_values(fresh, commit));
            }
        }
    }
}

}  // namespace
}  // namespace totem::wire
