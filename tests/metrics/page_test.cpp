// The tables between statistics and metrics: complete, consistent, and named as Prometheus wants it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/daemon/metrics_families.hpp"

namespace engine {
namespace {

using metrics::Type;

std::multiset<std::string> keys_of(std::span<const MetricFamily> families) {
    std::multiset<std::string> out;
    for (const MetricFamily& family : families) {
        for (const MetricSeries& series : family.series)
            out.emplace(series.key);
    }
    return out;
}

void expect_all(const StatsMap::Values& values, std::span<const MetricFamily> families,
                const std::set<std::string>& left_out = {}) {
    const auto keys = keys_of(families);
    for (const auto& [name, value] : values)
        EXPECT_EQ(keys.count(name), left_out.contains(name) ? 0u : 1u) << name;
}

StatsMap map() {
    return StatsMap({.ring = [] { return totem::srp::Statistics{}; },
                     .groups = [] { return totem::pg::PgStatistics{}; },
                     .sendmsg_failures = [] { return std::uint64_t{0}; },
                     .faulty_networks = [] { return std::vector<bool>{false}; },
                     .clear_ring = [] {}});
}

TEST(MetricFamilies, EveryStatisticHasItsMetric) {
    expect_all(map().ring_values(), ring_families());
    expect_all(map().group_values(), group_families());
    // The name is a label; the rest says in other words what queued events and bytes say.
    expect_all(StatsMap::connection_values({}), service_families(), {"procname", "queued", "sent"});
}

TEST(MetricFamilies, NamesAreConventional) {
    std::set<std::string_view> names;
    for (const auto families :
         {ring_families(), group_families(), net_families(), service_families(), connection_families()}) {
        for (const MetricFamily& family : families) {
            EXPECT_TRUE(names.insert(family.name).second) << family.name << " comes twice";
            EXPECT_THAT(std::string(family.name), testing::MatchesRegex("totemd_[a-z_]+"));
            EXPECT_EQ(family.name.ends_with("_total"), family.type == Type::counter) << family.name;
            EXPECT_EQ(family.name.ends_with("_seconds"), family.scale != 1) << family.name;
            EXPECT_TRUE(family.help.ends_with('.')) << family.name;
            EXPECT_EQ(family.series.size() > 1, !family.label.empty()) << family.name;
        }
    }
}

TEST(MetricFamilies, SamplesOfSeveralSubjects) {
    const std::vector<MetricFamily> families = {
        {"a_total", Type::counter, "A.", {{"x", "one"}, {"y", "two"}}, "kind"},
        {"b_seconds", Type::gauge, "B.", {{"z"}}, {}, 0.001},
    };
    const std::vector<MetricSubject> subjects = {
        {{{"x", std::uint64_t{1}}, {"y", std::uint8_t{2}}, {"z", std::uint32_t{1500}}}, {{"who", "p\"q"}}},
        {{{"x", std::uint64_t{18446744073709551615U}}, {"z", std::int32_t{-1}}}, {{"who", "r"}}},
    };
    metrics::Exposition page;
    write_families(page, families, subjects);
    EXPECT_EQ(page.take(),
              "# HELP a_total A.\n"
              "# TYPE a_total counter\n"
              "a_total{who=\"p\\\"q\",kind=\"one\"} 1\n"
              "a_total{who=\"p\\\"q\",kind=\"two\"} 2\n"
              "a_total{who=\"r\",kind=\"one\"} 18446744073709551615\n"
              "# HELP b_seconds B.\n"
              "# TYPE b_seconds gauge\n"
              "b_seconds{who=\"p\\\"q\"} 1.5\n"
              "b_seconds{who=\"r\"} -0.001\n");
}

}  // namespace
}  // namespace engine
