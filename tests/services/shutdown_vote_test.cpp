// The vote on a try-shutdown: spec client-ipc.md section 8.5.

#include "engine/services/cfg/shutdown_vote.hpp"

#include <gtest/gtest.h>

namespace engine::cfg {
namespace {

using Begin = ShutdownVote::Begin;
using Flags = ShutdownFlags;

constexpr ShutdownVote::Client kRequester = 1, kA = 2, kB = 3;

class Vote : public testing::Test {
protected:
    void track(std::initializer_list<ShutdownVote::Client> clients) {
        for (const auto client : clients)
            EXPECT_FALSE(vote_.track(client)) << "nothing to ask yet";
    }
    static void expect(const std::optional<ShutdownVote::End>& end, bool granted) {
        ASSERT_TRUE(end);
        EXPECT_EQ(end->requester, kRequester);
        EXPECT_EQ(end->granted, granted);
    }
    ShutdownVote vote_;
};

TEST_F(Vote, WithoutTrackersIsGrantedAtOnce) {
    EXPECT_EQ(vote_.begin(kRequester, Flags::request), Begin::granted);
    track({kRequester});
    EXPECT_EQ(vote_.begin(kRequester, Flags::request), Begin::granted) << "who asks is not asked";
    EXPECT_FALSE(vote_.running());
}

TEST_F(Vote, ImmediateAsksNobody) {
    track({kA});
    EXPECT_EQ(vote_.begin(kRequester, Flags::immediate), Begin::granted);
}

TEST_F(Vote, NeedsEverybodysYes) {
    track({kA, kB});
    EXPECT_EQ(vote_.begin(kRequester, Flags::request), Begin::asked);
    EXPECT_FALSE(vote_.reply(kA, true));
    EXPECT_FALSE(vote_.reply(kA, true)) << "a second reply replaces the first";
    expect(vote_.reply(kB, true), true);
    EXPECT_FALSE(vote_.running());
}

TEST_F(Vote, OneNoRefusesButOnlyWhenAllHaveSpoken) {
    track({kA, kB});
    vote_.begin(kRequester, Flags::request);
    EXPECT_FALSE(vote_.reply(kA, false));
    expect(vote_.reply(kB, true), false);
}

TEST_F(Vote, RegardlessWaitsForAnswersAndIgnoresThem) {
    track({kA});
    vote_.begin(kRequester, Flags::regardless);
    EXPECT_TRUE(vote_.running());
    expect(vote_.reply(kA, false), true);
}

TEST_F(Vote, SecondAttemptIsRefusedWhileOneRuns) {
    track({kA});
    vote_.begin(kRequester, Flags::request);
    EXPECT_EQ(vote_.begin(kB, Flags::request), Begin::refused);
    EXPECT_EQ(vote_.begin(kB, Flags::immediate), Begin::granted);
}

TEST_F(Vote, LeavingCountsAsYesAndWithdrawsANo) {
    track({kA, kB});
    vote_.begin(kRequester, Flags::request);
    EXPECT_FALSE(vote_.reply(kA, false));
    EXPECT_FALSE(vote_.untrack(kA));
    expect(vote_.disconnected(kB), true);
}

TEST_F(Vote, NewcomerIsAskedToo) {
    track({kA});
    vote_.begin(kRequester, Flags::request);
    EXPECT_TRUE(vote_.track(kB));
    EXPECT_FALSE(vote_.track(kB)) << "once";
    EXPECT_FALSE(vote_.reply(kA, true));
    expect(vote_.reply(kB, false), false);
}

TEST_F(Vote, WhoComesBackVotesAgain) {
    track({kA, kB});
    vote_.begin(kRequester, Flags::request);
    EXPECT_FALSE(vote_.untrack(kA));
    EXPECT_TRUE(vote_.track(kA));
    EXPECT_FALSE(vote_.reply(kB, true));
    expect(vote_.reply(kA, false), false);
}

TEST_F(Vote, SilenceIsANo) {
    track({kA, kB});
    vote_.begin(kRequester, Flags::request);
    vote_.reply(kA, true);
    expect(vote_.time_out(), false);
    vote_.begin(kRequester, Flags::regardless);
    expect(vote_.time_out(), true);
    EXPECT_FALSE(vote_.time_out());
}

TEST_F(Vote, EndsWithItsRequester) {
    track({kA, kRequester});
    vote_.begin(kRequester, Flags::request);
    EXPECT_FALSE(vote_.disconnected(kRequester));
    EXPECT_FALSE(vote_.running());
    EXPECT_FALSE(vote_.reply(kA, true));
    EXPECT_FALSE(vote_.asked(kA));
    EXPECT_EQ(vote_.begin(kB, Flags::request), Begin::asked);
}

TEST_F(Vote, StrangersHaveNoVote) {
    track({kA});
    vote_.begin(kRequester, Flags::request);
    EXPECT_FALSE(vote_.reply(kRequester, true));
    EXPECT_FALSE(vote_.reply(77, true));
    EXPECT_TRUE(vote_.running());
}

}  // namespace
}  // namespace engine::cfg
