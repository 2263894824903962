// Each planted bug is found: the oracles can fail, and the scenarios lead to where bugs would be.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/sim/bugs.hpp"
#include "tests/sim/runner.hpp"

namespace totem::sim {
namespace {

class PlantedBug : public testing::TestWithParam<BugInfo> {
protected:
    ~PlantedBug() override { plant(Bug::none); }
};

TEST_P(PlantedBug, IsFoundWithinAThousandSeeds) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        plant(GetParam().bug);
        const Report report = run_seed(seed, 0);
        if (!report.outcome.violation) continue;
        plant(Bug::none);
        EXPECT_FALSE(run_seed(seed, 0).outcome.violation) << "seed " << seed << " fails without the bug, too";
        return;
    }
    ADD_FAILURE() << GetParam().name << " was not found";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug, testing::ValuesIn(planted_bugs().begin(), planted_bugs().end()),
                         [](const auto& parameter) {
                             std::string name(parameter.param.name);
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace totem::sim
