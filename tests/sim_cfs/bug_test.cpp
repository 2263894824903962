// Each planted bug of the store is found: its oracles can fail.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/sim_cfs/bugs.hpp"
#include "tests/sim_cfs/world.hpp"

namespace totem::sim::store {
namespace {

class PlantedStoreBug : public testing::TestWithParam<BugInfo> {
protected:
    ~PlantedStoreBug() override { plant(Bug::none); }
};

TEST_P(PlantedStoreBug, IsFoundWithinAThousandSeeds) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        plant(GetParam().bug);
        const Report report = run_store_seed(seed, 0);
        if (!report.outcome.violation) continue;
        plant(Bug::none);
        EXPECT_FALSE(run_store_seed(seed, 0).outcome.violation) << "seed " << seed << " fails without the bug, too";
        RecordProperty("seed", static_cast<int>(seed));
        RecordProperty("rule", report.outcome.violation->rule);
        return;
    }
    ADD_FAILURE() << GetParam().name << " was not found";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedStoreBug,
                         testing::ValuesIn(planted_store_bugs().begin(), planted_store_bugs().end()),
                         [](const auto& parameter) {
                             std::string name(parameter.param.name);
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace totem::sim::store
