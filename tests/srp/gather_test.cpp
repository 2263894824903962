// Gathering where nodes disagree about who is there (totem-srp.md sections 13 and 27).
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"
#include "totem/srp/node_set.hpp"

namespace totem::srp::test {
namespace {

using wire::PacketType;

class Gathering : public DialectTest {
protected:
    // Node 1 in COMMIT for the ring of 1 and 2, its commit token lost.
    void start_and_wait_for_commit() {
        form({1});
        net.lose = [](const Packet& packet, NodeId to) {
            return packet.type == PacketType::commit_token && packet.from != to;
        };
        net.add(2).start();
        ASSERT_TRUE(net.run_until([&] { return net[1].ring().state() == State::commit; }));
    }
    std::vector<std::uint8_t> join(NodeId from, std::initializer_list<NodeId> proc, std::uint64_t ring_seq) {
        wire::Join packet;
        packet.header = {PacketType::join, 0, from, 0, kNativeOrder};
        packet.system_from = node(from);
        for (NodeId id : proc)
            packet.proc_list.push_back(node(id));
        packet.ring_seq = ring_seq;
        return encoded(packet);
    }
    // The last join that `from` multicast.
    wire::Join last_join(NodeId from) {
        wire::Join packet;
        const auto sent = std::find_if(net.packets.rbegin(), net.packets.rend(), [&](const Packet& candidate) {
            return candidate.from == from && candidate.type == PacketType::join;
        });
        EXPECT_NE(sent, net.packets.rend());
        if (sent == net.packets.rend()) return packet;
        EXPECT_EQ(codec.decode(sent->bytes, packet), wire::Drop::none);
        return packet;
    }
    bool gathers_with(NodeId who, NodeId with) { return contains(last_join(who).proc_list, node(with)); }
};
INSTANTIATE_TEST_SUITE_P(Dialects, Gathering, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

// Nodes that have each failed another one, and hear each other only then.
TEST_P(Gathering, DifferentFailedListsDoNotKeepTwoNodesGathering) {
    form({1, 3});
    Net& n = net;
    n.lose = [](const Packet& packet, NodeId to) { return (packet.from % 2) != (to % 2); };
    n.add(2).start();
    n.add(4).start();
    ASSERT_TRUE(n.run_until([&] { return n.settled({1, 3}) && n.settled({2, 4}); }));
    n.kill(3);
    n.kill(4);
    const auto failing = [&](NodeId id) { return n[id].seen.gather_reasons.back() == GatherReason::consensus_timeout; };
    n.lose = [](const Packet& packet, NodeId to) {
        return (packet.from % 2) != (to % 2) || (packet.type == PacketType::join && packet.from == to);
    };
    ASSERT_TRUE(n.run_until([&] { return failing(1) && failing(2); }));
    n.lose = nullptr;
    const std::size_t mark = n.packets.size();
    EXPECT_TRUE(n.settle({1, 2}, ms(n.parameters.token + 2 * n.parameters.consensus + 2 * n.parameters.hold) + 2s));
    EXPECT_LT(n.count(PacketType::join, mark), 1000u);
}

// 27 quirk 16: a name nobody answers to costs a consensus timeout once, not whenever somebody repeats it.
TEST_P(Gathering, HearsayOfASilentNodeIsBelievedOnce) {
    form({1, 2});
    net.inject(1, join(2, {1, 2, 9}, net[1].ring().ring_id().seq));
    EXPECT_TRUE(gathers_with(1, 9));
    ASSERT_TRUE(net.settle({1, 2}));
    net.run_for(1s);

    net.inject(1, join(2, {1, 2, 9}, net[1].ring().ring_id().seq));
    EXPECT_EQ(net[1].ring().state(), State::gather);
    EXPECT_FALSE(gathers_with(1, 9));
    ASSERT_TRUE(net.settle({1, 2}, ms(net.parameters.consensus) / 2));
    net.run_for(1s);

    net.inject(1, join(9, {9}, 1));
    EXPECT_TRUE(gathers_with(1, 9));
    ASSERT_TRUE(net.settle({1, 2}));
}

TEST_P(Gathering, ASilentNodeThatComesBackIsTakenIn) {
    form({1, 2, 3});
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    net.add(4).start();
    ASSERT_TRUE(net.settle({1, 2, 4}));
    net[3].alive = true;
    net[3].ring().on_timeout(net.now);
    EXPECT_TRUE(net.settle({1, 2, 3, 4}));
}

// The sender of such a join is a member of the ring to be and will refuse its commit token.
TEST_P(Gathering, CommitEndsWhenAMemberKnowsMore) {
    start_and_wait_for_commit();
    const Instant since = net.now;
    net.inject(1, join(2, {1, 2, 3}, 0));
    EXPECT_EQ(net[1].ring().state(), State::gather);
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::join_commit);
    EXPECT_TRUE(gathers_with(1, 3));
    EXPECT_LT(net.now - since, ms(net.parameters.token) / 2);
}

// What says nothing new must not: it may have been sent before its sender agreed.
TEST_P(Gathering, CommitSurvivesALateJoin) {
    start_and_wait_for_commit();
    net.inject(1, join(2, {1, 2}, 0));
    net.inject(1, join(2, {2}, 0));
    EXPECT_EQ(net[1].ring().state(), State::commit);
}

// A quick restart, and the network gives us our own goodbye.
TEST_P(Gathering, TheLeaveOfTheLifeBeforeIsNotOurs) {
    form({1});
    const std::uint64_t before = net[1].ring().ring_id().seq;
    wire::Join leave;
    leave.header = {PacketType::join, 0, 0, 0, kNativeOrder};
    leave.system_from = node(1);
    leave.proc_list = {node(2)};
    leave.failed_list = {node(1)};
    leave.ring_seq = before;
    const auto bytes = encoded(leave);
    net.inject(1, bytes);
    net[1].ring().force_gather(net.now);
    net.inject(1, bytes);
    ASSERT_TRUE(net.run_until([&] { return net[1].ring().state() == State::commit; }));
    net.inject(1, bytes);
    EXPECT_TRUE(net.settle({1}, 100ms));
}

// A quick restart, and the commit token of the life before comes round a second time.
TEST_P(Gathering, ACommitTokenFilledByTheLifeBeforeIsNotOurs) {
    form({1});
    wire::CommitToken complete;
    net.lose = [&](const Packet& packet, NodeId to) {
        wire::CommitToken token;
        if (packet.from != 1 || to != 2 || codec.decode(packet.bytes, token) != wire::Drop::none) return false;
        if (token.memb_index != 2) return false;
        complete = token;
        return true;
    };
    net.add(2).start();
    ASSERT_TRUE(net.run_until([&] { return !complete.members.empty(); }));
    ASSERT_EQ(net[2].ring().state(), State::commit);

    wire::CommitToken old = complete;
    old.entries[1].ring.seq += 4;
    const auto before = net[2].ring().statistics(net.now).rx_implausible;
    net.inject(2, encoded(old));
    EXPECT_EQ(net[2].ring().state(), State::commit);
    EXPECT_EQ(net[2].ring().statistics(net.now).rx_implausible, before + 1);
    net.inject(2, encoded(complete));
    EXPECT_EQ(net[2].ring().state(), State::recovery);
}

// 27 quirk 12: upstream's would act on whatever state comes next.
TEST_P(Gathering, TheHeartbeatEndsWithTheRing) {
    net.parameters.heartbeat_failures_allowed = 1;
    net.parameters.max_network_delay = 10;
    form({1, 2});
    net[1].send("an idle ring has no heartbeat");
    ASSERT_TRUE(net.run_until([&] { return !net[2].deliveries.empty(); }));
    net.lose = [](const Packet& packet, NodeId to) { return packet.from != to; };
    net[1].ring().force_gather(net.now);
    const std::size_t reasons = net[1].seen.gather_reasons.size();
    const Duration period = ms(net.parameters.token_retransmit + net.parameters.max_network_delay);
    ASSERT_LT(period, ms(net.parameters.consensus) / 2);
    net.run_for(period + 100ms);
    EXPECT_EQ(net[1].seen.gather_reasons.size(), reasons);
    EXPECT_EQ(net[1].ring().state(), State::gather);
}

}  // namespace
}  // namespace totem::srp::test
