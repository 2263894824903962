// The checks of pmxcfs-wire.md 2.4 and the table of 4.3.

#include "tests/cfs/replica/engine_harness.hpp"

namespace cfs::replica {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class EngineMessages : public EngineTest {
protected:
    void versioned(std::uint32_t version) {
        engine.delivered(now(), kLower, encode(NormalMessage{{0, 1, version, 9, 0}, 1, {}}));
    }
    static const Epoch kOther;
};
const Epoch EngineMessages::kOther{99, 1, 1, 1};

TEST_F(EngineMessages, BeforeAnyMembership) {
    normal(kLower, 1, 1);
    expect_leaving("crit: no dfsm_sync_info - internal error");
}

TEST_F(EngineMessages, TooShort) {
    join_three();
    engine.delivered(now(), kLower, Buffer(15));
    expect_leaving("crit: received short message (15 bytes)");
}

TEST_F(EngineMessages, NormalTooShort) {
    join_three();
    Buffer bytes = normal_bytes(4, 1);
    bytes.resize(23);
    engine.delivered(now(), kLower, bytes);
    expect_leaving("crit: received short message (type = 0, subtype = 4, 23 bytes)");
}

TEST_F(EngineMessages, StateTooShort) {
    join_three();
    Buffer bytes = encode(StateMessage{{1, 0, 1, 9, 0}, epoch, {}});
    bytes.resize(31);
    engine.delivered(now(), kLower, bytes);
    expect_leaving("crit: received short state message (type = 1, subtype = 0, 31 bytes)");
}

TEST_F(EngineMessages, NewerProtocolIsFinal) {
    join_three();
    new_log();
    versioned(2);
    EXPECT_EQ(engine.mode(), Mode::version_error);
    EXPECT_THAT(log, ElementsAre("crit: received message with protocol version 2",
                                 "crit: detected newer protocol - please update this node"));
    EXPECT_EQ(channel.leaves, 1);
    members({kLower, kUpper}, {}, {kSelf});
    pass(3600s);
    EXPECT_EQ(channel.joins, 1);
}

TEST_F(EngineMessages, OlderProtocolIsIgnored) {
    join_three();
    new_log();
    versioned(0);
    EXPECT_THAT(log, ElementsAre("notice: ignore message with wrong protocol version 0"));
    EXPECT_EQ(engine.mode(), Mode::start_sync);
}

TEST_F(EngineMessages, NothingCountsOnTheWayOut) {
    join_three();
    engine.delivered(now(), kLower, Buffer(15));
    new_log();
    versioned(2);
    start_sync();
    normal(kLower, 1, 1);
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(engine.mode(), Mode::leave);
}

TEST_F(EngineMessages, OtherEpochsAreIgnored) {
    join_three();
    start_sync();
    new_log();
    for (const MessageType type : {MessageType::state, MessageType::update, MessageType::update_complete,
                                   MessageType::verify_request, MessageType::verify})
        message(kLower, type, Buffer{'n'}, kOther);
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(engine.mode(), Mode::start_sync);
}

TEST_F(EngineMessages, NormalInSyncedModeIsDelivered) {
    join_three();
    sync("nno");
    normal(kUpper, 4, 1);
    EXPECT_THAT(application.deliveries, ElementsAre("3:4")) << "even from a member with old data, as upstream does";
}

TEST_F(EngineMessages, ARefusalOfTheApplicationEndsInLeaving) {
    join_three();
    sync();
    application.answer.verdict = Verdict::leave;
    normal(kUpper, 4, 1);
    expect_leaving("notice: all data is up to date");
}

TEST_F(EngineMessages, BrokenDataIsFinal) {
    join_three();
    sync();
    application.answer.verdict = Verdict::broken;
    new_log();
    normal(kUpper, 4, 1);
    EXPECT_EQ(engine.mode(), Mode::error);
    EXPECT_THAT(log, ElementsAre("crit: serious internal error - stop cluster connection"));
    EXPECT_EQ(channel.leaves, 1);
    members({kLower, kUpper}, {}, {kSelf});
    pass(3600s);
    EXPECT_EQ(channel.joins, 1);
}

TEST_F(EngineMessages, NormalInOtherModesWaits) {
    join_three();
    normal(kUpper, 4, 1);
    EXPECT_THAT(application.deliveries, IsEmpty());
    sync();
    EXPECT_THAT(application.deliveries, ElementsAre("3:4"));
}

TEST_F(EngineMessages, ASyncRequestFromAnyoneIsFollowed) {
    join_three();
    new_log();
    start_sync(kUpper);
    EXPECT_THAT(log, ElementsAre("crit: ignore sync request from wrong member 3/30",
                                 "notice: received sync request (epoch 1/10/00000005)"));
    EXPECT_THAT(sent_types(), ElementsAre(2));
}

TEST_F(EngineMessages, ASecondSyncRequestStartsAnew) {
    join_three();
    start_sync();
    state(kLower, 'n');
    epoch = kOther;
    start_sync();
    state(kLower, 'n');
    state(kSelf, 'n');
    EXPECT_EQ(engine.mode(), Mode::start_sync);
    state(kUpper, 'n');
    EXPECT_EQ(engine.mode(), Mode::synced);
}

TEST_F(EngineMessages, AStateOfAStranger) {
    join_three();
    start_sync();
    state({7, 7}, 'n');
    expect_leaving("crit: received state for non-member 7/7");
}

TEST_F(EngineMessages, AStateTwice) {
    join_three();
    start_sync();
    state(kLower, 'n');
    state(kLower, 'n');
    expect_leaving("crit: received duplicate state for member 1/10");
}

TEST_F(EngineMessages, OthersInSyncedModeAreIgnored) {
    join_three();
    sync();
    new_log();
    for (const MessageType type : {MessageType::sync_start, MessageType::state, MessageType::update})
        message(kLower, type);
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(engine.mode(), Mode::synced);
}

TEST_F(EngineMessages, VerificationsDuringASyncAreIgnored) {
    join_three();
    start_sync();
    message(kLower, MessageType::verify_request, encode_verify_request(1));
    message(kLower, MessageType::verify, encode(Verify{}));
    EXPECT_EQ(engine.mode(), Mode::start_sync);
    sync("non");
    message(kLower, MessageType::verify_request, encode_verify_request(1));
    message(kLower, MessageType::verify, encode(Verify{}));
    EXPECT_EQ(engine.mode(), Mode::update);
}

TEST_F(EngineMessages, UpdatesBeforeAllStates) {
    join_three();
    start_sync();
    message(kLower, MessageType::update);
    expect_leaving("crit: received unknown state message type (type = 3, 32 bytes)");
}

TEST_F(EngineMessages, EndOfUpdatesBeforeAllStates) {
    join_three();
    start_sync();
    message(kLower, MessageType::update_complete);
    expect_leaving("crit: received unknown state message type (type = 4, 32 bytes)");
}

TEST_F(EngineMessages, ASyncRequestDuringUpdates) {
    join_three();
    sync("non");
    start_sync();
    expect_leaving("crit: received unknown state message type (type = 1, 32 bytes)");
}

TEST_F(EngineMessages, AStateDuringUpdates) {
    join_three();
    sync("non");
    state(kLower, 'n');
    expect_leaving("crit: received unknown state message type (type = 2, 33 bytes)");
}

TEST_F(EngineMessages, AStateMessageBeforeWeAreAMember) {
    members({kLower}, {kLower});
    start_sync();
    expect_leaving("crit: internal error - unknown mode 0");
}

}  // namespace
}  // namespace cfs::replica
