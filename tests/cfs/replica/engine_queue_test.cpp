// What waits during a sync (pmxcfs-wire.md 4.2 step 8, 4.5) and the results of own messages (4.8).

#include "tests/cfs/replica/engine_harness.hpp"

namespace cfs::replica {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class EngineQueues : public EngineTest {
protected:
    std::uint64_t submit() { return engine.submit(now(), 1, {}).value_or(0); }
};

TEST_F(EngineQueues, AreSortedByTheSendersCounters) {
    join_three();
    normal(kUpper, 1, 7);
    normal(kLower, 2, 3);
    normal(kLower, 3, 7);
    normal(kUpper, 4, 0xFFFFFFFF);  // before 3, by the signed difference
    new_log();
    sync();
    EXPECT_THAT(application.deliveries, ElementsAre("3:4", "1:2", "3:1", "1:3"));
    EXPECT_THAT(log, Contains("notice: dfsm_deliver_queue: queue length 4"));
}

TEST_F(EngineQueues, AStrangersMessage) {
    join_three();
    normal({9, 9}, 1, 1);
    expect_leaving("crit: dfsm_node_info_lookup failed");
}

TEST_F(EngineQueues, MessagesOfMembersWithOldDataWaitForTheUpdates) {
    join_three();
    normal(kUpper, 1, 1);
    normal(kLower, 2, 2);
    sync("nno");
    EXPECT_THAT(application.deliveries, ElementsAre("1:2"));
    message(kLower, MessageType::update_complete);
    EXPECT_THAT(application.deliveries, ElementsAre("1:2", "3:1"));
}

// The member with old data: first what the synced ones applied meanwhile, then what all held back.
TEST_F(EngineQueues, AfterUpdatesTheOthersMessagesComeFirst) {
    join_three();
    normal(kUpper, 1, 1);
    normal(kLower, 2, 2);
    sync("noo");
    normal(kLower, 3, 3);
    normal(kUpper, 4, 4);
    EXPECT_THAT(application.deliveries, IsEmpty());
    new_log();
    message(kLower, MessageType::update_complete);
    EXPECT_THAT(application.deliveries, ElementsAre("1:2", "1:3", "3:1", "3:4"));
    EXPECT_THAT(log, ElementsAre("notice: all data is up to date", "notice: dfsm_deliver_sync_queue: queue length 2",
                                 "notice: dfsm_deliver_queue: queue length 2"));
}

TEST_F(EngineQueues, MessagesOfThoseWhoLeftAreDropped) {
    join_three();
    normal(kUpper, 1, 1);
    normal(kLower, 2, 2);
    members({kLower, kSelf}, {}, {kUpper});
    start_sync();
    state(kLower, 'n');
    state(kSelf, 'n');
    EXPECT_THAT(application.deliveries, ElementsAre("1:2"));
    EXPECT_THAT(log, Contains("notice: remove message from non-member 3/30"));
}

TEST_F(EngineQueues, AloneDeliversItsQueue) {
    join_three();
    normal(kSelf, 1, 1);
    members({kSelf}, {}, {kLower, kUpper});
    EXPECT_THAT(application.deliveries, ElementsAre("2:1"));
}

TEST_F(EngineQueues, OnAJoinEachSendsItsOwnAgain) {
    join_three();
    normal(kUpper, 1, 1);
    normal(kSelf, 2, 5);
    normal(kSelf, 3, 6);
    const MemberId fourth{4, 40};
    members({kLower, kSelf, kUpper, fourth}, {fourth});
    EXPECT_THAT(log, Contains("notice: queue not emtpy - resening 3 messages"));
    ASSERT_EQ(channel.sent.size(), 2u);
    EXPECT_EQ(channel.sent[0].bytes, normal_bytes(2, 5)) << "byte for byte";
    EXPECT_EQ(channel.sent[1].bytes, normal_bytes(3, 6));
    EXPECT_EQ(channel.sent[0].purpose, Purpose::resend);
    start_sync();
    for (const MemberId member : {kLower, kSelf, kUpper, fourth})
        state(member, 'n');
    EXPECT_THAT(application.deliveries, IsEmpty()) << "the old queue is gone";
}

TEST_F(EngineQueues, ADepartureKeepsTheQueue) {
    join_three();
    normal(kSelf, 2, 5);
    members({kLower, kSelf}, {}, {kUpper});
    EXPECT_THAT(channel.sent, IsEmpty());
    start_sync();
    state(kLower, 'n');
    state(kSelf, 'n');
    EXPECT_THAT(application.deliveries, ElementsAre("2:2"));
}

TEST_F(EngineQueues, WhatCameDuringUpdatesIsForgottenOnAMembershipChange) {
    join_three();
    sync("noo");
    normal(kLower, 1, 1);
    members({kLower, kSelf}, {}, {kUpper});
    start_sync();
    state(kLower, 'n');
    state(kSelf, 'n');
    EXPECT_THAT(application.deliveries, IsEmpty()) << "it is in the leader's new state";
}

TEST_F(EngineQueues, AFailureWhileDeliveringEndsInLeaving) {
    join_three();
    normal(kLower, 1, 1);
    normal(kLower, 2, 2);
    application.answer.verdict = Verdict::leave;
    sync();
    EXPECT_THAT(application.deliveries, ElementsAre("1:1"));
    expect_leaving("notice: all data is up to date");
}

TEST_F(EngineQueues, AFailureInTheSyncQueueEndsInLeaving) {
    join_three();
    sync("noo");
    normal(kLower, 1, 1);
    normal(kLower, 2, 2);
    application.answer.verdict = Verdict::leave;
    message(kLower, MessageType::update_complete);
    EXPECT_THAT(application.deliveries, ElementsAre("1:1"));
    expect_leaving("notice: dfsm_deliver_sync_queue: queue length 2");
}

TEST_F(EngineQueues, ACallerGetsTheResultOfTheDelivery) {
    join_three();
    sync();
    channel.sent.clear();
    EXPECT_EQ(submit(), 1u);
    EXPECT_EQ(submit(), 2u);
    application.answer.result = -17;
    EXPECT_THAT(results, IsEmpty());
    echo();
    EXPECT_THAT(results, ElementsAre("1 done -17", "2 done -17"));
}

TEST_F(EngineQueues, ARefusalReachesTheCallerBeforeWeLeave) {
    join_three();
    sync();
    channel.sent.clear();
    submit();
    application.answer = {Verdict::leave, -1};
    echo();
    EXPECT_THAT(results, ElementsAre("1 done -1"));
    EXPECT_EQ(engine.mode(), Mode::leave);
}

TEST_F(EngineQueues, NobodyWaitsForWhatIsSentWithout) {
    join_three();
    sync();
    channel.sent.clear();
    engine.send(now(), 7, {});
    ASSERT_EQ(channel.sent.size(), 1u);
    echo();
    EXPECT_THAT(results, IsEmpty());
    EXPECT_EQ(submit(), 2u) << "but it counts";
}

TEST_F(EngineQueues, OwnMessagesWaitForTheEndOfTheSync) {
    join_three();
    EXPECT_EQ(submit(), 1u);
    EXPECT_THAT(channel.sent, IsEmpty());
    sync("non");
    channel.sent.clear();
    EXPECT_EQ(submit(), 2u);
    EXPECT_THAT(channel.sent, IsEmpty()) << "a member with old data does not write";
    message(kLower, MessageType::update_complete);
    ASSERT_EQ(channel.sent.size(), 2u);
    EXPECT_EQ(channel.sent[0].id, 1u);
    EXPECT_EQ(channel.sent[1].id, 2u);
    echo();
    EXPECT_THAT(results, ElementsAre("1 done 0", "2 done 0"));
}

TEST_F(EngineQueues, LeavingWakesTheCallers) {
    join_three();
    submit();
    engine.delivered(now(), kLower, Buffer(15));
    members({kLower, kUpper}, {}, {kSelf});
    EXPECT_THAT(results, ElementsAre("1 given up 0"));
    EXPECT_FALSE(engine.submit(now(), 1, {})) << "not a member";
}

TEST_F(EngineQueues, ALaterResultMeansAnEarlierMessageIsGone) {
    join_three();
    sync();
    channel.sent.clear();
    submit();
    submit();
    channel.sent.erase(channel.sent.begin());
    echo();
    EXPECT_THAT(results, ElementsAre("1 given up 0", "2 done 0"));
}

TEST_F(EngineQueues, AMessageThatCantBeSent) {
    join_three();
    sync();
    submit();
    engine.send_failed(now(), Purpose::normal, 1);
    EXPECT_THAT(results, ElementsAre("1 given up 0"));
    EXPECT_EQ(engine.mode(), Mode::synced);
}

}  // namespace
}  // namespace cfs::replica
