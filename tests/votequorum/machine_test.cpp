// What the machine tells and when, and input that makes no sense.

#include <gmock/gmock.h>

#include "tests/votequorum/story.hpp"

namespace vote_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MachineTells, VerdictsAtEachSyncAndWhenTheyFlip) {
    Story story(nodelist(3));
    story.up({1});
    auto& verdicts = story.cluster.at(1).verdicts;
    EXPECT_THAT(verdicts, ElementsAre(false));
    story.up({2});
    EXPECT_THAT(verdicts, ElementsAre(false, true));
    story.set_expected(1, 3);
    EXPECT_THAT(verdicts, ElementsAre(false, true)) << "nothing flipped";
    story.kill({2}).set_expected(1, 1);
    EXPECT_THAT(verdicts, ElementsAre(false, true, false, true));
    EXPECT_EQ(story.cluster.at(1).nodelists, 3);
}

TEST(MachineTells, ExpectedVotesWhenRaisedOrSet) {
    Story story(nodelist(2));
    story.differs(3, [](Keys&) {}).up({1, 2});
    EXPECT_THAT(story.cluster.at(1).expected, IsEmpty());
    story.up({3});
    EXPECT_THAT(story.cluster.at(1).expected, ElementsAre(3));
    story.set_expected(1, 3);
    EXPECT_THAT(story.cluster.at(1).expected, ElementsAre(3, 3)) << "also without a change";
}

TEST(MachineTells, WhatItWaitsFor) {
    Story story(nodelist(2), [](Keys& keys) { keys.two_node = true; });
    story.up({1});
    EXPECT_THAT(story.cluster.at(1).lines,
                Contains("Waiting for all cluster members. Current votes: 1 expected_votes: 2"));
    story.cancel_wait(1).expect("{1} Y 1/2/2/1 2N W w=0");
    EXPECT_THAT(story.cluster.at(1).lines, Contains("wait_for_all_status reset by user on node 1."));
}

TEST(MachinePublishes, OnlyWhatApplies) {
    Story plain(nodelist(2));
    plain.up({1});
    vote::Published expected;
    expected.this_node_id = 1;
    expected.ev_barrier = 2;
    EXPECT_EQ(plain.cluster.machine(1).published(), expected);
    plain.up({2});
    EXPECT_EQ(plain.cluster.machine(2).published().lowest_node_id, 1u);
    EXPECT_EQ(plain.cluster.machine(2).published().highest_node_id, 2u);
    Story tie(nodelist(2), [](Keys& keys) { keys.auto_tie_breaker = true; });
    EXPECT_EQ(tie.up({1}).cluster.machine(1).published().atb_type, 1u);
}

TEST(MachineIgnores, NodesThatSpeakForOthers) {
    Story story(nodelist(3));
    story.up({1});
    story.cluster.machine(1).on_message(2, vote::NodeInfo{3, 9, 9, 0}, {});
    EXPECT_EQ(story.cluster.machine(1).nodes().size(), 1u);
}

TEST(MachineIgnores, UnknownParametersAndOperations) {
    Story story(nodelist(3));
    story.up({1, 2, 3});
    story.cluster.machine(1).on_message(2, vote::Reconfigure{2, 7, 9}, {});
    story.cluster.machine(1).on_message(2, vote::Reconfigure{99, 7, vote::Reconfigure::node_votes}, {});
    story.cluster.machine(1).on_message(2, vote::DeviceOperation{9, "x"}, {});
    story.expect("* Y 2/3/3/3");
    EXPECT_EQ(story.cluster.machine(1).device_name(), "");
}

TEST(MachineConfigure, NothingToGoByChangesNothing) {
    Story story(nodelist(3));
    story.up({1, 2});
    story.cluster.machine(1).configure(Keys{}, {});
    story.cluster.deliver();
    story.expect("* Y 2/3/3/2");
}

TEST(MachineConfigure, OwnVotesAreToldToAll) {
    Story story(nodelist(3));
    story.up({1, 2, 3}).reconfigure(
        {1}, [](Keys& keys) { keys.nodelist = Keys::NodeList{.votes_sum = 5, .nodes = 3, .own_votes = 3}; });
    story.expect("* Y 3/5/5/5");
    EXPECT_EQ(story.cluster.machine(2).nodes().at(1).votes, 3u);
}

}  // namespace
}  // namespace vote_test
