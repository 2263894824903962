// How much is sent, and what follows the token: pace.hpp, totem-srp.md section 25.
#include "totem/srp/pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/srp/harness.hpp"

namespace totem::srp::test {
namespace {

constexpr PaceOptions kAll{.accelerated = true, .adaptive_window = true, .early_requests = true};

void visits(Pace& pace, int count, std::uint32_t requested, bool held_back) {
    for (int i = 0; i < count; ++i)
        pace.observe({}, requested, held_back);
}

TEST(PaceTest, LimitsAreTheConfiguredOnesAmongOthers) {
    Pace pace(kAll);
    visits(pace, 100, 0, true);
    EXPECT_EQ(pace.limits({}).window_size, 50u);
    EXPECT_EQ(pace.limits({}).max_messages, 17u);
    EXPECT_FALSE(pace.asks_at_once());
}

TEST(PaceTest, LimitsGrowToWhatSocketsHoldWhileMessagesAreHeldBack) {
    Pace pace(kAll);
    pace.begin({.headroom = 500});
    visits(pace, 100, 0, false);
    EXPECT_EQ(pace.limits({}).window_size, 50u) << "nothing waits";
    visits(pace, 1, 0, true);
    EXPECT_EQ(pace.limits({}).window_size, 62u);
    visits(pace, 100, 0, true);
    EXPECT_EQ(pace.limits({}).window_size, 500u);
    EXPECT_EQ(pace.limits({}).max_messages, 170u);
    pace.begin({.headroom = 1000000});
    visits(pace, 1000, 0, true);
    EXPECT_EQ(pace.limits({}).window_size, 1024u) << "a rotation stays short";
    pace.begin({.headroom = 0});
    EXPECT_EQ(pace.limits({}).window_size, 50u);
    pace.begin({.headroom = 20});
    visits(pace, 100, 0, true);
    EXPECT_EQ(pace.limits({}).window_size, 50u) << "never below what is configured";
}

TEST(PaceTest, LimitsShrinkWhenMoreIsMissingThanATokenAsksFor) {
    Pace pace(kAll);
    pace.begin({.headroom = 450});
    visits(pace, 100, 0, true);
    visits(pace, 100, 10, true);
    EXPECT_EQ(pace.limits({}).window_size, 450u) << "repaired within a rotation";
    visits(pace, 1, kMaxRtrEntries, true);
    EXPECT_EQ(pace.limits({}).window_size, 250u);
    visits(pace, 3, kMaxRtrEntries, true);
    EXPECT_EQ(pace.limits({}).window_size, 250u) << "the same overrun";
    visits(pace, 100, kMaxRtrEntries, true);
    EXPECT_EQ(pace.limits({}).window_size, 50u);
}

// Messages as they are delivered, of one visit after the other: of node 2 so many, of us, of node 3 so many.
void rotations(Pace& pace, int count, int of_second, int ours, int of_third) {
    for (int i = 0; i < count; ++i) {
        for (const auto& [node, messages] :
             {std::pair(NodeId{2}, of_second), {NodeId{0}, ours}, {NodeId{3}, of_third}}) {
            for (int message = 0; message < messages; ++message)
                pace.delivered(node);
        }
        pace.observe({}, 0, ours > 0);
    }
}

TEST(PaceTest, ItYieldsToWhoSendsALittleAndOften) {
    Pace pace(kAll);
    pace.begin({.headroom = 500});
    rotations(pace, 100, 0, 100, 0);
    EXPECT_EQ(pace.limits({}).max_messages, 170u);
    rotations(pace, 7, 1, 100, 0);
    EXPECT_FALSE(pace.yields()) << "it may be chance";
    rotations(pace, 2, 2, 100, 0);
    EXPECT_TRUE(pace.yields());
    EXPECT_EQ(pace.limits({}).max_messages, 8u);
    EXPECT_EQ(pace.limits({}).window_size, 500u) << "that others may fill";
    EXPECT_EQ(pace.behind_token(8, 3), 8u);
    EXPECT_EQ(pace.behind_token(2, 3), 1u) << "who sends a little itself has nothing to hide";
    rotations(pace, 14, 0, 8, 0);
    EXPECT_TRUE(pace.yields());
    rotations(pace, 2, 0, 8, 0);
    EXPECT_FALSE(pace.yields()) << "it has stopped";
    EXPECT_EQ(pace.limits({}).max_messages, 170u);
    rotations(pace, 2, 1, 8, 0);
    EXPECT_TRUE(pace.yields()) << "and is known when it comes back";
    pace.begin({.headroom = 500});
    EXPECT_FALSE(pace.yields());
}

TEST(PaceTest, ItYieldsToNobodyWhoSendsWhatItCan) {
    Pace pace(kAll);
    pace.begin({.headroom = 500});
    rotations(pace, 50, 100, 100, 100);
    EXPECT_FALSE(pace.yields());
    for (int i = 0; i < 20; ++i) {
        rotations(pace, 7, 1, 100, 100);
        rotations(pace, 1, 3, 100, 100);
    }
    EXPECT_FALSE(pace.yields()) << "now and then it has little";
    rotations(pace, 9, 100, 100, 2);
    EXPECT_TRUE(pace.yields()) << "to one among many";
}

TEST(PaceTest, ItYieldsOnlyInARingOfOursWhereTheWindowIsItsOwn) {
    Pace among_others(kAll);
    rotations(among_others, 20, 1, 17, 0);
    EXPECT_FALSE(among_others.yields());
    Pace fixed({.accelerated = true, .adaptive_window = false, .early_requests = true});
    fixed.begin({.headroom = 500});
    rotations(fixed, 20, 1, 17, 0);
    EXPECT_EQ(fixed.limits({}).max_messages, 17u);
}

TEST(PaceTest, EachPartCanBeSwitchedOff) {
    Pace fixed({.accelerated = true, .adaptive_window = false, .early_requests = true});
    fixed.begin({.headroom = 500});
    visits(fixed, 100, 0, true);
    EXPECT_EQ(fixed.limits({}).window_size, 50u);
    EXPECT_TRUE(fixed.asks_at_once());
    Pace patient({.accelerated = true, .adaptive_window = true, .early_requests = false});
    patient.begin({.headroom = 500});
    EXPECT_FALSE(patient.asks_at_once());
    EXPECT_EQ(Pace(PaceOptions{}).behind_token(40, 5), 0u);
}

TEST(PaceTest, SomeMessagesFollowTheToken) {
    Pace pace(kAll);
    EXPECT_EQ(pace.behind_token(40, 2), 0u) << "the token comes back at once";
    EXPECT_EQ(pace.behind_token(17, 3), 8u);
    EXPECT_EQ(pace.behind_token(40, 3), 10u) << "few among others";
    visits(pace, 1, 1, false);
    EXPECT_EQ(pace.behind_token(40, 3), 0u) << "they ask for what is under way";
    visits(pace, 64, 0, false);
    EXPECT_EQ(pace.behind_token(40, 3), 10u);
    pace.begin({.headroom = 1000});
    EXPECT_EQ(pace.behind_token(300, 3), 150u);
}

class PaceRing : public DialectTest {
protected:
    void form_paced(std::uint32_t headroom) {
        net.pace = kAll;
        net.queue_capacity = 2000;
        form({1, 2, 3});
        for (const NodeId id : {1U, 2U, 3U})
            net[id].ring().set_companionship({.headroom = headroom});
    }
    void send_at(NodeId id, int count) {
        for (int i = 0; i < count; ++i)
            ASSERT_TRUE(net[id].send(std::to_string(i)));
    }
    bool delivered_everywhere(std::size_t count) {
        return net.run_until([&] {
            return net[1].deliveries.size() == count && net[2].deliveries.size() == count &&
                   net[3].deliveries.size() == count;
        });
    }
};

TEST_P(PaceRing, TheTokenOvertakesTheEndOfAVisit) {
    form_paced(0);
    const std::size_t before = net.packets.size();
    send_at(2, 16);
    ASSERT_TRUE(delivered_everywhere(16));
    std::vector<wire::PacketType> visit;
    for (std::size_t i = before; i < net.packets.size(); ++i) {
        const Packet& packet = net.packets[i];
        if (packet.from == 2 && packet.type == wire::PacketType::mcast) visit.push_back(packet.type);
        if (packet.from == 2 && packet.type == wire::PacketType::token && !visit.empty() && visit.size() < 17) {
            visit.push_back(packet.type);
        }
    }
    ASSERT_EQ(visit.size(), 17u);
    EXPECT_EQ(visit[8], wire::PacketType::token);
    EXPECT_EQ(matching(net.trace(before), "rtr {").size(), matching(net.trace(before), "rtr {}").size())
        << "nobody asks for what is under way";
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

TEST_P(PaceRing, ARingOfOursSendsMoreInAVisit) {
    form_paced(600);
    net.record = false;
    net[2].keep_tokens = true;
    send_at(2, 1900);
    ASSERT_TRUE(delivered_everywhere(1900));
    EXPECT_LT(net[2].seen.tokens_out.size(), 40u) << "1900 / 17 rotations otherwise";
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

TEST_P(PaceRing, AFloodGivesWayToWhoWaitsForEachMessage) {
    form_paced(600);
    net.record = false;
    constexpr std::size_t kWaitedFor = 40, kFlood = 1500;
    std::size_t came = 0, when_done = 0;  // of node 3's; how many tokens node 2 had passed on then
    net[3].on_deliver = [&](const Node::Delivered& message) {
        if (message.originator != 3) return;
        if (++came < kWaitedFor) send_at(3, 1);
        if (came == kWaitedFor) when_done = net[2].seen.tokens_out.size();
    };
    net[2].keep_tokens = true;
    send_at(2, kFlood);
    send_at(3, 1);
    ASSERT_TRUE(delivered_everywhere(kFlood + kWaitedFor));
    std::vector<std::uint32_t> rotations;  // messages in each
    const auto& tokens = net[2].seen.tokens_out;
    for (std::size_t i = 1; i < tokens.size(); ++i)
        rotations.push_back(tokens[i].seq - tokens[i - 1].seq);
    constexpr std::size_t kUntilKnown = 20;
    ASSERT_GT(when_done, kUntilKnown + 10);
    for (std::size_t i = kUntilKnown; i < when_done - 1; ++i)
        EXPECT_LE(rotations[i], 9u) << "rotation " << i;
    EXPECT_GT(*std::max_element(rotations.begin(), rotations.begin() + kUntilKnown), 16u) << "it was none at first";
    EXPECT_GT(*std::max_element(rotations.begin() + static_cast<std::ptrdiff_t>(when_done), rotations.end()), 100u)
        << "and is none again";
    EXPECT_EQ(net[1].deliveries, net[2].deliveries);
    EXPECT_EQ(net[1].deliveries, net[3].deliveries);
}

TEST_P(PaceRing, WhatIsMissingIsAskedForAtTheNextVisit) {
    form_paced(600);
    std::size_t lost = 0;
    net.lose = [&](const Packet& packet, NodeId to) {
        const bool hit = to == 3 && packet.type == wire::PacketType::mcast && packet.from == 1 && lost == 0;
        lost += hit ? 1 : 0;
        return hit;
    };
    net[3].keep_tokens = true;
    send_at(1, 1);
    ASSERT_TRUE(delivered_everywhere(1));
    std::size_t missing = 0;  // visits of node 3 before it asked
    for (const wire::Token& token : net[3].seen.tokens_out)
        missing += token.aru != token.seq && token.rtr_count == 0 ? 1 : 0;
    EXPECT_EQ(lost, 1u);
    EXPECT_EQ(missing, 1u);
}

// Messages of node 2, which take more than one visit, and this many copies of a token lost on their way.
TEST_P(PaceRing, ALostTokenIsSentAgainSoon) {
    const auto time_with = [&](NodeId from, unsigned copies) {
        bool begun = false;
        unsigned lost = 0;
        net.lose = [&](const Packet& packet, NodeId) {
            begun = begun || packet.type == wire::PacketType::mcast;
            const bool hit = begun && packet.type == wire::PacketType::token && packet.from == from && lost < copies;
            lost += hit ? 1 : 0;
            return hit;
        };
        const std::size_t before = net[1].deliveries.size();
        const Instant begin = net.now;
        send_at(2, 1500);
        EXPECT_TRUE(delivered_everywhere(before + 1500));
        EXPECT_EQ(lost, copies);
        return net.now - begin;
    };
    form_paced(600);
    for (const NodeId from : {1U, 2U, 3U}) {
        SCOPED_TRACE(from);
        EXPECT_LT(time_with(from, 0), 5ms);
        EXPECT_LT(time_with(from, 1), 10ms);
        const Duration twice = time_with(from, 2);
        EXPECT_GT(twice, 15ms) << "who has it may only be slow";
        EXPECT_LT(twice, 20ms);
    }
    for (const NodeId id : {1U, 2U, 3U})
        net[id].ring().set_companionship({});
    EXPECT_GE(time_with(1, 1), ms(net.parameters.token_retransmit)) << "corosync's tokens are as slow as they are";
}

TEST_P(PaceRing, NoTokenIsSentTwiceWithoutNeed) {
    form_paced(600);
    const auto copies = [&](Duration how_long) {
        const std::size_t mark = net.packets.size();
        const std::size_t before = net[1].seen.tokens + net[2].seen.tokens + net[3].seen.tokens;
        net.run_for(how_long);
        const std::size_t handled = net[1].seen.tokens + net[2].seen.tokens + net[3].seen.tokens - before;
        const std::size_t sent = net.count(wire::PacketType::token, mark);
        return sent > handled + 1 ? sent - handled - 1 : 0;  // one may be under way
    };
    send_at(2, 1900);
    EXPECT_EQ(copies(10ms), 0u) << "busy";
    ASSERT_TRUE(delivered_everywhere(1900));
    EXPECT_EQ(copies(2s), 0u) << "and idle again";
    // A rotation that takes longer is no loss.
    net.latency = 3ms;
    net.run_for(5s);
    send_at(2, 1900);
    net.run_for(1s);
    send_at(2, 1900);
    EXPECT_EQ(copies(200ms), 0u);
}

INSTANTIATE_TEST_SUITE_P(Dialects, PaceRing, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

}  // namespace
}  // namespace totem::srp::test
