// Whether what a node sends alone is gathered: stream.hpp.
#include "totem/srp/stream.hpp"

#include <gtest/gtest.h>

namespace totem::srp::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class Stream : public testing::Test {
protected:
    // So many messages leave at once, this often; those that are gathered, at another interval.
    void send(Duration how_long, std::uint32_t messages, Duration interval, Duration gathered) {
        for (const Instant end = now_ + how_long; now_ < end;) {
            const Duration step = gathering_.active() ? gathered : interval;
            now_ += step;
            active_ += gathering_.active() ? step : Duration{};
            gathering_.sent(now_, messages, true);
        }
    }
    // What part of the time was gathered.
    double active(Duration whole) {
        return static_cast<double>(std::exchange(active_, Duration{}).count()) / static_cast<double>(whole.count());
    }

    StreamGathering gathering_;
    Instant now_{milliseconds(1000)};
    Duration active_{};
};

TEST_F(Stream, OfWhoSendsWhatItCanIsGathered) {
    send(milliseconds(49), 20, microseconds(500), microseconds(500));
    EXPECT_FALSE(gathering_.active());
    send(milliseconds(2), 20, microseconds(500), microseconds(500));
    EXPECT_TRUE(gathering_.active());
    active(milliseconds(1));
    send(milliseconds(10000), 20, microseconds(500), microseconds(500));
    EXPECT_GT(active(milliseconds(10000)), 0.9);
}

TEST_F(Stream, OfWhoWaitsForItsMessagesIsTriedAndGivenUp) {
    send(milliseconds(1050), 10, microseconds(150), milliseconds(1));
    EXPECT_LT(active(milliseconds(1050)), 0.06) << "once";
    send(milliseconds(60000), 10, microseconds(150), milliseconds(1));
    EXPECT_LT(active(milliseconds(60000)), 0.006) << "less and less often";
}

TEST_F(Stream, WhatIsToBeComparedWithIsKnownAgain) {
    send(milliseconds(2000), 20, microseconds(200), microseconds(200));
    EXPECT_GT(active(milliseconds(2000)), 0.9);
    // The rate falls by itself, and later because of gathering.
    send(milliseconds(2200), 20, microseconds(800), microseconds(800));
    active(milliseconds(1));
    send(milliseconds(500), 20, microseconds(800), microseconds(800));
    EXPECT_GT(active(milliseconds(500)), 0.8);
    send(milliseconds(3000), 20, microseconds(300), microseconds(900));
    active(milliseconds(1));
    send(milliseconds(1000), 20, microseconds(300), microseconds(900));
    EXPECT_LT(active(milliseconds(1000)), 0.1);
}

TEST_F(Stream, FewMessagesAreNotWorthIt) {
    send(milliseconds(1000), 9, milliseconds(1), milliseconds(1));
    EXPECT_EQ(active(milliseconds(1000)), 0);
    send(milliseconds(100), 11, milliseconds(1), milliseconds(1));
    EXPECT_TRUE(gathering_.active());
    send(milliseconds(100), 1, milliseconds(1), milliseconds(1));
    EXPECT_FALSE(gathering_.active());
}

TEST_F(Stream, OnlyOfWhoSendsAlone) {
    send(milliseconds(200), 20, microseconds(500), microseconds(500));
    ASSERT_TRUE(gathering_.active());
    gathering_.sent(now_, 20, false);
    EXPECT_FALSE(gathering_.active());
    for (int visit = 0; visit < 1000; ++visit)
        gathering_.sent(now_ += microseconds(500), 20, visit % 90 != 0);
    EXPECT_FALSE(gathering_.active());
}

}  // namespace
}  // namespace totem::srp::test
