// The text format of Prometheus, version 0.0.4.

#include "engine/metrics/exposition.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "totem/srp/statistics.hpp"

namespace engine::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Exposition, FamiliesHaveHelpAndType) {
    Exposition page;
    page.family("a_total", Type::counter, "What it\ncounts \\ says.").sample(std::uint64_t{7});
    page.family("b", Type::gauge, "B.").sample(1.5, {{"x", "1"}, {"y", "two"}}).sample(-0.25);
    EXPECT_EQ(page.take(),
              "# HELP a_total What it\\ncounts \\\\ says.\n"
              "# TYPE a_total counter\n"
              "a_total 7\n"
              "# HELP b B.\n"
              "# TYPE b gauge\n"
              "b{x=\"1\",y=\"two\"} 1.5\n"
              "b -0.25\n");
}

TEST(Exposition, LabelValuesAreEscaped) {
    EXPECT_EQ(escaped("plain"), "plain");
    EXPECT_EQ(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    EXPECT_EQ(escaped("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x90\x9F"),
              "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x90\x9F");
}

TEST(Exposition, WhatIsNoUtf8IsReplaced) {
    const std::string bad = "\xEF\xBF\xBD";
    EXPECT_EQ(escaped("\xFFx"), bad + "x");
    EXPECT_EQ(escaped("x\xC3"), "x" + bad);                         // cut
    EXPECT_EQ(escaped("\xC0\x80"), bad + bad);                      // overlong
    EXPECT_EQ(escaped("\xE0\x80\x80"), bad + bad + bad);            // overlong
    EXPECT_EQ(escaped("\xED\xA0\x80"), bad + bad + bad);            // surrogate
    EXPECT_EQ(escaped("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // beyond the last character
    EXPECT_EQ(escaped("\xC3\""), bad + "\\\"");
}

TEST(Exposition, Numbers) {
    EXPECT_EQ(number(0), "0");
    EXPECT_EQ(number(0.0001), "0.0001");
    EXPECT_EQ(number(1e21), "1e+21");
    EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
    EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
    EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(Exposition, HistogramsAreCumulative) {
    Exposition page;
    page.family("h_seconds", Type::histogram, "H.");
    page.histogram(std::array{0.5, 1.0}, std::array<std::uint64_t, 3>{3, 0, 2}, 12.5);
    EXPECT_EQ(page.take(),
              "# HELP h_seconds H.\n"
              "# TYPE h_seconds histogram\n"
              "h_seconds_bucket{le=\"0.5\"} 3\n"
              "h_seconds_bucket{le=\"1\"} 3\n"
              "h_seconds_bucket{le=\"+Inf\"} 5\n"
              "h_seconds_sum 12.5\n"
              "h_seconds_count 5\n");
}

TEST(RotationHistogram, BoundsAreInclusiveAndAscending) {
    using totem::srp::RotationHistogram;
    RotationHistogram rotation;
    EXPECT_TRUE(std::is_sorted(rotation.kBounds.begin(), rotation.kBounds.end()));
    rotation.add(0ns);
    rotation.add(100us);
    rotation.add(101us);
    rotation.add(10s);
    rotation.add(11s);
    EXPECT_EQ(rotation.counts.front(), 2u);
    EXPECT_EQ(rotation.counts[1], 1u);
    EXPECT_EQ(rotation.counts[rotation.kBounds.size() - 1], 1u);
    EXPECT_EQ(rotation.counts.back(), 1u);
    EXPECT_EQ(rotation.sum, 21s + 201us);
}

}  // namespace
}  // namespace engine::metrics
