// What observers are told about where a lost token was, and who came how.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

using wire::PacketType;

class Trail : public DialectTest {
protected:
    // What the node said when it left its ring; it did so once.
    TokenTrail only_trail(NodeId id) {
        EXPECT_EQ(net[id].seen.trails.size(), 1u);
        return net[id].seen.trails.empty() ? TokenTrail{} : net[id].seen.trails.front();
    }
    // The ring stands, and nothing was told yet.
    void stand() {
        form({1, 2, 3});
        net.run_for(2s);
        for (const auto& [id, node] : net.nodes)
            node->seen = {};
    }
    bool left(NodeId id) { return !net[id].seen.trails.empty(); }
};
INSTANTIATE_TEST_SUITE_P(Dialects, Trail, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

TEST_P(Trail, AMessageShowsHowFarTheTokenCame) {
    stand();
    // Node 3 sends a message and dies with the token.
    net[3].send("the last");
    net.lose = [](const Packet& packet, NodeId) { return packet.from == 3 && packet.type != PacketType::mcast; };
    ASSERT_TRUE(net.run_until([&] { return net[1].deliveries.size() == 1; }));
    net.kill(3);
    ASSERT_TRUE(net.run_until([&] { return left(1) && left(2); }));
    for (const NodeId id : {1u, 2u}) {
        const TokenTrail trail = only_trail(id);
        EXPECT_TRUE(trail.passed_on);
        EXPECT_EQ(trail.to, id + 1);
        EXPECT_TRUE(trail.heard_after);
        EXPECT_EQ(trail.reached, 3u);
        EXPECT_GE(trail.reached_at, trail.passed);
        EXPECT_GE(trail.silent * 2, trail.timeout);
        EXPECT_EQ(trail.timeout, ms(net.parameters.token));
    }
    EXPECT_GT(only_trail(2).resent, 0u) << "its successor did not answer";
}

TEST_P(Trail, MessagesBeforeOurVisitProveNothing) {
    stand();
    net[3].send("earlier");
    ASSERT_TRUE(net.run_until([&] { return net[1].deliveries.size() == 1; }));
    net.run_for(2s);
    net.kill(3);
    ASSERT_TRUE(net.run_until([&] { return left(1); }));
    EXPECT_FALSE(only_trail(1).heard_after);
    EXPECT_TRUE(only_trail(1).passed_on);
}

TEST_P(Trail, ATokenThatDoesNotArriveIsSentAgain) {
    stand();
    net.lose = [](const Packet& packet, NodeId to) { return packet.type == PacketType::token && to == 2; };
    ASSERT_TRUE(net.run_until([&] { return left(1); }));
    const TokenTrail trail = only_trail(1);
    EXPECT_EQ(trail.to, 2u);
    EXPECT_FALSE(trail.heard_after);
    EXPECT_GT(trail.resent, 0u);
}

TEST_P(Trail, ALeaveFindsTheTokenOnItsWay) {
    stand();
    net[3].send("busy");
    net[3].leave();
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_LT(only_trail(1).silent * 2, only_trail(1).timeout);
    EXPECT_TRUE(net[1].seen.joined_alone.empty());
}

TEST_P(Trail, AStartingNodeKnowsNobody) {
    stand();
    net.add(4).start();
    ASSERT_TRUE(net.settle({1, 2, 3, 4}));
    EXPECT_EQ(std::ranges::count(net[1].seen.joined_alone, 4u), 1);
    EXPECT_TRUE(net[1].seen.foreign.empty());
}

TEST_P(Trail, ARingThatComesBackIsForeignAndNamedFailed) {
    stand();
    net.lose = [](const Packet& packet, NodeId to) { return (packet.from == 3) != (to == 3); };
    ASSERT_TRUE(net.run_until([&] { return net.settled({1, 2}); }));
    const auto& failed = net[1].seen.named_failed;
    EXPECT_NE(std::ranges::find(failed, std::pair<NodeId, NodeId>(2, 3)), failed.end());
    net.lose = nullptr;
    ASSERT_TRUE(net.settle({1, 2, 3}));
    std::size_t foreign = 0;
    for (const auto& [id, node] : net.nodes)
        foreign += node->seen.foreign.size();
    EXPECT_GT(foreign, 0u) << "somebody heard it first";
    EXPECT_TRUE(net[1].seen.joined_alone.empty()) << "nobody started";
}

}  // namespace
}  // namespace totem::srp::test
