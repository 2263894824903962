#include "tools/omping/statistics.hpp"

#include <gtest/gtest.h>

#include "tools/omping/rate_limit.hpp"

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

TEST(Moments, OfTheSampleRun) {
    Moments of;
    EXPECT_EQ(of.deviation(), 0);
    for (const auto us : {167us, 95us, 56us})
        of.add(us);
    EXPECT_EQ(of.least(), 56us);
    EXPECT_EQ(of.greatest(), 167us);
    EXPECT_DOUBLE_EQ(of.mean(), 106000);
    EXPECT_EQ(of.deviation(), 56311);  // sqrt((61^2 + 11^2 + 50^2) / 2) us, cut to whole ns
}

TEST(DuplicateRing, KnowsAsManyAsItHasSlots) {
    DuplicateRing ring(4);
    EXPECT_FALSE(ring.seen(1));
    EXPECT_TRUE(ring.seen(1));
    for (std::uint32_t sequence = 2; sequence <= 5; ++sequence)
        EXPECT_FALSE(ring.seen(sequence));
    EXPECT_FALSE(ring.seen(1)) << "5 took its slot";
    DuplicateRing none(0);
    EXPECT_FALSE(none.seen(1));
    EXPECT_FALSE(none.seen(1));
}

TEST(DuplicateRing, Size) {
    EXPECT_EQ(DuplicateRing::slots_for(0ms), 0u);
    EXPECT_EQ(DuplicateRing::slots_for(1ms), 120001u);
    EXPECT_EQ(DuplicateRing::slots_for(1s), 1024u);
}

TEST(Loss, IsCutToWholePercent) {
    EXPECT_EQ(loss_percent(10000, 9901), 0u);
    EXPECT_EQ(loss_percent(10000, 9900), 1u);
    EXPECT_EQ(loss_percent(100, 93), 7u);
    EXPECT_EQ(loss_percent(30, 8), 73u);
    EXPECT_EQ(loss_percent(3, 0), 100u);
    EXPECT_EQ(loss_percent(3, 4), 0u);
    EXPECT_EQ(loss_percent(0, 0), 0u);
}

TEST(RateLimit, ThirtyQueriesAtATenthOfASecondAgainstOneASecond) {
    RateLimit limit(1s);
    int admitted = 0;
    for (int i = 0; i < 30; ++i)
        admitted += limit.admits(totem::Instant(100s) + i * 100ms) ? 1 : 0;
    EXPECT_EQ(admitted, 8);
    RateLimit none(0s);
    for (int i = 0; i < 30; ++i)
        EXPECT_TRUE(none.admits(totem::Instant(100s)));
}

TEST(RateLimit, TheAgreedRateIsNeverDropped) {
    RateLimit limit(1ms);
    totem::Instant now(100s);
    for (int i = 0; i < 10000; ++i) {
        EXPECT_TRUE(limit.admits(now));
        now += 1ms;
    }
}

TEST(Histogram, PercentilesAreWithinABucket) {
    Histogram of;
    EXPECT_EQ(of.percentile(0.5), 0);
    for (int us = 1; us <= 1000; ++us)
        of.add(us);
    for (const double share : {0.5, 0.9, 0.99, 0.999}) {
        EXPECT_GE(of.percentile(share), share * 1000 - 1e-6);
        EXPECT_LE(of.percentile(share), share * 1000 * Histogram::kStep + 1e-6);
    }
    EXPECT_LE(of.percentile(0), Histogram::kStep);
    std::uint64_t total = 0;
    double before = 0;
    for (const auto& bucket : of.buckets()) {
        EXPECT_GT(bucket.upper_us, before);
        before = bucket.upper_us;
        total += bucket.count;
    }
    EXPECT_EQ(total, of.count());
    of.add(0);
    of.add(1e12);
    EXPECT_LE(of.percentile(1), 1.05e7) << "what is longer counts as ten seconds";
}

}  // namespace
}  // namespace tools::omping
