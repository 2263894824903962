// Counts far from zero. Spec totem-rrp.md section 6.4 step 3, test list 9.

#include <gtest/gtest.h>

#include "totem/rrp/counts.hpp"

namespace totem::rrp {
namespace {

constexpr std::uint32_t kLimit = 1073741823;
using Values = Counts::Values;

TEST(Rebase, NotBeforeTheLimitIsPassed) {
    EXPECT_EQ(Counts::kRebaseAbove, kLimit);
    Counts counts(2, {kLimit - 1, kLimit - 4});
    counts.add(0, 0);
    EXPECT_EQ(counts.values(), (Values{kLimit, kLimit - 4}));
    counts.add(0, 0);
    EXPECT_EQ(counts.values(), (Values{5, 0}));
}

TEST(Rebase, DifferencesStay) {
    Counts counts(2, {kLimit, kLimit - 10});
    EXPECT_EQ(counts.behind(10), 0u);
    counts.add(0, 0);
    EXPECT_EQ(counts.behind(10), 0b10u);
    EXPECT_EQ(counts.behind(11), 0u);
    for (int i = 0; i < 12; ++i)
        counts.add(1, 0);
    EXPECT_EQ(counts.behind(0), 0b01u);
}

// Step 3, first case: a faulty network that counted takes part.
TEST(Rebase, FaultyNetworksTakePartWhenAllCount) {
    Counts counts(2, {kLimit, 100});
    counts.add(0, 0b10);
    EXPECT_EQ(counts.values(), (Values{kLimit + 1 - 100, 0}));
}

// Step 3, second case: the ones that are used go down without the faulty one.
TEST(Rebase, ADeadFaultyNetworkKeepsNobodyFromIt) {
    Counts counts(2, {kLimit, 0});
    counts.add(0, 0b10);
    EXPECT_EQ(counts.values(), (Values{0, 0}));
}

TEST(Rebase, NothingToSubtract) {
    Counts counts(2, {kLimit, 0});
    counts.add(0, 0);
    EXPECT_EQ(counts.values(), (Values{kLimit + 1, 0}));
    EXPECT_EQ(counts.behind(kLimit), 0b10u);
    Counts all_faulty(2, {kLimit, 0});
    all_faulty.add(0, 0b11);
    EXPECT_EQ(all_faulty.values(), (Values{kLimit + 1, 0}));
}

TEST(Rebase, OneNetworkStartsAgain) {
    Counts counts(1, {kLimit, 0});
    counts.add(0, 0);
    EXPECT_EQ(counts.values()[0], 0u);
    EXPECT_EQ(counts.behind(0), 0u);
}

TEST(Counts, TheBestIsNeverBehind) {
    Counts counts(2);
    EXPECT_EQ(counts.behind(0), 0u);
    counts.add(1, 0);
    EXPECT_EQ(counts.behind(0), 0b01u);
    counts.add(0, 0);
    EXPECT_EQ(counts.behind(0), 0u);
    counts.add(0, 0);
    counts.reset();
    EXPECT_EQ(counts.behind(0), 0u);
}

}  // namespace
}  // namespace totem::rrp
