// What answers add up to. Spec omping.md section 14.1.
#include "tools/omping/qualify/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tools::omping::qualify {
namespace {

using namespace std::chrono_literals;

Reply reply(std::uint32_t sequence, Duration rtt = 1ms, bool group = false, bool duplicate = false) {
    Reply out;
    out.sequence = sequence;
    out.rtt = rtt;
    out.group = group;
    out.duplicate = duplicate;
    return out;
}

TEST(Recording, LossGapsAndFirst) {
    Recording recording;
    recording.sent(10);
    for (const std::uint32_t sequence : {3u, 4u, 7u, 9u})
        recording.replied(reply(sequence, 1ms, true));
    const CastSummary group = recording.summary(true);
    EXPECT_EQ(group.sent, 10u);
    EXPECT_EQ(group.received, 4u);
    EXPECT_EQ(group.first, 3u);
    EXPECT_DOUBLE_EQ(group.loss_percent(), 60);
    EXPECT_DOUBLE_EQ(group.loss_since_first_percent(), 50);
    ASSERT_EQ(group.gaps.size(), 3u);
    EXPECT_EQ(group.gaps[0].from, 5u);
    EXPECT_EQ(group.gaps[0].length, 2u);
    EXPECT_EQ(group.gaps[2].from, 10u);
    EXPECT_EQ(group.longest_gap(), 2u);
    const CastSummary unicast = recording.summary(false);
    EXPECT_EQ(unicast.first, 0u);
    EXPECT_DOUBLE_EQ(unicast.loss_percent(), 100);
    EXPECT_DOUBLE_EQ(unicast.loss_since_first_percent(), 100);
}

TEST(Recording, LossIsExact) {
    Recording recording;
    recording.sent(10000);
    for (std::uint32_t sequence = 1; sequence <= 9999; ++sequence)
        recording.replied(reply(sequence));
    EXPECT_DOUBLE_EQ(recording.summary(false).loss_percent(), 0.01);
}

TEST(Recording, ReorderingDuplicatesAndJitter) {
    Recording recording;
    recording.sent(5);
    for (const std::uint32_t sequence : {1u, 4u, 2u, 3u, 5u})
        recording.replied(reply(sequence, sequence % 2 == 1 ? 1ms : 3ms));
    recording.replied(reply(5, 9ms, false, true));
    const CastSummary unicast = recording.summary(false);
    EXPECT_EQ(unicast.reordered, 2u);
    EXPECT_EQ(unicast.reorder_depth, 2u);
    EXPECT_EQ(unicast.duplicates, 1u);
    EXPECT_EQ(unicast.received, 5u);
    EXPECT_DOUBLE_EQ(unicast.jitter_us, 2000);
    EXPECT_DOUBLE_EQ(unicast.min_us, 1000);
    EXPECT_DOUBLE_EQ(unicast.max_us, 3000);
    EXPECT_LE(unicast.p999_us, unicast.max_us) << "no percentile is above the greatest value";
}

TEST(Recording, WhatWasNotMeasuredIsNotLost) {
    Recording recording;
    recording.sent(4);
    recording.replied(reply(1));
    recording.replied(reply(4));
    recording.exclude(2);
    recording.exclude(4);  // it was answered
    recording.exclude(0);
    const CastSummary unicast = recording.summary(false);
    EXPECT_EQ(unicast.sent, 3u);
    EXPECT_EQ(unicast.received, 2u);
}

std::vector<float> samples(std::initializer_list<std::pair<int, float>> runs) {
    std::vector<float> out;
    for (const auto& [count, value] : runs)
        out.insert(out.end(), static_cast<std::size_t>(count), value);
    return out;
}

TEST(Silence, OfTheGroupAlone) {
    const auto unicast = samples({{600, 100}});
    const auto found = find_silence(unicast, samples({{260, 100}, {340, kMissing}}), 5);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->from, 261u);
    EXPECT_EQ(found->length, 340u);
    EXPECT_TRUE(found->to_the_end);
    const auto passing = find_silence(unicast, samples({{260, 100}, {60, kMissing}, {280, 100}}), 5);
    ASSERT_TRUE(passing);
    EXPECT_EQ(passing->length, 60u);
    EXPECT_FALSE(passing->to_the_end);
}

TEST(Silence, IsNoneWhereUnicastIsSilentTooOrTheGroupNeverSpoke) {
    EXPECT_FALSE(find_silence(samples({{100, 100}, {50, kMissing}}), samples({{100, 100}, {50, kMissing}}), 5));
    EXPECT_FALSE(find_silence(samples({{150, 100}}), samples({{150, kMissing}}), 5));
    EXPECT_FALSE(find_silence(samples({{150, 100}}), samples({{100, 100}, {4, kMissing}, {46, 100}}), 5));
}

}  // namespace
}  // namespace tools::omping::qualify
