// Sending: spec totempg-sync-services.md sections 2, 3, 5 and 16.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pg/recording_port.hpp"

namespace totem::test {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> sent(const Endpoint& node) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < node.port.frames.size(); ++i)
        out.push_back(describe(node.port.packet(i)));
    return out;
}

TEST(Packing, FirstPacketOfANodeMatchesObservedTraffic) {
    Endpoint node;
    const std::vector<std::uint8_t> nodeinfo{0, 0, 5, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0,
                                             1, 0, 0, 0, 1, 0, 0, 0, 3,  0, 0, 0, 8, 0, 0, 0};
    ASSERT_TRUE(node.send(nodeinfo));
    EXPECT_TRUE(node.port.frames.empty()) << "staged until the next token";
    node.groups.token_received();
    ASSERT_EQ(node.port.frames.size(), 1u);
    std::vector<std::uint8_t> expected{0, 0, 0, 0, 0, 0, 1, 0, 0x25, 0, 1, 0, 1, 0, 0x61};
    expected.insert(expected.end(), nodeinfo.begin(), nodeinfo.end());
    EXPECT_EQ(node.port.take(), expected);
}

TEST(Packing, GroupNameAndChunksAreConcatenated) {
    Endpoint node;
    const auto head = pattern(16), tail = pattern(536, 1);
    const std::array<Bytes, 3> chunks{Bytes(head), Bytes(), Bytes(tail)};
    ASSERT_TRUE(node.groups.send("sync", chunks));
    node.groups.token_received();
    const auto packet = node.port.take();
    const std::vector<std::uint8_t> start{0, 0, 0, 0, 0, 0, 1, 0, 0x30, 0x02, 1, 0, 4, 0, 0x73, 0x79, 0x6e, 0x63};
    ASSERT_EQ(packet.size(), start.size() + 552);
    EXPECT_TRUE(std::equal(start.begin(), start.end(), packet.begin()));
    EXPECT_TRUE(std::equal(tail.begin(), tail.end(), packet.end() - 536));
}

TEST(Packing, SmallMessagesBetweenTwoTokensTravelTogether) {
    Endpoint node;
    for (std::size_t size : {32u, 32u, 35u})
        ASSERT_TRUE(node.send(pattern(size)));
    node.groups.token_received();
    node.groups.token_received();
    EXPECT_THAT(sent(node), ElementsAre("0/0 [37,37,40]"));
}

TEST(Packing, DownlistIsCutAt1400Bytes) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1568)));
    node.groups.token_received();
    EXPECT_THAT(sent(node), ElementsAre("1/0 [1400]", "0/1 [173]"));
    EXPECT_EQ(node.port.packet(0).size(), 1410u);
}

TEST(Packing, FullPacketsAreExactlyM) {
    for (std::size_t m : {1270u, 1202u, 1238u, 1102u, 1410u, 9910u}) {
        Endpoint node({Dialect::v2, kNativeOrder, m});
        ASSERT_TRUE(node.send(pattern(20000)));
        for (std::size_t i = 0; i < node.port.frames.size(); ++i)
            EXPECT_EQ(node.port.packet(i).size(), m);
        EXPECT_EQ(node.port.frames.size(), (20000 + kHeaderA) / (m - 10));
    }
}

TEST(Packing, AMessageThatFillsThePacketGoesAtOnceUnfragmented) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1400 - kHeaderA)));
    EXPECT_THAT(sent(node), ElementsAre("0/0 [1400]"));
}

TEST(Packing, APacketFinishesOneMessageCarriesOthersAndStartsTheNext) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1500)));  // 1505: 1400 + 105
    ASSERT_TRUE(node.send(pattern(95)));
    ASSERT_TRUE(node.send(pattern(1495)));
    node.groups.token_received();
    // 1410 = 8 + 3*2 + 105 + 100 + 1191
    EXPECT_THAT(sent(node), ElementsAre("1/0 [1400]", "1/1 [105,100,1191]", "0/1 [309]"));
}

TEST(Packing, FragmentNumbersSkipZeroAfter255) {
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 2974);
    ASSERT_TRUE(node.send(pattern(1400 * 300)));
    ASSERT_GE(node.port.frames.size(), 300u);
    EXPECT_EQ(describe(node.port.packet(253)), "254/253 [1400]");
    EXPECT_EQ(describe(node.port.packet(254)), "255/254 [1400]");
    EXPECT_EQ(describe(node.port.packet(255)), "1/255 [1400]");
    EXPECT_EQ(describe(node.port.packet(256)), "2/1 [1400]");
}

// Regression, found by the simulator: a join of a process was cut, the ring changed between its halves, and those who
// joined never learned of the process.
TEST(Packing, SmallMessagesAreNotCut) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1200)));
    ASSERT_TRUE(node.send(pattern(200)));
    ASSERT_TRUE(node.send(pattern(256 - kHeaderA)));
    node.groups.token_received();
    EXPECT_THAT(sent(node), ElementsAre("0/0 [1205]", "0/0 [205,256]"));
}

TEST(Packing, NoMessageIsBegunInTheLastFewBytes) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1380)));
    ASSERT_TRUE(node.send(pattern(100)));
    node.groups.token_received();
    EXPECT_THAT(sent(node), ElementsAre("0/0 [1385]", "0/0 [105]"));
}

// 2.x peers append whole packets to a buffer of 1 MiB without looking.
TEST(Packing, EndOfAMessageNearOneMiBTravelsAlone) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(kMaxMessage - kHeaderA)));
    ASSERT_TRUE(node.send(pattern(10)));
    node.groups.token_received();
    const std::size_t last = node.port.frames.size() - 1;
    EXPECT_EQ(describe(node.port.packet(last)), "0/0 [15]");
    pg::Packet packet;
    ASSERT_EQ(pg::decode(node.port.packet(last - 1), kNativeOrder, packet), pg::PacketError::none);
    EXPECT_EQ(packet.count, 1u);
    EXPECT_EQ(packet.fragmented, 0u);
}

TEST(Packing, WritesTheConfiguredByteOrder) {
    Endpoint node({Dialect::v3, opposite(kNativeOrder), 1410});
    ASSERT_TRUE(node.send(pattern(10)));
    node.groups.token_received();
    EXPECT_EQ(describe(node.port.packet(0), opposite(kNativeOrder)), "0/0 [15]");
    const std::vector<std::uint8_t> packet = node.port.take();
    Endpoint peer;
    peer.deliver(9, packet, opposite(kNativeOrder));
    ASSERT_EQ(peer.inbox.messages.size(), 1u);
    EXPECT_EQ(peer.inbox.messages[0], (Received{9, opposite(kNativeOrder), pattern(10)}));
}

TEST(Packing, RefusesWhatCanNeverBeSent) {
    Endpoint node;
    EXPECT_FALSE(node.send(pattern(kMaxMessage - kHeaderA + 1)));
    EXPECT_FALSE(node.groups.send(std::string(pg::kMaxGroupName + 1, 'x'), {}));
    const std::vector<Bytes> chunks(pg::kMaxChunks + 1);
    EXPECT_FALSE(node.groups.send("a", chunks));
    node.groups.token_received();
    EXPECT_TRUE(node.port.frames.empty());
}

TEST(Packing, AllOrNothingWhenTheQueueIsNearlyFull) {
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 12);  // room for 10 packets
    EXPECT_FALSE(node.send(pattern(1386 * 10)));
    EXPECT_TRUE(node.port.frames.empty());
    EXPECT_TRUE(node.send(pattern(1386 * 9)));
    EXPECT_FALSE(node.send(pattern(1386 * 3)));
    const std::size_t queued = node.port.frames.size();
    node.groups.token_received();
    EXPECT_EQ(node.port.frames.size(), queued + 1) << "the staged rest finds a slot";
}

// Whatever the mix of sizes, a send the room test admits is never refused by the queue.
TEST(Packing, AdmittedMessagesAlwaysFitTheQueue) {
    for (std::size_t m : {64u, 200u, 1102u, 1410u, 9910u}) {
        const std::size_t capacity = 4 * kMaxMessage / m;
        Endpoint node({Dialect::v3, kNativeOrder, m}, capacity);
        unsigned random = 1;
        for (int i = 0; i < 20000 && node.port.room() != 0; ++i) {
            random = random * 1664525 + 1013904223;
            const std::size_t size = (random >> 8) % (i % 7 == 0 ? 300000 : 3 * m);
            const auto before = node.groups.statistics().packets_sent;
            if (node.send(pattern(size))) continue;
            EXPECT_EQ(node.groups.statistics().packets_sent, before) << "refused as a whole";
        }
        node.groups.token_received();
        Endpoint peer;
        while (!node.port.frames.empty())
            peer.deliver(1, node.port.take());
        EXPECT_EQ(peer.groups.statistics().dropped_out_of_sequence, 0u);
    }
}

}  // namespace
}  // namespace totem::test
