// The store's simulator in the ordinary test run.

#include <gtest/gtest.h>

#include "tests/sim_cfs/world.hpp"

namespace totem::sim::store {
namespace {

class StoreSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(StoreSeeds, KeepTheRules) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + 50; ++seed) {
        const Report report = run_store_seed(seed, 0);
        EXPECT_FALSE(report.outcome.violation)
            << describe(report) << "replay: totem-sim --store --seed " << seed << " --trace";
    }
}

INSTANTIATE_TEST_SUITE_P(Fifties, StoreSeeds, testing::Values(1, 51, 101, 151));

TEST(StoreDeterminism, TheSameSeedIsTheSameRun) {
    for (const std::uint64_t seed : {3u, 4u, 5u}) {
        const Report once = run_store_seed(seed, 0), again = run_store_seed(seed, 5);
        EXPECT_EQ(once.outcome.trace_hash, again.outcome.trace_hash);
        EXPECT_EQ(once.outcome.events, again.outcome.events);
        EXPECT_GT(once.outcome.events, 100u);
        EXPECT_NE(once.outcome.trace_hash, run_store_seed(seed + 1, 0).outcome.trace_hash);
    }
}

TEST(StoreScenarios, CoverTheFaultModel) {
    std::size_t gentle = 0, one_by_one = 0, locks = 0, fresh = 0, crashes = 0, splits = 0, at_disk = 0, at_message = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        const Scenario scenario = make_scenario(seed);
        gentle += scenario.gentle;
        one_by_one += scenario.one_by_one;
        locks += scenario.locks;
        fresh += scenario.fresh.front();
        at_disk += scenario.crash_at_disk > 0;
        at_message += scenario.crash_at_message > 0;
        for (const Fault& fault : scenario.faults) {
            crashes += fault.kind == Fault::Kind::crash;
            splits += fault.kind == Fault::Kind::split;
            EXPECT_LE(fault.at, scenario.calm);
            EXPECT_FALSE(scenario.gentle && fault.kind == Fault::Kind::crash);
        }
    }
    for (const std::size_t count : {gentle, one_by_one, locks, fresh, crashes, splits, at_disk, at_message})
        EXPECT_GT(count, 100u);
}

}  // namespace
}  // namespace totem::sim::store
