#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/why/journal.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/why/cluster.hpp"
#include "tools/why/options.hpp"
#include "tools/why/show.hpp"

namespace tools::why {
namespace {

using engine::why::CauseKind;
using engine::why::Journal;
using engine::why::NodeId;
using engine::why::Record;

constexpr std::int64_t kNow = 1'769'864'709'000;  // 2026-01-31 13:05:09 UTC

Record at(std::int64_t time, NodeId gone = 3) {
    Record record;
    record.at = time;
    record.members = {1, 2};
    record.left = {gone};
    record.cause = {CauseKind::left_announced, {gone}, {}, {}};
    return record;
}

class WhyTest : public ::testing::Test {
protected:
    WhyTest() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    void add(const Record& record) { Journal(path_, {}).add(record); }
    std::string file(const std::string& name, const std::string& text) {
        const std::string path = directory_.path() + "/" + name;
        std::ofstream(path) << text;
        return path;
    }

    totem::test::TemporaryDirectory directory_;
    std::string path_ = directory_.path() + "/changes.jsonl";
};

TEST_F(WhyTest, Times) {
    EXPECT_EQ(parse_time("90", kNow), kNow - 90'000);
    EXPECT_EQ(parse_time("90s", kNow), kNow - 90'000);
    EXPECT_EQ(parse_time("10m", kNow), kNow - 600'000);
    EXPECT_EQ(parse_time("2h", kNow), kNow - 7'200'000);
    EXPECT_EQ(parse_time("1d", kNow), kNow - 86'400'000);
    EXPECT_EQ(parse_time("2026-01-31T13:05:09Z", kNow), kNow);
    EXPECT_EQ(parse_time("2026-01-31 13:05:09", kNow), kNow);
    EXPECT_EQ(parse_time("2026-01-31 13:05", kNow), kNow - 9000);
    EXPECT_EQ(parse_time("2026-01-31", kNow), kNow - 47'109'000);
    for (const char* wrong : {"", "m", "-5m", "10x", "10 m", "2026-02-31", "2026-13-01", "2026-01-31T13", "yesterday",
                              "99999999999999999999", "9999999999999d"}) {
        EXPECT_FALSE(parse_time(wrong, kNow)) << wrong;
    }
}

TEST_F(WhyTest, LocalTimeIsLocal) {
    ::setenv("TZ", "UTC-2", 1);
    ::tzset();
    EXPECT_EQ(parse_time("2026-01-31T15:05:09", kNow), kNow);
    EXPECT_EQ(parse_time("2026-01-31T13:05:09Z", kNow), kNow);
}

TEST_F(WhyTest, NamesComeFromTheNodeList) {
    const std::string conf = file("corosync.conf",
                                  "totem {\n  version: 2\n  transport: udpu\n}\n"
                                  "nodelist {\n  node {\n    ring0_addr: 10.0.0.1\n    nodeid: 1\n    name: pve1\n  }\n"
                                  "  node {\n    ring0_addr: 10.0.0.2\n    nodeid: 2\n  }\n"
                                  "  node {\n    ring0_addr: 10.0.0.3\n    name: none\n  }\n}\n"
                                  "system {\n  state_dir: /srv/state\n}\n");
    const Cluster cluster = read_cluster(conf);
    EXPECT_EQ(cluster.state_directory, "/srv/state");
    const auto names = cluster.naming();
    EXPECT_EQ(names(1), "node pve1");
    EXPECT_EQ(names(2), "node 10.0.0.2");
    EXPECT_EQ(names(3), "node 3");
}

TEST_F(WhyTest, AConfigurationThatIsWrongOrMissingSaysNothing) {
    for (const std::string& path :
         {directory_.path() + "/none", file("wrong", "nodelist {\n node {\n nodeid: x\n}}}\n"), directory_.path()}) {
        const Cluster cluster = read_cluster(path);
        EXPECT_EQ(cluster.state_directory, "/var/lib/corosync");
        EXPECT_EQ(cluster.naming()(7), "node 7");
    }
}

TEST_F(WhyTest, Selects) {
    const std::vector<Record> all = {at(10), at(20), at(30)};
    EXPECT_EQ(select(all, {}).size(), 3U);
    Options options;
    options.count = 2;
    EXPECT_EQ(select(all, options).front().at, 20);
    options.since = 30;
    EXPECT_EQ(select(all, options).size(), 1U);
    options.count = 0;
    EXPECT_TRUE(select(all, options).empty());
}

TEST_F(WhyTest, Shows) {
    Options options;
    options.file = path_;
    testing::internal::CaptureStderr();
    EXPECT_EQ(show(options, engine::why::by_number), kUnreadable);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "There is no journal " + path_ + "\n");

    add(at(kNow));
    testing::internal::CaptureStdout();
    EXPECT_EQ(show(options, engine::why::by_number), kShown);
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "2026-01-31 13:05:09.000  change 1\n"
              "  Node 3 left, having said so.\n"
              "  Members now: node 1 and node 2. The ring stood still for 0 ms.\n\n");

    options.json = true;
    testing::internal::CaptureStdout();
    EXPECT_EQ(show(options, engine::why::by_number), kShown);
    const auto json = nlohmann::json::parse(testing::internal::GetCapturedStdout());
    EXPECT_EQ(json["cause"]["kind"], "left_announced");
    EXPECT_EQ(json["text"],
              "Node 3 left, having said so. Members now: node 1 and node 2. The ring stood still for 0 ms.");
}

TEST_F(WhyTest, DamageIsNamedAndCounted) {
    add(at(kNow));
    std::ofstream(path_, std::ios::app) << "not a record\n{\"at\":";
    Options options;
    options.file = path_;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(show(options, engine::why::by_number), kDamaged);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              path_ + ":2: this is no record, left out\n" + path_ + ":3: the line is cut, left out\n2 damaged lines\n");
    EXPECT_NE(testing::internal::GetCapturedStdout().find("change 1"), std::string::npos);
}

TEST_F(WhyTest, WhatCannotBeReadIsSaid) {
    std::filesystem::create_directory(path_);
    Options options;
    options.file = path_;
    testing::internal::CaptureStderr();
    EXPECT_EQ(show(options, engine::why::by_number), kUnreadable);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("Is a directory"), std::string::npos);
}

// The child follows; what it prints comes through a pipe, whose reading waits.
TEST_F(WhyTest, FollowsOverARotation) {
    Journal journal(path_, {}, 700);
    journal.add(at(kNow));
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::close(pipe[0]);
        ::close(pipe[1]);
        Options options;
        options.file = path_;
        options.follow = options.json = true;
        ::_exit(show(options, engine::why::by_number));
    }
    ::close(pipe[1]);
    std::FILE* out = ::fdopen(pipe[0], "r");
    ASSERT_NE(out, nullptr);
    std::array<char, 4096> line;
    for (std::uint64_t expected = 1; expected <= 8; ++expected) {
        ASSERT_NE(std::fgets(line.data(), line.size(), out), nullptr);
        EXPECT_EQ(nlohmann::json::parse(line.data())["sequence"], expected);
        journal.add(at(kNow));
    }
    EXPECT_TRUE(std::filesystem::exists(path_ + ".1")) << "it was rotated meanwhile";
    ::kill(child, SIGTERM);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), kShown);
    std::fclose(out);
}

}  // namespace
}  // namespace tools::why
