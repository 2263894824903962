// Leaving, coming back, and losing the connection (pmxcfs-wire.md 4.6, pmxcfs.md 15.1).

#include "tests/cfs/replica/engine_harness.hpp"

namespace cfs::replica {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EngineService : public EngineTest {
protected:
    void leave() {
        join_three();
        engine.delivered(now(), kLower, Buffer(15));
        members({kLower, kUpper}, {}, {kSelf});
    }
};

TEST_F(EngineService, ComesBackSixSecondsAfterItsLastStart) {
    seconds += 2;
    leave();
    new_log();
    EXPECT_EQ(engine.next_timer(), totem::Instant{} + 1006s);
    pass(3s);
    EXPECT_EQ(channel.joins, 1);
    pass(1s);
    EXPECT_EQ(channel.joins, 2);
    EXPECT_EQ(engine.mode(), Mode::start);
    EXPECT_THAT(log, ElementsAre("notice: start cluster connection"));
    join_three();
    sync();
    EXPECT_EQ(engine.mode(), Mode::synced);
    EXPECT_THAT(application.deliveries, IsEmpty());
}

TEST_F(EngineService, ComesBackAtOnceAfterALongLife) {
    seconds += 100;
    leave();
    engine.tick(now());
    EXPECT_EQ(channel.joins, 2);
}

TEST_F(EngineService, ALostConnectionIsTriedAgain) {
    join_three();
    sync();
    engine.submit(now(), 1, {});
    new_log();
    engine.lost(now());
    EXPECT_THAT(log, ElementsAre("notice: start cluster connection"));
    EXPECT_THAT(results, ElementsAre("1 given up 0"));
    EXPECT_FALSE(engine.is_member());
    EXPECT_FALSE(engine.submit(now(), 1, {}));
    pass(6s);
    EXPECT_EQ(channel.joins, 2);
}

TEST_F(EngineService, OnlyTheFirstFailureOfARowIsTold) {
    engine.lost(now());
    new_log();
    for (int i = 0; i < 3; ++i) {
        pass(6s);
        engine.lost(now());
    }
    EXPECT_THAT(log, ElementsAre("crit: can't initialize service"));
    EXPECT_EQ(channel.joins, 4);
    pass(6s);
    engine.connected(kSelf);
    engine.lost(now());
    pass(6s);
    engine.lost(now());
    EXPECT_THAT(log, ElementsAre("crit: can't initialize service", "crit: can't initialize service"));
}

TEST_F(EngineService, LeavingALostConnectionStillEndsInComingBack) {
    join_three();
    engine.delivered(now(), kLower, Buffer(15));
    engine.lost(now());
    EXPECT_EQ(engine.mode(), Mode::leave);
    pass(6s);
    EXPECT_EQ(channel.joins, 2);
    EXPECT_EQ(engine.mode(), Mode::start);
}

TEST_F(EngineService, StopsForGood) {
    join_three();
    engine.submit(now(), 1, {});
    engine.stop();
    EXPECT_EQ(channel.leaves, 1);
    EXPECT_THAT(results, ElementsAre("1 given up 0"));
    pass(3600s);
    EXPECT_EQ(channel.joins, 1);
    EXPECT_EQ(engine.next_timer(), totem::kNever);
}

struct Failure {
    Purpose purpose;
    const char* text;
};
class EngineSendFailures : public EngineTest, public testing::WithParamInterface<Failure> {};

TEST_P(EngineSendFailures, EndInLeaving) {
    join_three();
    engine.send_failed(now(), GetParam().purpose, 0);
    expect_leaving(std::string("crit: ") + GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(All, EngineSendFailures,
                         testing::Values(Failure{Purpose::resend, "dfsm_resend_queue failed"},
                                         Failure{Purpose::sync_start, "failed to send SYNC_START message"},
                                         Failure{Purpose::state, "failed to send STATE message"},
                                         Failure{Purpose::update_complete, "failed to send UPDATE_COMPLETE message"}));

TEST_F(EngineService, SomeSendFailuresAreOnlyTold) {
    join_three();
    new_log();
    engine.send_failed(now(), Purpose::update, 0xab);
    engine.send_failed(now(), Purpose::verify_request, 0);
    EXPECT_THAT(log, ElementsAre("crit: sending update inode failed 00000000000000AB",
                                 "crit: failed to send VERIFY_REQUEST message"));
    EXPECT_EQ(engine.mode(), Mode::start_sync);
}

}  // namespace
}  // namespace cfs::replica
