// The quorum device: answers, names, its time limits. Spec votequorum.md sections 5.3, 6 and 7.

#include <gmock/gmock.h>

#include "tests/votequorum/story.hpp"

namespace vote_test {
namespace {

using vote::Result;

Result poll(Cluster& cluster, const char* name, std::uint64_t past = 0) {
    const vote::RingId ring = cluster.machine(1).ring();
    return cluster.machine(1).poll_device(name, true, ring.rep.nodeid, ring.seq - past, cluster.now);
}

TEST(DeviceAnswers, WithoutADevice) {
    Story story(nodelist(2));
    story.up({1});
    EXPECT_EQ(story.cluster.machine(1).register_device(1, kDevice), Result::access);
    EXPECT_EQ(poll(story.cluster, kDevice), Result::access);
    EXPECT_EQ(story.cluster.machine(1).set_master_wins(kDevice, true, {}), Result::access);
    EXPECT_EQ(story.cluster.machine(1).unregister_device(kDevice, {}), Result::not_exist);
    EXPECT_EQ(story.cluster.machine(1).rename_device(kDevice, "NEW", {}), Result::not_exist);
}

TEST(DeviceAnswers, InTheirOrder) {
    Story story(nodelist(2), device);
    story.up({1});
    EXPECT_EQ(poll(story.cluster, kDevice), Result::not_exist);
    story.enrol({1});
    EXPECT_EQ(poll(story.cluster, "OTHER", 4), Result::message_error) << "the ring before the name";
    EXPECT_EQ(poll(story.cluster, "OTHER"), Result::invalid_param);
    EXPECT_EQ(poll(story.cluster, kDevice), Result::ok);
    EXPECT_EQ(story.cluster.machine(1).set_master_wins("OTHER", true, {}), Result::invalid_param);
    EXPECT_EQ(story.cluster.machine(1).set_master_wins(kDevice, true, {}), Result::ok);
    EXPECT_EQ(story.cluster.machine(1).published().qdevice_master_wins, 1);
    EXPECT_EQ(story.cluster.machine(1).unregister_device("OTHER", {}), Result::invalid_param);
    EXPECT_EQ(story.cluster.machine(1).unregister_device(kDevice, {}), Result::ok);
}

TEST(DeviceNames, AreSharedRenamedAndForgotten) {
    Story story(nodelist(2), device);
    story.up({1, 2}).enrol({1});
    EXPECT_EQ(story.cluster.machine(2).device_name(), kDevice);
    EXPECT_EQ(story.cluster.machine(1).rename_device(kDevice, "NEW", {}), Result::ok);
    story.cluster.deliver();
    EXPECT_EQ(story.cluster.machine(2).device_name(), "NEW");
    story.enrol({2}, "NEW");
    EXPECT_EQ(story.cluster.machine(1).unregister_device("NEW", {}), Result::ok);
    story.cluster.deliver();
    EXPECT_EQ(story.cluster.machine(1).device_name(), "NEW") << "2 still uses it";
    EXPECT_EQ(story.cluster.machine(2).unregister_device("NEW", {}), Result::ok);
    story.cluster.deliver();
    EXPECT_EQ(story.cluster.machine(1).device_name(), "");
}

TEST(DeviceNames, ReachALateComer) {
    Story story(nodelist(3), device);
    story.up({1, 2}).enrol({1}).up({3});
    EXPECT_EQ(story.cluster.machine(3).device_name(), kDevice);
    story.enrol({3}, "OTHER", Result::exist);
}

TEST(DeviceTime, PollsKeepItAlive) {
    Story story(nodelist(2), device);
    story.up({1, 2}).enrol({1, 2}).poll({1, 2}).wait(9).poll({1}).wait(9);
    EXPECT_TRUE(story.cluster.machine(1).nodes().at(1).flags & vote::kDeviceAlive);
    EXPECT_FALSE(story.cluster.machine(1).nodes().at(2).flags & vote::kDeviceAlive);
    EXPECT_THAT(story.cluster.at(2).lines, testing::Contains("lost contact with quorum device QDEVICE"));
}

TEST(DeviceTime, ADeadOneIsNotWaitedForTwice) {
    Story story(nodelist(3), device);
    story.up({1, 2, 3}).enrol({1, 2, 3}).poll({1, 2, 3});
    const auto start = story.cluster.now;
    story.kill({3});
    const auto first = story.cluster.now;
    EXPECT_EQ(first - start, std::chrono::seconds(30));
    EXPECT_THAT(story.cluster.at(1).lines,
                testing::Contains("waiting for quorum device QDEVICE poll (but maximum for 30000 ms)"));
    story.kill({2});
    EXPECT_EQ(story.cluster.now, first);
}

TEST(DeviceVotes, OfAnUnknownNodeAreIgnored) {
    Story story(nodelist(2));
    story.up({1});
    story.cluster.machine(1).on_message(7, vote::NodeInfo{0, 5, 0, 0}, {});
    EXPECT_EQ(story.cluster.machine(1).expected_votes(), 2u);
    story.cluster.machine(1).on_message(1, vote::NodeInfo{0, 5, 0, 0}, {});
    EXPECT_EQ(story.cluster.machine(1).expected_votes(), 6u) << "whether cast or not";
    EXPECT_EQ(story.cluster.machine(1).total_votes(), 1u);
}

}  // namespace
}  // namespace vote_test
