#include "totem/stack/companions.hpp"

#include <gtest/gtest.h>

#include "tests/stack/virtual_ring.hpp"

namespace totem::test {
namespace {

using namespace std::chrono_literals;

std::vector<Identity> nodes(std::initializer_list<NodeId> ids) {
    std::vector<Identity> out;
    for (const NodeId id : ids)
        out.push_back(Identity::v3(id));
    return out;
}

TEST(CompanionsTest, AreCompleteWhenEverybodyHasSpoken) {
    Companions ours(1, kNativeOrder, 500, true);
    ours.configuration(nodes({1, 2, 3}));
    EXPECT_EQ(ours.common().headroom, 0u);
    const Companions two(2, kNativeOrder, 300, true), three(3, opposite(kNativeOrder), 400, true);
    ours.heard(2, kNativeOrder, two.announcement());
    EXPECT_FALSE(ours.complete());
    ours.heard(3, opposite(kNativeOrder), three.announcement());
    EXPECT_TRUE(ours.complete());
    EXPECT_EQ(ours.common(), (srp::Companionship{.headroom = 300, .hold_at_sender = true}));
    ours.configuration(nodes({1, 2}));
    EXPECT_EQ(ours.common().headroom, 0u) << "forgotten with the next configuration";
    ours.configuration(nodes({1}));
    EXPECT_EQ(ours.common().headroom, 500u) << "nobody to wait for";
}

TEST(CompanionsTest, HoldTheTokenAtTheSenderIfAllDo) {
    Companions ours(1, kNativeOrder, 500, true);
    ours.configuration(nodes({1, 2}));
    ours.heard(2, kNativeOrder, Companions(2, kNativeOrder, 300, false).announcement());
    EXPECT_EQ(ours.common(), (srp::Companionship{.headroom = 300, .hold_at_sender = false}));
}

TEST(CompanionsTest, OddAnnouncementsAreNone) {
    Companions ours(1, kNativeOrder, 500, true);
    ours.configuration(nodes({1, 2}));
    const auto good = Companions(2, kNativeOrder, 300, true).announcement();
    ours.heard(2, kNativeOrder, Bytes(good).first(good.size() - 1));
    ours.heard(2, opposite(kNativeOrder), good);
    ours.heard(2, kNativeOrder, {});
    ours.heard(7, kNativeOrder, good);
    EXPECT_FALSE(ours.complete());
    // Of a later version that says more.
    std::vector<std::uint8_t> later(good.begin(), good.end());
    later.resize(24);
    ours.heard(2, kNativeOrder, later);
    EXPECT_TRUE(ours.complete());
}

TEST(CompanionsTest, WhoDoesNotAnnounceHasNone) {
    Companions silent(1, kNativeOrder, 0, true);
    silent.configuration(nodes({1}));
    EXPECT_FALSE(silent.complete());
    EXPECT_EQ(silent.common().headroom, 0u);
}

class CompanionRings : public ::testing::TestWithParam<Dialect> {
protected:
    // Most messages that one visit let out while node 1 floods.
    std::uint32_t most_in_a_visit(const std::vector<std::uint32_t>& holds) {
        NodeOptions options;
        options.dialect = GetParam();
        Network net(options);
        std::vector<NodeId> ids;
        for (const std::uint32_t each : holds) {
            options.socket_holds = each;
            ids.push_back(static_cast<NodeId>(ids.size() + 1));
            net.start(ids.back(), options);
        }
        EXPECT_TRUE(net.settle(ids));
        net.node(1).cpg.connected(1);
        EXPECT_EQ(net.node(1).cpg.join(1, {"g"}, 1, 0), engine::cpg::kOk);
        net.run_for(1s);
        const std::vector<std::uint8_t> payload(1000000);
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(net.node(1).cpg.mcast(1, payload), engine::cpg::kOk);
        EXPECT_TRUE(net.run_until([&] { return net.node(1).delivered.size() == 3; }));
        return net.node(1).most_in_a_visit;
    }
};

TEST_P(CompanionRings, LimitsGrowOnlyWhereAllAreOurs) {
    EXPECT_GT(most_in_a_visit({500, 500, 500}), 100u);
    EXPECT_EQ(most_in_a_visit({500, 0, 500}), 17u);
    EXPECT_EQ(most_in_a_visit({0, 0}), 17u);
    EXPECT_GT(most_in_a_visit({500}), 100u);
}

INSTANTIATE_TEST_SUITE_P(Dialects, CompanionRings, ::testing::Values(Dialect::v2, Dialect::v3));

}  // namespace
}  // namespace totem::test
