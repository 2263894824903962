// Comparing all data once an hour (pmxcfs-wire.md 4.7).

#include "tests/cfs/replica/engine_harness.hpp"

namespace cfs::replica {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class EngineVerification : public EngineTest {
protected:
    // We are the lowest of two.
    void lead(std::string_view states = "nn") {
        members({kSelf, kUpper}, {kSelf});
        start_sync(kSelf);
        state(kSelf, states[0]);
        state(kUpper, states[1]);
        channel.sent.clear();
        new_log();
    }
    void follow() {
        join_three();
        sync();
        channel.sent.clear();
        new_log();
    }
    void request(std::uint64_t id = 1) { message(kLower, MessageType::verify_request, encode_verify_request(id)); }
};

TEST_F(EngineVerification, TheLowestAsksEveryHour) {
    lead();
    pass(3599s);
    EXPECT_THAT(channel.sent, IsEmpty());
    pass(1s);
    ASSERT_THAT(sent_types(), ElementsAre(5));
    EXPECT_EQ(decode_verify_request(decode_state(channel.sent[0].bytes)->payload), 1u);
    echo();
    ASSERT_THAT(sent_types(), ElementsAre(6)) << "the checksum follows our own request";
    echo();
    EXPECT_THAT(log, ElementsAre("notice: data verification successful"));
    pass(3600s);
    EXPECT_EQ(decode_verify_request(decode_state(channel.sent[0].bytes)->payload), 2u);
}

TEST_F(EngineVerification, OthersDoNotAsk) {
    follow();
    pass(3600s);
    EXPECT_THAT(channel.sent, IsEmpty());
}

TEST_F(EngineVerification, AnUnfinishedRoundDelaysTheNext) {
    lead();
    pass(3600s);
    channel.sent.clear();
    pass(3600s);
    EXPECT_THAT(channel.sent, IsEmpty());
    EXPECT_THAT(log, ElementsAre("notice: delay verify request 0000000000000002"));
}

TEST_F(EngineVerification, WaitsForMembersThatAreBeingUpdated) {
    lead("no");
    pass(3600s);
    EXPECT_THAT(channel.sent, IsEmpty());
    message(kSelf, MessageType::update_complete);
    EXPECT_THAT(sent_types(), ElementsAre(5));
}

TEST_F(EngineVerification, EqualChecksums) {
    follow();
    application.own_checksum[0] = 1;
    request();
    EXPECT_THAT(channel.sent, IsEmpty());
    message(kLower, MessageType::verify, encode(Verify{1, application.own_checksum}));
    EXPECT_THAT(log, ElementsAre("notice: data verification successful"));
}

TEST_F(EngineVerification, TheChecksumIsThatOfTheRequestsPlace) {
    follow();
    request();
    application.own_checksum[0] = 1;
    message(kLower, MessageType::verify, encode(Verify{1, {}}));
    EXPECT_THAT(log, ElementsAre("notice: data verification successful"));
}

TEST_F(EngineVerification, DifferentChecksums) {
    follow();
    for (std::uint8_t i = 0; i < 8; ++i)
        application.own_checksum[i] = i;
    request();
    message(kLower, MessageType::verify, encode(Verify{1, {0xff}}));
    expect_leaving("crit: wrong checksum 00000000000000FF != 0706050403020100 - restarting");
}

TEST_F(EngineVerification, NothingToCompareWith) {
    follow();
    message(kLower, MessageType::verify, encode(Verify{1, {}}));
    request(2);
    message(kLower, MessageType::verify, encode(Verify{1, {}}));
    EXPECT_THAT(log, ElementsAre("notice: skip verification - no checksum saved",
                                 "notice: skip verification - no checksum saved"));
}

TEST_F(EngineVerification, AMembershipChangeVoidsTheRound) {
    lead();
    pass(3600s);
    members({kSelf, kUpper}, {kUpper}, {kUpper});
    start_sync(kSelf);
    state(kSelf, 'n');
    state(kUpper, 'n');
    channel.sent.clear();
    pass(3600s);
    EXPECT_THAT(sent_types(), ElementsAre(5)) << "the next round is not delayed";
}

TEST_F(EngineVerification, WrongLengthOfTheRequest) {
    follow();
    message(kLower, MessageType::verify_request, Buffer(7));
    expect_leaving("crit: cpg received verify request with wrong length (7 bytes) form node 1/10");
}

TEST_F(EngineVerification, WrongLengthOfTheChecksum) {
    follow();
    message(kLower, MessageType::verify, Buffer(39));
    expect_leaving("crit: cpg received verify message with wrong length (39 bytes)");
}

}  // namespace
}  // namespace cfs::replica
