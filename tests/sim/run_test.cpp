// The simulator in the ordinary test run: a few hundred seeds, and that a seed is a run.

#include <gtest/gtest.h>

#include "tests/sim/runner.hpp"

namespace totem::sim {
namespace {

// Some hundreds in four parts that ctest can run side by side.
class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepTheRules) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + 100; ++seed) {
        const Report report = run_seed(seed, 0);
        EXPECT_FALSE(report.outcome.violation) << describe(report) << "replay: totem-sim --seed " << seed << " --trace";
    }
}

INSTANTIATE_TEST_SUITE_P(Hundreds, Seeds, testing::Values(1, 101, 201, 301));

TEST(Determinism, TheSameSeedIsTheSameRun) {
    for (std::uint64_t seed : {7u, 20u, 33u}) {
        const Report once = run_seed(seed, 0), again = run_seed(seed, 0);
        EXPECT_EQ(once.outcome.trace_hash, again.outcome.trace_hash);
        EXPECT_EQ(once.outcome.events, again.outcome.events);
        EXPECT_GT(once.outcome.events, 100u);
        EXPECT_NE(once.outcome.trace_hash, run_seed(seed + 1, 0).outcome.trace_hash);
    }
}

TEST(Determinism, TracingChangesNothing) {
    std::size_t lines = 0;
    const Report traced = run_seed(20, 10, [&](std::string_view) { ++lines; });
    EXPECT_EQ(traced.outcome.trace_hash, run_seed(20, 0).outcome.trace_hash);
    EXPECT_GT(lines, 1000u);
    EXPECT_EQ(traced.lines.size(), 10u);
}

TEST(Scenarios, CoverTheFaultModel) {
    std::size_t v2 = 0, mixed_orders = 0, large = 0, crashes = 0, partitions = 0, by_type = 0, forgetful = 0;
    std::size_t passive = 0, active = 0, on_one_network = 0, dead = 0, streams = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        const Scenario scenario = make_scenario(seed);
        ASSERT_GE(scenario.nodes.size(), 1u);
        ASSERT_LE(scenario.nodes.size(), kMaxSimNodes);
        v2 += scenario.dialect == Dialect::v2;
        large += scenario.nodes.size() > 16;
        passive += scenario.networks == 2 && scenario.mode == rrp::Mode::passive;
        active += scenario.networks == 2 && scenario.mode == rrp::Mode::active;
        dead += scenario.dead.has_value();
        for (const NodeSetup& node : scenario.nodes)
            if (node.order != kNativeOrder) {
                ++mixed_orders;
                break;
            }
        for (const Action& action : scenario.actions) {
            crashes += action.kind == Action::Kind::crash;
            forgetful += action.kind == Action::Kind::restart && action.flag;
            streams += action.kind == Action::Kind::stream;
        }
        for (const LinkFault& fault : scenario.faults) {
            EXPECT_LE(fault.end, scenario.calm);
            partitions += fault.loss == 1 && fault.types == kAllTypes && fault.larger_than == 0;
            by_type += fault.types != kAllTypes;
            on_one_network += fault.networks == 1 || fault.networks == 2;
        }
    }
    for (std::size_t count : {v2, mixed_orders, crashes, partitions, by_type, forgetful, streams})
        EXPECT_GT(count, 100u);
    for (std::size_t count : {passive, active, on_one_network})
        EXPECT_GT(count, 100u);
    EXPECT_GT(dead, 50u);
    EXPECT_GT(large, 0u);
}

TEST(Runner, WorkersReportAndFinish) {
    std::uint64_t seen = 0;
    const Summary summary = run_campaign(
        {1, 12, 2, false, 120}, [&](const Progress& p) { seen = p.done; }, [](const Failure&) {});
    EXPECT_EQ(summary.progress.done, 12u);
    EXPECT_EQ(seen, 12u);
    EXPECT_TRUE(summary.failures.empty());
}

}  // namespace
}  // namespace totem::sim
