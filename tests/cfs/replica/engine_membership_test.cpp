// Configuration changes and modes (pmxcfs-wire.md 4.1, 4.2, 4.4).

#include "tests/cfs/replica/engine_harness.hpp"

namespace cfs::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Modes, ErrorsOnlyGetWorse) {
    for (const Mode ok : {Mode::start, Mode::start_sync, Mode::synced, Mode::update}) {
        EXPECT_TRUE(may_follow(Mode::error, ok));
        EXPECT_TRUE(may_follow(ok, Mode::leave));
        EXPECT_TRUE(may_follow(ok, Mode::error));
    }
    EXPECT_TRUE(may_follow(Mode::leave, Mode::version_error));
    EXPECT_TRUE(may_follow(Mode::version_error, Mode::error));
    EXPECT_FALSE(may_follow(Mode::error, Mode::version_error));
    EXPECT_FALSE(may_follow(Mode::error, Mode::leave));
    EXPECT_FALSE(may_follow(Mode::version_error, Mode::leave));
}

TEST(Modes, TheirTexts) {
    EXPECT_EQ(entry_text(Mode::start).text, "start cluster connection");
    EXPECT_EQ(entry_text(Mode::start_sync).text, "starting data syncronisation");
    EXPECT_EQ(entry_text(Mode::synced).text, "all data is up to date");
    EXPECT_EQ(entry_text(Mode::update).text, "waiting for updates from leader");
    EXPECT_EQ(entry_text(Mode::leave).text, "leaving CPG group");
    EXPECT_EQ(entry_text(Mode::version_error).text, "detected newer protocol - please update this node");
    EXPECT_EQ(entry_text(Mode::error).text, "serious internal error - stop cluster connection");
    EXPECT_EQ(entry_text(Mode::leave).severity, Severity::critical);
    EXPECT_EQ(entry_text(Mode::update).severity, Severity::notice);
}

TEST_F(EngineTest, AloneIsSyncedAtOnce) {
    members({kSelf}, {kSelf});
    EXPECT_EQ(engine.mode(), Mode::synced);
    EXPECT_THAT(log, ElementsAre("notice: members: 2/20", "notice: all data is up to date"));
    EXPECT_EQ(application.synced_calls, 1);
    EXPECT_EQ(application.last_members, 1u);
    EXPECT_THAT(channel.sent, IsEmpty());
}

TEST_F(EngineTest, AMemberThatIsNotTheLowestWaitsForTheSyncRequest) {
    join_three();
    EXPECT_EQ(engine.mode(), Mode::start_sync);
    EXPECT_THAT(log, ElementsAre("notice: members: 1/10, 2/20, 3/30", "notice: starting data syncronisation"));
    EXPECT_THAT(channel.sent, IsEmpty());
    EXPECT_EQ(engine.lowest_node(), 1u);
}

TEST_F(EngineTest, TheLowestAsksForAllStates) {
    members({kUpper, kSelf}, {kUpper});
    EXPECT_THAT(log, ElementsAre("notice: members: 3/30, 2/20", "notice: starting data syncronisation"));
    ASSERT_EQ(channel.sent.size(), 1u);
    const auto request = decode_state(channel.sent[0].bytes);
    EXPECT_TRUE(is(request->header, MessageType::sync_start));
    EXPECT_EQ(request->epoch, (Epoch{1, seconds, 2, 20}));
    EXPECT_EQ(request->header.time, seconds);
    members({kUpper, kSelf}, {kUpper});
    EXPECT_EQ(decode_state(channel.sent[0].bytes)->epoch.epoch, 2u) << "one more for each change";
}

TEST_F(EngineTest, SyncMessagesOfAnOlderMembershipAreNotSent) {
    members({kUpper, kSelf}, {kUpper});
    members({kLower, kSelf, kUpper}, {kLower});
    EXPECT_THAT(channel.sent, IsEmpty());
}

TEST_F(EngineTest, EveryDepartureStartsTheSyncAnew) {
    join_three();
    sync();
    EXPECT_EQ(engine.mode(), Mode::synced);
    members({kLower, kSelf}, {}, {kUpper});
    EXPECT_EQ(engine.mode(), Mode::start_sync);
}

TEST_F(EngineTest, OthersMembershipsBeforeOurOwnAreNoNews) {
    members({kLower}, {kLower});
    EXPECT_EQ(engine.mode(), Mode::start);
    EXPECT_THAT(log, IsEmpty());
}

TEST_F(EngineTest, BeingPutOutIsFollowedByComingBack) {
    join_three();
    sync();
    new_log();
    members({kLower, kUpper}, {}, {kSelf});
    EXPECT_THAT(log, ElementsAre("notice: members: 1/10, 3/30", "notice: we (2/20) left the process group",
                                 "crit: leaving CPG group"));
    EXPECT_EQ(channel.leaves, 0) << "we are out already";
    EXPECT_FALSE(engine.is_member());
    pass(6s);
    EXPECT_EQ(channel.joins, 2);
}

TEST_F(EngineTest, AllSyncedMembersAreSyncedWhenAllStatesAreThere) {
    join_three();
    new_log();
    start_sync();
    EXPECT_THAT(sent_types(), ElementsAre(2));
    EXPECT_EQ(decode_state(channel.sent[0].bytes)->epoch, epoch) << "with the epoch of the request";
    state(kLower, 'n');
    state(kUpper, 'o');
    EXPECT_EQ(engine.mode(), Mode::start_sync);
    state(kSelf, 'n');
    EXPECT_EQ(engine.mode(), Mode::synced);
    EXPECT_THAT(log, ElementsAre("notice: received sync request (epoch 1/10/00000005)", "notice: received all states",
                                 "notice: all data is up to date"));
    EXPECT_FALSE(engine.everybody_synced());
    message(kLower, MessageType::update_complete);
    EXPECT_TRUE(engine.everybody_synced());
}

TEST_F(EngineTest, AMemberWithOldDataIsUpdated) {
    join_three();
    new_log();
    sync("non");
    EXPECT_EQ(engine.mode(), Mode::update);
    message(kLower, MessageType::update);
    message(kLower, MessageType::update);
    EXPECT_EQ(application.updates, 2);
    EXPECT_EQ(application.synced_calls, 0);
    message(kLower, MessageType::update_complete);
    EXPECT_EQ(application.commits, 1);
    EXPECT_EQ(application.synced_calls, 1);
    EXPECT_EQ(engine.mode(), Mode::synced);
    EXPECT_THAT(log, ElementsAre("notice: received sync request (epoch 1/10/00000005)", "notice: received all states",
                                 "notice: waiting for updates from leader", "notice: all data is up to date"));
}

TEST_F(EngineTest, TheLeaderSendsItsUpdatesWithTheEpochOfTheSync) {
    application.leads = true;
    join_three();
    sync();
    EXPECT_THAT(sent_types(), ElementsAre(2, 3, 4));
    EXPECT_EQ(channel.sent[1].id, 7u);
    for (const Outgoing& out : channel.sent)
        EXPECT_EQ(decode_state(out.bytes)->epoch, epoch);
}

TEST_F(EngineTest, FailuresOfTheApplicationEndInLeaving) {
    join_three();
    application.examine_answer = false;
    sync();
    expect_leaving("notice: received all states");
}

TEST_F(EngineTest, NoStateNoMembership) {
    join_three();
    application.own_state.reset();
    start_sync();
    expect_leaving("crit: dfsm_get_state_fn failed");
}

TEST_F(EngineTest, AFailedUpdateEndsInLeaving) {
    join_three();
    sync("non");
    application.update_answer = false;
    message(kLower, MessageType::update);
    expect_leaving("notice: waiting for updates from leader");
}

TEST_F(EngineTest, AFailedCommitEndsInLeaving) {
    join_three();
    sync("non");
    application.commit_answer = false;
    message(kLower, MessageType::update_complete);
    expect_leaving("notice: waiting for updates from leader");
    EXPECT_EQ(application.synced_calls, 0);
}

}  // namespace
}  // namespace cfs::replica
