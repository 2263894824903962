// The command line. Spec omping.md section 9.
#include "tools/omping/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tools::omping {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Options parse(std::vector<std::string> words) {
    words.insert(words.begin(), "/usr/bin/omping");
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return parse_options(static_cast<int>(words.size()), arguments.data());
}

// What is wrong with them; with a '+' where the usage follows.
std::string refusal(const std::vector<std::string>& words) {
    try {
        parse(words);
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.status(), 1);
        return failure.what() + std::string(failure.usage() ? "+" : "");
    }
    return "taken";
}

TEST(Options, Defaults) {
    const Options options = parse({"a", "b"});
    EXPECT_THAT(options.hosts, ElementsAre("a", "b"));
    EXPECT_EQ(options.interval, 1s);
    EXPECT_EQ(options.server_interval(), 1s);
    EXPECT_EQ(options.finishing_wait(), 3s);
    EXPECT_EQ(options.ttl, 64);
    EXPECT_EQ(options.duration, 0s);
    EXPECT_TRUE(options.duplicates);
    EXPECT_FALSE(options.count || options.port || options.wait || options.rate_limit);
    EXPECT_FALSE(options.qualify.on);
}

TEST(Options, BundledAndMixedWithArguments) {
    const Options options = parse({"a", "-FFqqi0", "-vC", "b", "-c2.9", "-w", "-1", "-Mssm", "-Oclient", "-p", "4322"});
    EXPECT_EQ(options.force, 2u);
    EXPECT_EQ(options.quiet, 2u);
    EXPECT_EQ(options.interval, 0ms);
    EXPECT_EQ(options.finishing_wait(), -1s);
    EXPECT_EQ(options.count, 2u);
    EXPECT_EQ(options.port, 4322);
    EXPECT_EQ(options.method, Method::ssm);
    EXPECT_TRUE(options.client_only && options.continuous);
    EXPECT_THAT(options.hosts, ElementsAre("a", "b"));
}

TEST(Options, Times) {
    EXPECT_EQ(parse({"-F", "-i", "0.057", "a"}).interval, 57ms);
    EXPECT_EQ(parse({"-F", "-i", "0.0019", "a"}).interval, 1ms);
    EXPECT_EQ(parse({"-F", "-i", "0.001", "a"}).finishing_wait(), 1s);
    EXPECT_EQ(parse({"-i", "2", "-r", "0", "a"}).server_interval(), 0s);
    EXPECT_EQ(parse({"-T", "1.5", "a"}).duration, 1500ms);
}

TEST(Options, Refusals) {
    EXPECT_EQ(refusal({"-c", "abc", "a"}), "illegal number, -c argument -- abc+");
    EXPECT_EQ(refusal({"-c", "0", "a"}), "illegal number, -c argument -- 0+");
    EXPECT_EQ(refusal({"-c", "inf", "a"}), "illegal number, -c argument -- inf+");
    EXPECT_EQ(refusal({"-i", "nan", "a"}), "illegal number, -i argument -- nan+");
    EXPECT_EQ(refusal({"-i", "1x", "a"}), "illegal number, -i argument -- 1x+");
    EXPECT_EQ(refusal({"-i", "999999999999", "a"}), "illegal number, -i argument -- 999999999999+");
    EXPECT_EQ(refusal({"-R", "2047", "a"}), "illegal number, -R argument -- 2047+");
    EXPECT_EQ(refusal({"-S", "x", "a"}), "illegal number, -S argument -- x+");
    EXPECT_EQ(refusal({"-r", "-1", "a"}), "illegal number, -r argument -- -1+");
    EXPECT_EQ(refusal({"-T", "-1", "a"}), "illegal number, -T argument -- -1+");
    EXPECT_EQ(refusal({"-w", "-2", "a"}), "illegal number, -w argument -- -2+");
    EXPECT_EQ(refusal({"-t", "300", "a"}), "illegal number, -t argument -- 300+");
    EXPECT_EQ(refusal({"-p", "70000", "a"}), "illegal number, -p argument -- 70000+");
    EXPECT_EQ(refusal({"-p", "0", "a"}), "illegal number, -p argument -- 0+");
    EXPECT_EQ(refusal({"-M", "foo", "a"}), "illegal parameter, -M argument -- foo+");
    EXPECT_EQ(refusal({"-O", "server", "a"}), "illegal parameter, -O argument -- server+");
    EXPECT_EQ(refusal({"-i", "0.5", "a"}), "illegal nmber, -i argument 500 ms < 1000 ms. Use -F to force.+");
    EXPECT_EQ(refusal({"-i", "0", "a"}), "illegal nmber, -i argument 0 ms < 1000 ms. Use -F to force.+");
    EXPECT_EQ(refusal({"-Fi0", "a"}), "illegal nmber, -i argument 0 ms < 1 ms. Use -FF to force.+");
    EXPECT_EQ(refusal({"-t", "3", "a"}), "illegal nmber, -t argument 3 < 64. Use -F to force.+");
    EXPECT_EQ(refusal({"-6Mipbc", "a"}),
              "illegal transport method, -M argument ipbc is mutually exclusive with -6 option+");
    EXPECT_EQ(refusal({"-VV", "-Oclient", "a"}), "op_mode must be set to normal for remote version display.+");
    EXPECT_EQ(refusal({}), "at least one remote addresses should be specified+");
    EXPECT_EQ(refusal({"-V", "-c", "abc"}), "illegal number, -c argument -- abc+");
    EXPECT_EQ(refusal({"-V"}), "taken");
}

TEST(Options, WhatGetoptSays) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(refusal({"-z", "a"}), "+");
    EXPECT_EQ(refusal({"a", "-c"}), "+");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "/usr/bin/omping: invalid option -- 'z'\n/usr/bin/omping: option requires an argument -- 'c'\n");
}

TEST(Options, Usage) {
    EXPECT_EQ(usage_text(),
              "usage: omping [-46CDEFqVv] [-c count] [-i interval] [-M transport_method]\n"
              "              [-m mcast_addr] [-O op_mode] [-p port] [-R rcvbuf] [-r rate_limit]\n"
              "              [-S sndbuf] [-T timeout] [-t ttl] [-w wait_time] remote_addr...\n");
}

TEST(Options, Qualify) {
    const Options options = parse({"--qualify", "--quick", "--long-seconds=20", "--cluster", "lab", "--json=x", "a"});
    EXPECT_TRUE(options.qualify.on);
    EXPECT_EQ(options.qualify.burst_count, 2000u);
    EXPECT_EQ(options.qualify.long_count, 20u);
    EXPECT_EQ(options.qualify.cluster, "lab");
    EXPECT_EQ(options.qualify.json, "x");
    EXPECT_EQ(parse({"--qualify", "a"}).qualify.burst_count, 10000u);
    EXPECT_EQ(parse({"--qualify", "a"}).qualify.long_count, 600u);
    EXPECT_EQ(refusal({"--json=x", "a"}), "a report and a cluster need --qualify+");
    EXPECT_EQ(refusal({"--qualify", "--conf=x", "--cluster=y", "a"}),
              "--cluster and --conf both say which group to test; give one+");
    EXPECT_EQ(refusal({"--qualify", "--conf=x"}), "taken") << "the file names the hosts";
    EXPECT_EQ(refusal({"--qualify"}), "at least one remote addresses should be specified+");
}

}  // namespace
}  // namespace tools::omping
