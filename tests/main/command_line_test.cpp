// Spec corosync-conf.md section 14.1.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/main/process.hpp"

namespace engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class BadOptions : public testing::TestWithParam<Arguments> {};

TEST_P(BadOptions, PrintUsageToStderrAndExit1) {
    const auto result = run_totemd(GetParam());
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr("usage: totemd"));
}

INSTANTIATE_TEST_SUITE_P(All, BadOptions,
                         testing::Values(Arguments{"-x"}, Arguments{"-h"}, Arguments{"--help"}, Arguments{"-c"},
                                         Arguments{"-P"}, Arguments{"-P", "fast"}, Arguments{"-p", "-r"},
                                         Arguments{"extra"}));

TEST(Version, IsPrintedToStdout) {
    const auto result = run_totemd({"-v"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, StartsWith("totemd "));
    EXPECT_THAT(result.out, HasSubstr("Apache License"));
    EXPECT_THAT(result.err, IsEmpty());
    EXPECT_EQ(run_totemd({"--version"}).out, result.out);
}

TEST(Options, AreAcceptedInBothDialectsAndTogether) {
    const Scene scene;
    scene.write("corosync.conf", scene.good());
    const auto result = run_totemd({"-ft", "-p", "-R", "-P", "max", "-c", scene.path("corosync.conf")});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "notice  [MAIN  ] Corosync Cluster Engine exiting normally\n");
}

}  // namespace
}  // namespace engine
