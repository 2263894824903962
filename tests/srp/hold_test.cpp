// Where the token stays in a ring of ours: token_hold.cpp.
#include <gtest/gtest.h>

#include "tests/srp/harness.hpp"

namespace totem::srp::test {
namespace {

using wire::PacketType;

class Hold : public DialectTest {
protected:
    void form_holding(const Companionship& members) {
        net.pace = {.early_requests = true, .watch_processes = true, .hold_at_sender = true};
        net.queue_capacity = 2000;
        form({1, 2, 3});
        for (auto& [id, node] : net.nodes)
            node->ring().set_companionship(members);
    }
    void form_ours() { form_holding({.headroom = 400, .hold_at_sender = true}); }
    // As a layer above does with one message of a client.
    void send(NodeId id, const std::string& text) {
        EXPECT_TRUE(net[id].send(text));
        net[id].ring().request_token(net.now);
    }
    bool delivered_everywhere(std::size_t count, Duration limit = 1s) {
        const auto all = [&] {
            return std::ranges::all_of(net.nodes, [&](auto& n) { return n.second->deliveries.size() == count; });
        };
        return net.run_until(all, limit);
    }
    // Node `id` sends its next message when the one before was delivered to it.
    void send_one_by_one(NodeId id, int count) {
        int sent = 0;
        const std::size_t before = net[id].deliveries.size();
        net[id].on_deliver = [&, id](const Node::Delivered& message) {
            if (message.originator == id && sent < count) send(id, std::to_string(++sent));
        };
        send(id, std::to_string(++sent));
        EXPECT_TRUE(delivered_everywhere(before + static_cast<std::size_t>(count)));
        net[id].on_deliver = nullptr;
    }
    // Node 2 keeps the token busy with messages one by one; node 3 has a message of node 1 in time all the same.
    void expect_heard_beside_one_by_one(Duration limit) {
        int sent = 0;
        net[2].on_deliver = [&](const Node::Delivered& message) {
            if (message.originator == 2 && ++sent < 5000) send(2, "on and on");
        };
        send(2, "on and on");
        net.run_for(30ms);
        const Instant before = net.now;
        send(1, "here");
        ASSERT_TRUE(net.run_until([&] {
            return std::ranges::any_of(net[3].deliveries, [](const auto& message) { return message.originator == 1; });
        }));
        EXPECT_LE(net.now - before, limit);
        net[2].on_deliver = nullptr;
    }
    // The first message of the ring comes from there, and nothing else.
    void rest_at(NodeId id) {
        send(id, "first");
        ASSERT_TRUE(delivered_everywhere(1));
        net.run_for(20ms);
    }
    std::size_t tokens_since(std::size_t mark) { return net.count(PacketType::token, mark); }
};
INSTANTIATE_TEST_SUITE_P(Dialects, Hold, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

TEST_P(Hold, TheTokenStaysWithWhoSendsOneMessageAtATime) {
    form_ours();
    const std::size_t mark = net.packets.size();
    send_one_by_one(2, 200);
    EXPECT_LT(tokens_since(mark), 60u) << "200 rotations of 3 otherwise";
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 0u);
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

// The window of what nobody has acknowledged is bounded.
TEST_P(Hold, ItGoesRoundInTime) {
    form_ours();
    net.record = false;
    send_one_by_one(2, 1000);
    EXPECT_GE(net[1].seen.tokens, 1000u / 200) << "half of what sockets hold";
}

TEST_P(Hold, OfAnIdleRingItRestsWithWhoSentLast) {
    form_ours();
    ASSERT_NO_FATAL_FAILURE(rest_at(3));
    std::size_t mark = net.packets.size();
    net.run_for(100ms);
    EXPECT_LE(tokens_since(mark), 6u) << "a rotation in each hold time";
    EXPECT_LE(net.count(PacketType::merge_detect, mark), 2u);

    mark = net.packets.size();
    const Instant before = net.now;
    send(3, "second");
    ASSERT_TRUE(delivered_everywhere(2));
    EXPECT_LT(net.now - before, 2 * net.latency) << "one way, no rotation";
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 0u);
}

TEST_P(Hold, OthersAskForIt) {
    form_ours();
    ASSERT_NO_FATAL_FAILURE(rest_at(3));
    const std::size_t mark = net.packets.size();
    const Instant before = net.now;
    send(2, "from elsewhere");
    ASSERT_TRUE(delivered_everywhere(2));
    EXPECT_LE(net.now - before, 5 * net.latency);
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 1u);
    // It rests with its new sender.
    net.run_for(20ms);
    const Instant again = net.now;
    send(2, "from there again");
    ASSERT_TRUE(delivered_everywhere(3));
    EXPECT_LT(net.now - again, 2 * net.latency);
}

// Nobody waits until the token has to go round.
TEST_P(Hold, OthersAreNotKeptWaiting) {
    form_ours();
    expect_heard_beside_one_by_one(6 * net.latency);
}

// Nobody knows yet that node 2 will go on sending.
TEST_P(Hold, ItStaysOnlyWhenTheOthersCanKnow) {
    form_ours();
    send(3, "before");
    const std::size_t mark = net.packets.size();
    ASSERT_TRUE(net.run_until([&] { return tokens_since(mark) == 5; })) << "it goes round empty, and rests later";
    send(2, "first");
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == 2; }));
    const Instant before = net.now;
    send(1, "here");
    ASSERT_TRUE(delivered_everywhere(3));
    EXPECT_LE(net.now - before, 5 * net.latency);
}

TEST_P(Hold, ItGoesOnWhereMessagesComeTogether) {
    form_ours();
    ASSERT_NO_FATAL_FAILURE(rest_at(2));
    const std::size_t mark = net.packets.size();
    send(2, "one");
    send(2, "two");
    ASSERT_TRUE(delivered_everywhere(3));
    net.run_for(3 * net.latency);
    EXPECT_GE(tokens_since(mark), 3u);
}

// Wherever it rested, who leaves sees it twice at once: farewells are sent, and asked for again where they got lost.
TEST_P(Hold, WhoLeavesDoesNotWaitForIt) {
    form_ours();
    net.record = false;
    std::size_t messages = 0;
    for (const NodeId leaving : {1, 2, 3}) {
        for (const NodeId resting : {1, 2, 3}) {
            SCOPED_TRACE("node " + std::to_string(leaving) + " leaves, the token rests with " +
                         std::to_string(resting));
            send(resting, "rest");
            ASSERT_TRUE(delivered_everywhere(++messages));
            net.run_for(7s);  // more than 30 rotations
            const auto visits = net[leaving].seen.tokens;
            const Instant before = net.now;
            ASSERT_TRUE(net[leaving].send("farewell"));
            net[leaving].ring().prepare_leave(net.now);
            ASSERT_TRUE(net.run_until([&] { return net[leaving].seen.tokens >= visits + 2; }));
            EXPECT_LE(net.now - before, 10 * net.latency);
            EXPECT_TRUE(delivered_everywhere(++messages, 0s));
            net[leaving].ring().set_companionship({.headroom = 400, .hold_at_sender = true});  // it stays after all
        }
    }
}

// Portions of a stream, of which each would cost all members a wake-up.
TEST_P(Hold, WhatOneSendsAllTheTimeIsGathered) {
    form_ours();
    net.record = false;
    const auto stream = [&](Duration how_long) {
        for (const Instant end = net.now + how_long; net.now < end;) {
            send(2, "one");
            send(2, "and one more");
            net.run_for(100us);
        }
    };
    stream(200ms);
    const std::size_t before = net[1].seen.tokens, delivered = net[1].deliveries.size();
    stream(50ms);
    EXPECT_GT(net[1].seen.tokens, before) << "what is sent is acknowledged";
    EXPECT_LT(net[1].seen.tokens - before, 20u) << "300 rotations otherwise";
    EXPECT_GE(net[1].deliveries.size() - delivered, 980u);
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);

    // Others ask for the token, and who streams no longer does so alone.
    const Instant asked = net.now;
    send(1, "here");
    send(2, "and on");
    ASSERT_TRUE(net.run_until([&] { return net[3].deliveries.back().originator == 1; }));
    EXPECT_LE(net.now - asked, 6 * net.latency);

    // And what came last does not wait for more.
    net.run_for(20ms);
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

// What those ask who could take messages of clients in portions.
TEST_P(Hold, MessagesOfABusyNodeLeaveLater) {
    form_ours();
    EXPECT_FALSE(net[2].ring().sends_later()) << "the token rests";
    send(2, "one");
    send(2, "two");
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == 2; }));
    EXPECT_TRUE(net[2].ring().sends_later()) << "it has just passed";
    EXPECT_FALSE(net[1].ring().sends_later()) << "who had nothing to send might have to ask for it";
    net.run_for(20ms);
    EXPECT_FALSE(net[2].ring().sends_later());
    // With who sends one by one it stays.
    send_one_by_one(2, 20);
    EXPECT_FALSE(net[2].ring().sends_later());
    // A stream is gathered, until it is enough.
    unsigned sent = 0, later = 0;
    for (const Instant end = net.now + 200ms; net.now < end; net.run_for(100us)) {
        send(2, "one");
        send(2, "and one more");
        if (end - net.now > 50ms) continue;
        ++sent;
        later += net[2].ring().sends_later() ? 1 : 0;
    }
    EXPECT_GT(later, sent * 8 / 10) << "always but when it is enough";
    ASSERT_TRUE(net.run_until([&] { return net[2].ring().sends_later(); }));
    for (std::uint32_t i = 0; i < StreamGathering::kEnough; ++i)
        send(2, "many");
    EXPECT_FALSE(net[2].ring().sends_later());
}

// Who misses a message learns it from the token.
TEST_P(Hold, ItGoesOnWhileMessagesAreLost) {
    form_ours();
    bool lost = false;
    net.lose = [&](const Packet& packet, NodeId to) {
        return !lost && packet.type == PacketType::mcast && to == 1 && (lost = true);
    };
    send_one_by_one(2, 3);
    const std::size_t mark = net.packets.size();
    send_one_by_one(2, 4);
    EXPECT_GE(tokens_since(mark), 12u) << "a rotation each";
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
}

// Who cannot ask for it waits no longer than for a rotation of corosync's.
TEST_P(Hold, BesideOthersItStaysForAFewMessages) {
    form_holding({});
    const std::size_t mark = net.packets.size();
    send_one_by_one(2, 200);
    EXPECT_LT(tokens_since(mark), 3u * 200 / 4);
    EXPECT_GE(tokens_since(mark), 3u * 200 / 8);
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);

    expect_heard_beside_one_by_one(500us + 6 * net.latency);
}

TEST_P(Hold, BesideOthersItDoesNotWaitLongForTheNextMessage) {
    form_holding({});
    send_one_by_one(2, 20);
    const std::size_t mark = net.packets.size();
    ASSERT_TRUE(net.run_until([&] { return tokens_since(mark) > 0; }, 150us + 3 * net.latency));
}

TEST_P(Hold, WithOthersTheRepresentativeHoldsIt) {
    form_holding({});
    send(3, "first");
    ASSERT_TRUE(delivered_everywhere(1));
    net.run_for(200ms);
    std::size_t mark = net.packets.size();
    send(3, "second");
    ASSERT_TRUE(delivered_everywhere(2));
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 1u);
    // Which sends what it has itself at once: the others cannot tell.
    net.run_for(200ms);
    mark = net.packets.size();
    const Instant before = net.now;
    send(1, "third");
    ASSERT_TRUE(delivered_everywhere(3));
    EXPECT_LT(net.now - before, 2 * net.latency);
    EXPECT_EQ(net.count(PacketType::hold_cancel, mark), 0u);
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

}  // namespace
}  // namespace totem::srp::test
