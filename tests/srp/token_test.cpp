// The regular token in a ring that stands: hold, retransmission, flow control, release (totem-srp.md sections 7 to 12).
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

using Lines = std::vector<std::string>;
using wire::PacketType;

class TokenRing : public DialectTest {
protected:
    void idle() { net.run_for(2s); }
};
INSTANTIATE_TEST_SUITE_P(Dialects, TokenRing, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

TEST_P(TokenRing, IdleRingRotatesOncePerHoldPeriod) {
    form({1, 2, 3});
    idle();
    ASSERT_TRUE(net.run_until([&] { return net.packets.back().type == PacketType::merge_detect; }));
    const std::size_t mark = net.packets.size();
    net.run_for(10 * ms(net.parameters.hold) + 10ms);
    EXPECT_EQ(net.count(PacketType::token, mark), 30u);  // I21
    EXPECT_EQ(net.count(PacketType::merge_detect, mark), 10u);
    EXPECT_EQ(net.packets.size() - mark, 40u);
    for (std::size_t i = mark; i < net.packets.size(); ++i) {
        EXPECT_TRUE(net.packets[i].type != PacketType::merge_detect || net.packets[i].from == 1);
    }
}

TEST_P(TokenRing, HoldsAfterThirtyRotationsWithoutMessages) {
    form({1, 2, 3});
    idle();
    net[2].send("x");
    ASSERT_TRUE(net.run_until([&] { return net[1].deliveries.size() == 1; }));
    const std::size_t mark = net.packets.size();
    net.run_for(100ms);
    // The representative sees the new seq once, then 31 times unchanged; the last of these it keeps.
    const std::size_t sent = net.count(PacketType::token, mark);
    EXPECT_GE(sent, 31u * 3 - 2);
    EXPECT_LE(sent, 31u * 3 + 2);
}

TEST_P(TokenRing, HoldCancelReleasesTheTokenAtOnce) {
    form({1, 2, 3});
    for (NodeId sender = 1; sender <= 3; ++sender) {
        idle();
        const std::size_t mark = net.packets.size();
        const Instant begin = net.now;
        net[sender].send("urgent");
        net[sender].send("twins");  // one cancel is enough
        ASSERT_TRUE(net.run_until([&] { return net[sender].deliveries.size() == 2 * sender; }));
        EXPECT_LT(net.now - begin, 1ms);
        EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 1u);
        EXPECT_EQ(net.packets[mark].from, sender);
    }
    EXPECT_EQ(net[1].ring().statistics(net.now).token_hold_cancel_rx, 3u);  // its own, too
    idle();
    const std::size_t mark = net.packets.size();
    net[2].ring().request_token(net.now);
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 1u);
    net[2].ring().request_token(net.now);
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 1u);
}

TEST_P(TokenRing, LostTokenIsSentAgain) {
    form({1, 2, 3});
    idle();
    std::size_t lost = 0;
    net.lose = [&](const Packet& packet, NodeId) { return packet.type == PacketType::token && lost++ < 3; };
    const std::size_t mark = net.packets.size();
    net.run_for(ms(net.parameters.token) + 1s);
    EXPECT_GE(lost, 3u);
    EXPECT_TRUE(net.settled({1, 2, 3}));
    EXPECT_EQ(net.count(PacketType::join, mark), 0u);
    EXPECT_EQ(net[1].ring().statistics(net.now).operational_token_lost, 0u);
}

TEST_P(TokenRing, DuplicatedTokensAreHandledOnce) {
    form({1, 2, 3});
    for (NodeId id = 1; id <= 3; ++id)
        net[id].keep_tokens = true;
    std::vector<Packet> copies;
    const std::size_t mark = net.packets.size();
    net[1].send("a");
    net.run_for(20ms);
    const std::size_t end = net.packets.size();
    for (std::size_t i = mark; i < end; ++i) {
        if (net.packets[i].type == PacketType::token) net.inject(net.packets[i].to, net.packets[i].bytes);
    }
    net.run_for(1s);
    std::set<std::uint32_t> seen;
    for (NodeId id = 1; id <= 3; ++id) {
        for (const wire::Token& token : net[id].seen.tokens_out)
            EXPECT_TRUE(seen.insert(token.token_seq).second);
    }
    EXPECT_GT(seen.size(), 30u);
    EXPECT_TRUE(net.settled({1, 2, 3}));
}

TEST_P(TokenRing, FlowControlLimitsVisitAndRotation) {  // I18
    net.queue_capacity = 2000;
    form({1, 2, 3});
    net.record = false;
    for (NodeId id = 1; id <= 3; ++id) {
        net[id].keep_tokens = true;
        for (int i = 0; i < 1500; ++i)
            ASSERT_TRUE(net[id].send(std::to_string(i)));
    }
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == 4500 && net[3].deliveries.size() == 4500; }));
    net.run_for(1s);
    for (NodeId id = 1; id <= 3; ++id) {
        EXPECT_EQ(net[id].deliveries, net[1].deliveries);
        const auto& tokens = net[id].seen.tokens_out;
        for (const wire::Token& token : tokens)
            EXPECT_LE(token.fcc, net.parameters.window_size);
    }
    // Each sender's messages in its order.
    std::map<NodeId, int> next;
    for (const auto& each : net[1].deliveries)
        EXPECT_EQ(each.payload, std::to_string(next[each.originator]++));
    std::vector<wire::Token> all;
    for (NodeId id = 1; id <= 3; ++id) {
        all.insert(all.end(), net[id].seen.tokens_out.begin(), net[id].seen.tokens_out.end());
    }
    std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.token_seq < b.token_seq; });
    for (std::size_t i = 1; i < all.size(); ++i)
        EXPECT_LE(all[i].seq - all[i - 1].seq, net.parameters.max_messages);
    EXPECT_EQ(all.back().backlog, 0u);
    EXPECT_EQ(all.back().fcc, 0u);
}

TEST_P(TokenRing, MessagesAreFreedOnlyWhenTwoTokensShowTheAru) {
    form({1, 2, 3});
    idle();
    const std::size_t used = net[1].pool.in_use();
    net.lose = [](const Packet& packet, NodeId to) { return packet.type == PacketType::mcast && to == 3; };
    const std::size_t frees = net[1].seen.freed.size();
    for (int i = 0; i < 5; ++i)
        net[1].send("kept");
    net.run_for(50ms);
    EXPECT_EQ(net[2].deliveries.size(), 5u);
    EXPECT_EQ(net[1].seen.freed.size(), frees);  // node 3 has nothing yet
    EXPECT_GE(net[1].pool.in_use(), used + 5);
    net.lose = nullptr;
    net[2].send("go on");
    net.run_for(100ms);
    EXPECT_EQ(net[3].deliveries.size(), 6u);
    for (NodeId id = 1; id <= 3; ++id)
        EXPECT_EQ(net[id].seen.freed.back().second, 6u) << id;
    EXPECT_EQ(net[1].pool.in_use(), used);
}

TEST_P(TokenRing, LossyNetworkLosesNoMessage) {
    form({1, 2, 3});
    net.record = false;
    std::uint32_t random = 1;
    net.lose = [&](const Packet& packet, NodeId) {
        random = random * 1664525 + 1013904223;
        return packet.type == PacketType::mcast && (random >> 24) < 50;  // one in five
    };
    for (int round = 0; round < 20; ++round) {
        for (NodeId id = 1; id <= 3; ++id) {
            for (int i = 0; i < 20; ++i)
                net[id].send(std::to_string(round * 20 + i));
        }
        net.run_for(50ms);
    }
    net.lose = nullptr;
    ASSERT_TRUE(net.run_until([&] {
        return std::all_of(net.nodes.begin(), net.nodes.end(),
                           [](auto& node) { return node.second->deliveries.size() == 1200; });
    }));
    EXPECT_EQ(net[2].deliveries, net[1].deliveries);
    EXPECT_EQ(net[3].deliveries, net[1].deliveries);
    EXPECT_GT(net[1].ring().statistics(net.now).mcast_retx, 0u);
    EXPECT_EQ(net[1].ring().statistics(net.now).operational_entered, net[1].heard.empty() ? 0u : 2u);
}

TEST_P(TokenRing, FullQueueRefusesAndLosesNothing) {
    net.queue_capacity = 10;
    form({1, 2});
    EXPECT_EQ(net[1].ring().room(), 8u);
    net[2].freeze();
    net.run_for(10ms);
    int accepted = 0;
    while (net[1].send(std::to_string(accepted)))
        ++accepted;
    EXPECT_GE(accepted, 9);
    EXPECT_EQ(net[1].ring().room(), 0u);
    net[2].thaw();
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == static_cast<std::size_t>(accepted); }));
    for (int i = 0; i < accepted; ++i)
        EXPECT_EQ(net[2].deliveries[static_cast<std::size_t>(i)].payload, std::to_string(i));
    EXPECT_EQ(net[1].ring().room(), 8u);
    EXPECT_FALSE(net[1].ring().submit(net.now, net[1].pool.allocate(3)));  // not even room for the fixed part
    EXPECT_FALSE(net[1].ring().submit(net.now, net[1].pool.allocate(FramePool::kLargeCapacity)));
}

// Sync messages go ahead of what clients queued before the change (section 3, waiting_trans_ack).
TEST_P(TokenRing, MessagesOfTheTransitionalPeriodOvertake) {
    form({1, 2});
    net[1].synchronize = false;
    net.lose = [](const Packet& packet, NodeId to) { return packet.from != to; };
    net.run_until([&] { return net[1].ring().state() == State::gather; });
    net[1].send("client");
    ASSERT_TRUE(net.settle({1}));
    net[1].send("sync");
    net.run_for(100ms);
    ASSERT_EQ(net[1].deliveries.size(), 1u);
    EXPECT_EQ(net[1].deliveries[0].payload, "sync");
    net[1].ring().synchronized();
    net[1].ring().request_token(net.now);
    net.run_for(2s);
    ASSERT_EQ(net[1].deliveries.size(), 2u);
    EXPECT_EQ(net[1].deliveries[1].payload, "client");
}

TEST_P(TokenRing, UpperMaySubmitFromEveryCallback) {
    form({1, 2});
    int answers = 0;
    for (NodeId id = 1; id <= 2; ++id) {
        net[id].on_deliver = [&, id](const Node::Delivered&) {
            if (answers < 500) net[id].send("answer " + std::to_string(++answers));
        };
    }
    bool once = true;
    net[2].on_token_received = [&] {
        if (std::exchange(once, false)) net[2].send("from token_received");
    };
    net[1].send("question");
    ASSERT_TRUE(net.run_until([&] { return net[1].deliveries.size() == 502 && net[2].deliveries.size() == 502; }));
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
}

// Node 3 hears tokens but never a message. Upstream gives up after 2500 visits, however short they took.
TEST_P(TokenRing, FailedToReceive) {
    for (const std::uint32_t floor : {0u, 2000u}) {
        Net lossy(GetParam());
        lossy.parameters.fail_recv_floor = floor;
        lossy.parameters.seqno_unchanged_const = 1'000'000;  // no hold: visits come every few hundred microseconds
        lossy.record = false;
        for (NodeId id = 1; id <= 3; ++id)
            lossy.add(id).start();
        ASSERT_TRUE(lossy.settle({1, 2, 3}));
        lossy.lose = [](const Packet& packet, NodeId to) { return packet.type == PacketType::mcast && to == 3; };
        const Instant begin = lossy.now;
        lossy[1].send("never heard by 3");
        ASSERT_TRUE(lossy.run_until([&] { return lossy[3].seen.failed_to_receive == 1; }));
        const Duration took = lossy.now - begin;
        EXPECT_GE(took, 2500 * 3 * lossy.latency);
        const Duration upstream = 2510 * 3 * lossy.latency;
        EXPECT_GE(took, ms(floor));
        EXPECT_LT(took, floor == 0 ? upstream : ms(floor) + 10ms);
        EXPECT_EQ(lossy[3].seen.gather_reasons.back(), GatherReason::failed_to_receive);
        // The others go on without it, it alone.
        ASSERT_TRUE(lossy.run_until([&] { return lossy.settled({1, 2}) && lossy.settled({3}); }, 100ms));
        EXPECT_EQ(lossy[1].deliveries.size(), 1u);
        EXPECT_TRUE(lossy[3].deliveries.empty());
    }
}

TEST_P(TokenRing, WindowNeverOverruns) {
    net.parameters.fail_recv_floor = 3'600'000;
    net.parameters.miss_count_const = 1'000'000;  // or the answers to node 2 use up what may be sent
    net.queue_capacity = 20000;
    form({1, 2});
    net.record = false;
    net.lose = [](const Packet& packet, NodeId to) { return packet.type == PacketType::mcast && to == 2; };
    for (int i = 0; i < 19000; ++i)
        ASSERT_TRUE(net[1].send("x"));
    net[1].keep_tokens = true;
    net.run_for(1s);
    const wire::Token last = net[1].seen.tokens_out.back();
    EXPECT_LT(last.seq, kWindow);
    EXPECT_GT(last.seq, kWindow - 200);
    net.lose = nullptr;
    net.parameters.miss_count_const = 5;
    net[2].ring().set_parameters(net.parameters);
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == 19000; }));
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
}

TEST_P(TokenRing, HeartbeatFindsADeadRingEarlier) {
    net.parameters.heartbeat_failures_allowed = 2;
    form({1, 2});
    idle();
    const Instant begin = net.now;
    net.kill(1);
    ASSERT_TRUE(net.run_until([&] { return net[2].ring().state() == State::gather; }));
    EXPECT_LE(net.now - begin, ms(2 * net.parameters.token_retransmit + net.parameters.max_network_delay));
}

// Values set at run time count from the next start of a timer.
TEST_P(TokenRing, ParametersChangeAtRunTime) {
    form({1, 2});
    idle();
    Parameters longer = net.parameters;
    longer.token *= 4;
    longer.token_retransmit *= 4;
    longer.consensus *= 4;
    net[2].ring().set_parameters(longer);
    net.run_for(1s);
    const Instant begin = net.now;
    net.kill(1);
    ASSERT_TRUE(net.run_until([&] { return net[2].ring().state() == State::gather; }));
    EXPECT_GT(net.now - begin, ms(3 * net.parameters.token));
}

TEST_P(TokenRing, HeartbeatCanBeSwitchedOnAtRunTime) {
    form({1, 2});
    idle();
    Parameters watchful = net.parameters;
    watchful.heartbeat_failures_allowed = 2;
    for (const NodeId node : {1, 2})
        net[node].ring().set_parameters(watchful);
    net.run_for(1s);
    const Instant begin = net.now;
    net.kill(1);
    ASSERT_TRUE(net.run_until([&] { return net[2].ring().state() == State::gather; }));
    EXPECT_LE(net.now - begin, ms(2 * watchful.token_retransmit + watchful.max_network_delay));
}

TEST_P(TokenRing, WarnsBeforeTheLoss) {
    form({1, 2});
    idle();
    net.kill(1);
    ASSERT_TRUE(net.run_until([&] { return net[2].ring().state() == State::gather; }));
    EXPECT_EQ(net[2].seen.warnings, GetParam() == Dialect::v3 ? 1u : 0u);
}

TEST_P(TokenRing, StatisticsAddUp) {
    form({1, 2});
    net.run_for(1s);
    net[1].ring().clear_statistics();
    net[1].send("a");
    net[2].send("b");
    net.run_for(1s);
    const Statistics s = net[1].ring().statistics(net.now);
    EXPECT_EQ(s.mcast_tx, 1u);
    EXPECT_EQ(s.mcast_rx, 2u);
    EXPECT_NEAR(static_cast<double>(s.orf_token_rx), static_cast<double>(s.orf_token_tx), 2);
    EXPECT_GT(s.orf_token_rx, 30u);
    EXPECT_EQ(s.rx_malformed + s.rx_implausible + s.rx_msg_dropped, 0u);
    EXPECT_LE(s.time_since_token_last_received, net.parameters.hold + 1);
}

// The time between two visits in one operational ring, neither across a change nor lost when statistics are cleared.
TEST_P(TokenRing, RotationsAreCounted) {
    form({1, 2, 3});
    idle();
    const auto total = [](const RotationHistogram& rotation) {
        return std::accumulate(rotation.counts.begin(), rotation.counts.end(), std::uint64_t{0});
    };
    const Statistics before = net[1].ring().statistics(net.now);
    net.run_for(10s);
    const std::uint64_t tokens = net[1].ring().statistics(net.now).orf_token_rx - before.orf_token_rx;
    net[1].ring().clear_statistics();
    const Statistics quiet = net[1].ring().statistics(net.now);
    EXPECT_EQ(total(quiet.rotation) - total(before.rotation), tokens);
    EXPECT_NEAR(static_cast<double>((quiet.rotation.sum - before.rotation.sum).count()), 10e9, 0.5e9);

    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    idle();
    const RotationHistogram changed = net[1].ring().statistics(net.now).rotation;
    // Without the silence in which the token was gone.
    EXPECT_EQ(std::accumulate(changed.counts.begin() + 24, changed.counts.end(), std::uint64_t{0}), 0u);
    EXPECT_EQ(changed.kBounds[23], 700'000u);
}

}  // namespace
}  // namespace totem::srp::test
