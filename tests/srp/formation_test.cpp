// Rings come into being (totem-srp.md sections 13 to 18, traces of section 22.1).
#include <gtest/gtest.h>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

using Lines = std::vector<std::string>;

class Formation : public testing::TestWithParam<Dialect> {};
INSTANTIATE_TEST_SUITE_P(Dialects, Formation, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

TEST_P(Formation, AloneFormsARingOfOneWithinAMillisecond) {
    Net net(GetParam());
    Node& one = net.add(1);
    const Instant begin = net.now;
    one.start();
    ASSERT_TRUE(net.settle({1}));
    EXPECT_LT(net.now - begin, 1ms);
    EXPECT_EQ(one.ring().ring_id().seq, 5u);  // 0 stored -> 1 start ring -> 5
    EXPECT_EQ(one.stored_seq, 5u);
    EXPECT_EQ(one.heard, (Lines{"trans 1.5 {} left {} joined {}", "regular 1.5 {1} left {} joined {1}"}));
    const Lines expected{
        "1 -> all JOIN ringseq 1 proc {1} failed {}",
        "1 -> 1 COMMIT 1.5 token_seq 1 index 1 {1} (1.1,0,0,1)",
        "1 -> 1 COMMIT 1.5 token_seq 2 index 1 {1} (1.1,0,0,1)",
        "1 -> 1 TOKEN 1.5 seq 0 token_seq 0 aru ffffffff addr 1 fcc 0 backlog 0 flg 0 rtr {}",
        "1 -> 1 TOKEN 1.5 seq 0 token_seq 1 aru 0 addr 0 fcc 0 backlog 0 flg 0 rtr {}",
        "1 -> 1 TOKEN 1.5 seq 0 token_seq 2 aru 0 addr 0 fcc 0 backlog 0 flg 0 rtr {}",
        "1 -> 1 TOKEN 1.5 seq 0 token_seq 3 aru 0 addr 0 fcc 0 backlog 0 flg 0 rtr {}",
        "1 -> 1 TOKEN 1.5 seq 0 token_seq 4 aru 0 addr 0 fcc 0 backlog 0 flg 0 rtr {}",
    };
    EXPECT_EQ(net.trace(), expected);
}

// A node whose own join is slow to come back hears the other first, as in the trace of section 22.1.
TEST_P(Formation, SecondAndThirdNodeJoinPacketByPacket) {
    Net net(GetParam());
    net.loopback_delay = 300us;
    Node& one = net.add(1);
    one.start();
    ASSERT_TRUE(net.settle({1}));
    for (int i = 0; i < 8; ++i)
        EXPECT_TRUE(one.send("sync"));
    net.run_for(2s);
    ASSERT_EQ(one.deliveries.size(), 8u);

    std::size_t mark = net.packets.size();
    Node& two = net.add(2);
    two.start();
    ASSERT_TRUE(net.settle({1, 2}));
    const Lines joining = matching(net.trace(mark), "JOIN");
    EXPECT_EQ(joining,
              (Lines{"2 -> all JOIN ringseq 1 proc {2} failed {}", "1 -> all JOIN ringseq 5 proc {1,2} failed {}",
                     "2 -> all JOIN ringseq 1 proc {2,1} failed {}"}));
    EXPECT_EQ(matching(net.trace(mark), "COMMIT"),
              (Lines{"1 -> 2 COMMIT 1.9 token_seq 1 index 1 {1,2} (1.5,8,8,1) -",
                     "2 -> 1 COMMIT 1.9 token_seq 2 index 2 {1,2} (1.5,8,8,1) (2.1,0,0,1)",
                     "1 -> 2 COMMIT 1.9 token_seq 3 index 2 {1,2} (1.5,8,8,1) (2.1,0,0,1)",
                     "2 -> 1 COMMIT 1.9 token_seq 4 index 2 {1,2} (1.5,8,8,1) (2.1,0,0,1)"}));
    const Lines tokens = matching(net.trace(mark), "TOKEN 1.9");
    ASSERT_GE(tokens.size(), 7u);
    EXPECT_EQ(tokens[0], "1 -> 2 TOKEN 1.9 seq 0 token_seq 0 aru ffffffff addr 1 fcc 0 backlog 0 flg 0 rtr {}");
    EXPECT_EQ(tokens[1], "2 -> 1 TOKEN 1.9 seq 0 token_seq 1 aru ffffffff addr 1 fcc 0 backlog 0 flg 0 rtr {}");
    EXPECT_EQ(tokens[2], "1 -> 2 TOKEN 1.9 seq 0 token_seq 2 aru 0 addr 0 fcc 0 backlog 0 flg 0 rtr {}");
    // Node 1 becomes operational at the visit that receives token_seq 7, the last to do so.
    EXPECT_NE(tokens.back().find("token_seq 8"), std::string::npos) << tokens.back();
    EXPECT_EQ(two.heard, (Lines{"trans 1.9 {} left {} joined {}", "regular 1.9 {1,2} left {} joined {1,2}"}));
    EXPECT_EQ((Lines{one.heard.end() - 2, one.heard.end()}),
              (Lines{"trans 1.9 {1} left {} joined {}", "regular 1.9 {1,2} left {} joined {2}"}));

    mark = net.packets.size();
    two.send("a");
    two.send("b");
    net.run_for(100us);
    const Lines first = matching(net.trace(mark), "2 -> ");
    ASSERT_GE(first.size(), 3u);
    EXPECT_EQ((Lines{first.begin(), first.begin() + 3}),
              (Lines{"2 -> all MCAST 1.9 seq 1", "2 -> all MCAST 1.9 seq 2",
                     "2 -> 1 TOKEN 1.9 seq 2 token_seq 9 aru 2 addr 0 fcc 2 backlog 2 flg 0 rtr {}"}));

    mark = net.packets.size();
    net.run_for(1s);
    Node& three = net.add(3);
    three.start();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    const Lines third = matching(net.trace(mark), "JOIN");
    ASSERT_EQ(third.size(), 4u);
    EXPECT_EQ(third[0], "3 -> all JOIN ringseq 1 proc {3} failed {}");
    EXPECT_EQ(third[1], "1 -> all JOIN ringseq 9 proc {1,2,3} failed {}");
    EXPECT_EQ(third[2], "2 -> all JOIN ringseq 9 proc {1,2,3} failed {}");
    EXPECT_EQ(third[3], "3 -> all JOIN ringseq 1 proc {3,1,2} failed {}");
    EXPECT_EQ(three.ring().ring_id().seq, 0xdu);
    EXPECT_EQ(three.heard.back(), "regular 1.d {1,2,3} left {} joined {1,2,3}");
    EXPECT_EQ(two.heard.back(), "regular 1.d {1,2,3} left {} joined {3}");
}

TEST_P(Formation, EverybodyAtOnceMergesIntoOneRing) {
    Net net(GetParam(), 8);
    std::vector<NodeId> all;
    for (NodeId id = 1; id <= 8; ++id) {
        net.add(id).start();
        all.push_back(id);
    }
    EXPECT_TRUE(net.settle(all, ms(net.parameters.token + 2 * net.parameters.consensus + 2 * net.parameters.hold +
                                   net.parameters.merge + 1000)));
    const std::size_t changes = net[1].heard.size();
    net.run_for(30s);
    EXPECT_EQ(net[1].heard.size(), changes);  // and stays
}

// A 2.x ring of one keeps its messages to itself, so its merge detects must not wait for a quiet moment.
TEST_P(Formation, BusyRingsOfOneMeet) {
    Net net(GetParam());
    net.lose = [](const Packet& packet, NodeId to) { return packet.from != to; };
    for (NodeId id = 1; id <= 2; ++id) {
        Node& node = net.add(id);
        node.on_token_received = [&node] { node.send("busy"); };
        node.start();
        ASSERT_TRUE(net.settle({id}));
    }
    net.record = false;
    net.run_for(100ms);
    net.lose = nullptr;
    EXPECT_TRUE(net.settle({1, 2}, ms(net.parameters.merge + 100)));
}

TEST_P(Formation, NodesOfBothByteOrdersShareARing) {
    Net net(GetParam());
    net.add(1, ByteOrder::little).start();
    net.add(2, ByteOrder::big).start();
    net.add(3, ByteOrder::little).start();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id = 1; id <= 3; ++id)
        net[id].send("from " + std::to_string(id));
    net.run_for(2s);
    for (NodeId id = 1; id <= 3; ++id) {
        ASSERT_EQ(net[id].deliveries.size(), 3u);
        EXPECT_EQ(net[id].deliveries, net[1].deliveries);
        for (const Node::Delivered& each : net[id].deliveries) {
            EXPECT_EQ(each.order, each.originator == 2 ? ByteOrder::big : ByteOrder::little);
            EXPECT_EQ(each.payload, "from " + std::to_string(each.originator));
        }
    }
}

TEST_P(Formation, RingSeqGrowsAcrossRestarts) {
    Net net(GetParam());
    net.add(1).start();
    ASSERT_TRUE(net.settle({1}));
    const std::uint64_t stored = net[1].stored_seq;
    net.kill(1);
    net.add(1).start(stored);
    ASSERT_TRUE(net.settle({1}));
    EXPECT_EQ(net[1].ring().ring_id().seq, stored + 1 + 4);
}

TEST_P(Formation, StopsWhenTheRingIdCannotBeStored) {
    Net net(GetParam());
    Node& one = net.add(1);
    one.storage_works = false;
    one.start();
    net.run_for(1s);
    EXPECT_EQ(one.seen.fatal, 1u);
    EXPECT_EQ(one.ring().next_timeout(), kNever);
    EXPECT_EQ(one.ring().room(), 0u);
    EXPECT_FALSE(one.send("x"));
    const std::size_t sent = net.packets.size();
    EXPECT_EQ(net.count(wire::PacketType::commit_token), 0u);  // no promise that was not written down
    one.leave();
    net.run_for(10s);
    EXPECT_EQ(net.packets.size(), sent);
}

TEST_P(Formation, SendJoinDelaysEveryJoinAndSendsWhatIsKnownThen) {
    Net net(GetParam());
    net.parameters.send_join = 80;
    net.add(1).start();
    EXPECT_TRUE(net.packets.empty());
    net.add(2).start();
    ASSERT_TRUE(net.settle({1, 2}));
    // The harness draws half the bound.
    EXPECT_EQ(net.packets.front().at - Instant(1s), 40ms);
}

TEST_P(Formation, AMemberThatRestartsUnnoticedIsLeftAndJoined) {
    Net net(GetParam());
    for (NodeId id = 1; id <= 3; ++id)
        net.add(id).start();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    net.run_for(1s);
    const std::uint64_t stored = net[3].stored_seq;
    net.add(3).start(stored);
    ASSERT_TRUE(net.run_until([&] { return net[3].heard.size() >= 2 && net.settled({1, 2, 3}); }));
    // Node 3 may have formed a ring of one first; the last change of the others tells.
    const Lines& heard = net[1].heard;
    EXPECT_NE(heard[heard.size() - 2].find("{1,2} left {3}"), std::string::npos) << heard[heard.size() - 2];
    EXPECT_NE(heard.back().find("{1,2,3} left {} joined {3}"), std::string::npos) << heard.back();
}

}  // namespace
}  // namespace totem::srp::test
