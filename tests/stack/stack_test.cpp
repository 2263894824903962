// Whole nodes: rings form, merge, lose and regain members; services agree at every step.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/stack/virtual_ring.hpp"

namespace totem::test {
namespace {

using namespace std::chrono_literals;
using engine::cpg::Address;
using engine::cpg::GroupName;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const GroupName kGroup{"g"};

void join(Network& net, NodeId id) {
    VirtualNode& node = net.node(id);
    node.cpg.connected(1);
    ASSERT_EQ(node.cpg.join(1, kGroup, id * 10, 0), engine::cpg::kOk);
}

std::vector<NodeId> group_nodes(Network& net, NodeId id) {
    std::vector<NodeId> out;
    for (const Address& address : net.node(id).cpg.membership(kGroup))
        out.push_back(address.node);
    return out;
}

std::vector<std::uint8_t> data(std::size_t size, unsigned seed) {
    std::vector<std::uint8_t> out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::uint8_t>(i * 131 + seed);
    return out;
}

class Stacks : public ::testing::TestWithParam<Dialect> {
protected:
    NodeOptions options() const {
        NodeOptions out;
        out.dialect = GetParam();
        out.packet_size = GetParam() == Dialect::v2 ? 1270 : 1410;
        return out;
    }
    Network net{options()};
};

TEST_P(Stacks, SingleNodeCompletesAndTalksToItself) {
    VirtualNode& node = net.start(1);
    EXPECT_TRUE(node.stack.sync_in_progress());
    ASSERT_TRUE(net.settle({1}));
    join(net, 1);
    ASSERT_TRUE(net.run_until([&] { return !node.confchgs.empty(); }));
    EXPECT_THAT(node.confchgs, ElementsAre("m 1:10 l j 1/1"));
    EXPECT_EQ(node.cpg.mcast(1, data(5, 1)), engine::cpg::kOk);
    ASSERT_TRUE(net.run_until([&] { return !node.delivered.empty(); }));
    EXPECT_EQ(node.delivered[0].second, data(5, 1));
}

TEST_P(Stacks, ThreeNodesAgreeOnGroupsAndOrder) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id : {1u, 2u, 3u})
        join(net, id);
    ASSERT_TRUE(net.run_until([&] { return group_nodes(net, 1).size() == 3; }));
    net.run_for(1s);
    for (NodeId id : {1u, 2u, 3u}) {
        for (unsigned i = 0; i < 50; ++i) {
            ASSERT_EQ(net.node(id).cpg.mcast(1, data(i % 10 == 0 ? 9000 : i * 20, i)), engine::cpg::kOk);
        }
    }
    ASSERT_TRUE(net.run_until([&] { return net.node(3).delivered.size() == 150; }));
    net.run_for(1s);
    EXPECT_EQ(net.node(1).delivered, net.node(2).delivered);
    EXPECT_EQ(net.node(1).delivered, net.node(3).delivered);
    EXPECT_EQ(net.node(1).confchgs.back(), net.node(2).confchgs.back());
}

TEST_P(Stacks, LargestMessagePassesTheRing) {
    for (NodeId id : {1u, 2u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2}));
    for (NodeId id : {1u, 2u})
        join(net, id);
    net.run_for(1s);
    const auto payload = data(1047552, 3);  // what the client library sends at most
    ASSERT_EQ(net.node(1).cpg.mcast(1, payload), engine::cpg::kOk);
    ASSERT_EQ(net.node(2).cpg.mcast(1, payload), engine::cpg::kOk);
    ASSERT_TRUE(net.run_until([&] { return net.node(1).delivered.size() == 2 && net.node(2).delivered.size() == 2; }));
    EXPECT_EQ(net.node(2).delivered[0].second, payload);
    EXPECT_EQ(net.node(1).delivered, net.node(2).delivered);
}

TEST_P(Stacks, KilledNodeIsToldAsNodedownAndComesBack) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id : {1u, 2u, 3u})
        join(net, id);
    net.run_for(1s);
    net.node(1).confchgs.clear();
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_THAT(net.node(1).confchgs, ElementsAre("m 1:10 2:20 l 3/3 j"));
    EXPECT_EQ(net.node(1).confchgs.back(), net.node(2).confchgs.back());
    net.start(3);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    EXPECT_THAT(group_nodes(net, 3), ElementsAre(1, 2));
    join(net, 3);
    net.run_for(1s);
    for (NodeId id : {1u, 2u, 3u})
        EXPECT_THAT(group_nodes(net, id), ElementsAre(1, 2, 3));
}

TEST_P(Stacks, PartitionAndMergeShowNodedownThenNodeup) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id : {1u, 2u, 3u})
        join(net, id);
    net.run_for(1s);
    for (NodeId id : {1u, 2u, 3u})
        net.node(id).confchgs.clear();
    net.partition({{1, 2}, {3}});
    ASSERT_TRUE(net.settle({1, 2}));
    ASSERT_TRUE(net.settle({3}));
    EXPECT_THAT(net.node(1).confchgs, ElementsAre("m 1:10 2:20 l 3/3 j"));
    EXPECT_EQ(net.node(3).confchgs.size(), 1u);
    net.heal();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    EXPECT_EQ(net.node(1).confchgs.back(), "m 1:10 2:20 3:30 l j 3/4");
    EXPECT_TRUE(net.node(3).confchgs.back().starts_with("m 1:10 2:20 3:30 l j "));
}

// Messages queued before a change are delivered by whoever stays, whole, also when the change cut one
// of them in the middle.
TEST_P(Stacks, TrafficAcrossAChangeSurvivesWhole) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id : {1u, 2u, 3u})
        join(net, id);
    net.run_for(1s);
    for (unsigned i = 0; i < 4; ++i) {
        for (NodeId id : {1u, 2u})
            ASSERT_EQ(net.node(id).cpg.mcast(1, data(300000, i)), engine::cpg::kOk);
    }
    net.run_for(5ms);
    ASSERT_LT(net.node(1).delivered.size(), 8u) << "the change must hit running traffic";
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    ASSERT_TRUE(net.run_until([&] { return net.node(1).delivered.size() == 8 && net.node(2).delivered.size() == 8; }));
    EXPECT_EQ(net.node(1).delivered, net.node(2).delivered);
    for (NodeId id : {1u, 2u}) {
        EXPECT_EQ(net.node(id).stack.groups().statistics().dropped_out_of_sequence, 0u);
        EXPECT_EQ(net.node(id).stack.groups().statistics().dropped_malformed, 0u);
    }
}

TEST_P(Stacks, JoinerDuringTrafficAgreesFromItsFirstMessage) {
    for (NodeId id : {1u, 2u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2}));
    for (NodeId id : {1u, 2u})
        join(net, id);
    net.run_for(1s);
    for (unsigned i = 0; i < 6; ++i) {
        for (NodeId id : {1u, 2u})
            ASSERT_EQ(net.node(id).cpg.mcast(1, data(200000, i)), engine::cpg::kOk);
    }
    net.run_for(5ms);
    net.start(3);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    join(net, 3);
    ASSERT_TRUE(
        net.run_until([&] { return net.node(1).delivered.size() == 12 && net.node(2).delivered.size() == 12; }));
    net.run_for(1s);
    EXPECT_EQ(net.node(1).delivered, net.node(2).delivered);
    EXPECT_THAT(group_nodes(net, 3), ElementsAre(1, 2, 3));
    const auto& late = net.node(3).delivered;
    const auto& all = net.node(1).delivered;
    ASSERT_LE(late.size(), all.size());
    EXPECT_TRUE(std::equal(late.rbegin(), late.rend(), all.rbegin())) << "a suffix of what the others saw";
}

TEST_P(Stacks, RepeatedChangesEndInAgreement) {
    for (NodeId id = 1; id <= 5; ++id)
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3, 4, 5}));
    for (NodeId id = 1; id <= 5; ++id)
        join(net, id);
    net.run_for(1s);
    unsigned random = 3;
    const auto next = [&](unsigned bound) { return (random = random * 1664525 + 1013904223) / 256 % bound; };
    for (int round = 0; round < 12; ++round) {
        std::set<NodeId> left, right;
        for (NodeId id = 1; id <= 5; ++id)
            (next(2) ? left : right).insert(id);
        net.partition({left, right});
        net.run_for(std::chrono::milliseconds(next(9000)));
        const NodeId victim = 1 + next(5);
        net.kill(victim);
        net.start(victim);
        net.run_for(std::chrono::milliseconds(next(4000)));
        join(net, victim);
        net.heal();
        ASSERT_TRUE(net.settle({1, 2, 3, 4, 5})) << "round " << round;
        net.run_for(1s);
        ASSERT_TRUE(net.settle({1, 2, 3, 4, 5})) << "round " << round;
        for (NodeId id = 1; id <= 5; ++id) {
            ASSERT_THAT(group_nodes(net, id), ElementsAre(1, 2, 3, 4, 5)) << "round " << round << " node " << id;
        }
    }
}

TEST_P(Stacks, QuorumFollowsTheMembership) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    for (NodeId id : {1u, 2u, 3u}) {
        EXPECT_TRUE(net.node(id).quorum.quorate());
        EXPECT_TRUE(net.node(id).votequorum.machine().quorate());
        EXPECT_EQ(net.node(id).votequorum.machine().total_votes(), 3u);
        EXPECT_EQ(net.node(id).votequorum.machine().quorum(), 2u);
    }
    net.partition({{1, 2}, {3}});
    ASSERT_TRUE(net.settle({1, 2}));
    ASSERT_TRUE(net.settle({3}));
    EXPECT_TRUE(net.node(1).quorum.quorate());
    EXPECT_FALSE(net.node(3).quorum.quorate());
    net.heal();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    EXPECT_TRUE(net.node(3).quorum.quorate());
}

TEST_P(Stacks, SyncListsOfTheQuorumService) {
    for (NodeId id : {1u, 2u, 3u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    if (GetParam() == Dialect::v2) {
        EXPECT_TRUE(net.node(1).lists.empty()) << "no part in the 2.x synchronisation";
        return;
    }
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_EQ(net.node(1).lists, (std::vector<std::vector<NodeId>>{{1, 2}, {}, {3}}));
    net.start(3);
    ASSERT_TRUE(net.settle({1, 2, 3}));
    EXPECT_THAT(net.node(1).lists[1], ElementsAre(3));
    EXPECT_GT(net.node(1).nodelists, 0);
}

TEST_P(Stacks, ConfigVersionsAreExchangedAndTheOlderNodeGivesUp) {
    NodeOptions old = options(), current = options();
    old.config_version = 4;
    current.config_version = 5;
    net.start(1, current);
    ASSERT_TRUE(net.settle({1}));
    net.start(2, old);
    ASSERT_TRUE(net.run_until([&] { return !net.node(2).mismatch.empty() || net.node(2).versions.size() == 2; }));
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_EQ(net.node(1).versions, (std::map<NodeId, std::uint64_t>{{1, 5}, {2, 4}}));
    EXPECT_EQ(net.node(1).mismatch, "");
    net.node(1).cmap.set_config_version(6);
    ASSERT_TRUE(net.run_until([&] { return net.node(2).versions[1] == 6; }));
}

TEST_P(Stacks, CfgMessages) {
    for (NodeId id : {1u, 2u})
        net.start(id);
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_TRUE(net.node(1).cfg.kill_node(2, "because"));
    EXPECT_TRUE(net.node(2).cfg.announce_shutdown());
    EXPECT_TRUE(net.node(1).cfg.request_reload());
    EXPECT_TRUE(net.node(1).cfg.request_crypto_phase(engine::cfg::CryptoPhase::cleanup));
    net.run_for(1s);
    EXPECT_EQ(net.node(1).kill_reason, "");
    EXPECT_EQ(net.node(2).kill_reason, "1 because");
    EXPECT_THAT(net.node(1).shutdowns, ElementsAre(2));
    EXPECT_THAT(net.node(2).reloads, ElementsAre(1));
    EXPECT_EQ(net.node(1).phases.size(), GetParam() == Dialect::v3 ? 1u : 0u);
    EXPECT_TRUE(net.node(2).phases.empty());
    EXPECT_EQ(net.node(2).exec.dropped_unknown(), GetParam() == Dialect::v3 ? 0u : 1u);
}

TEST_P(Stacks, NodeWithoutVotequorumSynchronises) {
    NodeOptions without = options();
    without.votequorum = false;
    net.start(1);
    net.start(2, without);
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_EQ(net.node(1).votequorum.machine().total_votes(), 1u) << "never counted";
}

INSTANTIATE_TEST_SUITE_P(Dialects, Stacks, ::testing::Values(Dialect::v2, Dialect::v3),
                         [](const auto& param) { return param.param == Dialect::v2 ? "v2" : "v3"; });

}  // namespace
}  // namespace totem::test
