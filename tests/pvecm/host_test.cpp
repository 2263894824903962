// Files, locks, processes and services of a node (pvecm.md section 3).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "pvecm/error.hpp"
#include "pvecm/host/addresses.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/quorum_wait.hpp"
#include "pvecm/host/remote.hpp"
#include "pvecm/host/runner.hpp"
#include "pvecm/host/settings.hpp"
#include "pvecm/host/store.hpp"
#include "tests/pvecm/refusal.hpp"
#include "tests/support/temporary_directory.hpp"

namespace pvecm {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Host : public testing::Test {
protected:
    Host() {
        for (const char* const each : {"etc/pve/nodes/a", "var/lock", "run"})
            std::filesystem::create_directories(paths.root + "/" + each);
        make_link("nodes/a", paths.pve("local"));
    }
    totem::test::TemporaryDirectory folder;
    const Paths paths{.root = folder.path()};
};

TEST_F(Host, WritesFilesWhole) {
    const std::string file = folder.path() + "/file";
    write_file(file, "one", 0640);
    write_file(file, "two", 0400);
    EXPECT_EQ(read_file(file), "two");
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0400U);
    EXPECT_EQ(read_file(folder.path() + "/none"), std::nullopt);
    EXPECT_THAT(refusal([&] { write_file(folder.path() + "/none/file", "x"); }),
                testing::MatchesRegex("unable to open file '.*/none/file.tmp.[0-9]+' - No such file or directory"));
    EXPECT_THAT(refusal([&] { write_file(folder.path(), "x"); }),
                testing::MatchesRegex("close \\(rename\\) atomic file '.*' failed: .*"));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr(".tmp."))) << "left behind";
}

TEST_F(Host, LetsOneAdministratorIn) {
    const LocalLock lock(paths);
    testing::internal::CaptureStderr();
    EXPECT_EQ(refusal([&] { LocalLock(paths, seconds(1)); }), "can't lock file '" + paths.lock() + "' - got timeout");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "trying to acquire lock... failed\n");
}

TEST_F(Host, LocksFilesOfTheStore) {
    const std::string lock_folder = paths.pve("priv/lock/file-corosync_conf");
    {
        const ClusterLock lock(paths, "corosync.conf");
        EXPECT_TRUE(exists(lock_folder));
        testing::internal::CaptureStderr();
        EXPECT_EQ(refusal([&] { ClusterLock(paths, "corosync.conf", true, seconds(2)); }),
                  "error with cfs lock 'file-corosync_conf': got lock request timeout");
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "trying to acquire cfs lock 'file-corosync_conf' ...\n");
    }
    EXPECT_FALSE(exists(lock_folder));
    std::filesystem::remove_all(paths.pve());
    EXPECT_EQ(refusal([&] { ClusterLock(paths, "authkey", false); }), "error with cfs lock 'authkey': no quorum!");
}

// Modes of links are the same everywhere but in the store: here it has no quorum while there is none.
TEST_F(Host, WaitsForQuorum) {
    EXPECT_TRUE(await_quorum(paths, seconds(0)));
    remove_file(paths.pve("local"));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(await_quorum(paths, seconds(1)));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, seconds(1));
    std::thread store([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        make_link("nodes/a", paths.pve("local"));
    });
    EXPECT_TRUE(await_quorum(paths, std::nullopt));
    store.join();
}

// With quorum, but what it shows is from before it was away: guests may have moved since.
TEST_F(Host, WaitsForTheStateOfTheOthers) {
    make_link("not-yet", paths.cluster_conf());  // nothing can be changed about it
    EXPECT_TRUE(quorate(paths));
    EXPECT_FALSE(in_step(paths));
    EXPECT_FALSE(await_quorum(paths, seconds(1)));
    std::thread store([&] { write_file(paths.pve("not-yet"), "totem {\n}\n"); });
    EXPECT_TRUE(await_quorum(paths, std::nullopt));
    store.join();
    EXPECT_TRUE(in_step(paths));
}

TEST_F(Host, RunsPrograms) {
    const Finished done = run_captured({"sh", "-c", "echo out; echo err >&2; exit 3"});
    EXPECT_EQ(done.out, "out\n");
    EXPECT_EQ(done.err, "err\n");
    EXPECT_EQ(done.status, 3);
    EXPECT_EQ(run_captured({"sh", "-c", "kill -9 $$"}).status, 128 + SIGKILL);
    EXPECT_EQ(run_captured({"no-such-program"}).status, 127);
    EXPECT_EQ(refusal([] { must_run({"sh", "-c", "echo why >&2; false"}, "can't"); }), "can't: why");
    // More than any pipe takes, on both.
    const Finished much = run_captured({"sh", "-c", "seq 100000; seq 100000 >&2"});
    EXPECT_EQ(much.out, much.err);
    EXPECT_GT(much.out.size(), 500000U);
    run_into_file({"printf", "b\\na\\n"}, {"sort"}, folder.path() + "/sorted", 0600);
    EXPECT_EQ(read_file(folder.path() + "/sorted"), "a\nb\n");
    EXPECT_THAT(refusal([&] { run_into_file({"false"}, {"cat"}, folder.path() + "/x", 0600); }), HasSubstr("failed"));
}

TEST_F(Host, ReadsItsSettings) {
    EXPECT_THAT(parse_settings("# PVECM_A=1\nPVECM_B=\"x y\"\n  PVECM_C=z\nrubbish\nPVECM_D='q'\n"),
                testing::ElementsAre(testing::Pair("PVECM_B", "x y"), testing::Pair("PVECM_C", "z"),
                                     testing::Pair("PVECM_D", "q")));
}

TEST_F(Host, RunsServices) {
    const std::string pid_file = paths.root + "/run/corosync.pid";
    ::setenv("PVECM_SERVICE_COROSYNC", (std::string(FAKE_SERVICE) + " " + pid_file + " ready").c_str(), 1);
    Runner runner(paths);
    EXPECT_FALSE(runner.running(kCorosync));
    runner.start({kCorosync});
    ASSERT_TRUE(runner.running(kCorosync));
    const auto first = read_file(pid_file);
    runner.start({kCorosync});
    EXPECT_EQ(read_file(pid_file), first) << "it runs already";
    runner.restart({kCorosync});
    EXPECT_NE(read_file(pid_file), first);
    runner.stop({kCorosync});
    EXPECT_FALSE(runner.running(kCorosync));
    runner.stop({kCorosync});

    ::setenv("PVECM_SERVICE_COROSYNC", (std::string(FAKE_SERVICE) + " " + pid_file + " end").c_str(), 1);
    Runner failing(paths);
    EXPECT_THAT(refusal([&] { failing.start({kCorosync}); }),
                testing::AllOf(HasSubstr("starting corosync failed: "), HasSubstr(" ended\nno reason")));
    EXPECT_THROW(failing.start({kCorosync}), Error);
    EXPECT_EQ(failing.log(kCorosync), "no reason\n") << "of the latest start";
    ::unsetenv("PVECM_SERVICE_COROSYNC");
}

TEST_F(Host, KnowsServicesItCannotStart) {
    ::setenv("PVECM_SERVICE_COROSYNC", FAKE_SERVICE, 1);
    EXPECT_EQ(refusal([&] { Runner(paths).require({kCorosync}); }), "none");
    for (const char* const missing : {"no-such-engine -f", "/no/such/engine -f"}) {
        ::setenv("PVECM_SERVICE_COROSYNC", missing, 1);
        EXPECT_EQ(refusal([&] { Runner(paths).require({kCorosync}); }),
                  std::string("there is no program '") + missing + "' for the service corosync: install it, or set " +
                      "another in '" + paths.settings() + "'");
    }
    ::unsetenv("PVECM_SERVICE_COROSYNC");
}

TEST_F(Host, StopsNobodyElse) {
    write_file(paths.root + "/run/corosync.pid", std::to_string(::getpid()) + "\n");  // left behind, and used again
    Runner runner(paths);
    EXPECT_FALSE(runner.running(kCorosync));
    runner.stop({kCorosync});
    write_file(paths.root + "/run/corosync.pid", "1\n");
    runner.stop({kCorosync});
    write_file(paths.root + "/run/corosync.pid", "");
    EXPECT_FALSE(runner.running(kCorosync));
}

TEST(Remote, QuotesForTheShell) {
    EXPECT_EQ(quoted("/etc/pve/a-b_c.d:e"), "/etc/pve/a-b_c.d:e");
    EXPECT_EQ(quoted(""), "''");
    for (const char* const word : {"a b", "it's", "$(reboot)", "a;b", "\n"})
        EXPECT_EQ(run_captured({"sh", "-c", "printf %s " + quoted(word)}).out, word);
}

TEST(Addresses, AreInNetworks) {
    EXPECT_TRUE(in_network("10.1.2.3", "10.1.2.0/24"));
    EXPECT_TRUE(in_network("10.1.2.3", "10.1.0.99/22"));
    EXPECT_FALSE(in_network("10.1.4.3", "10.1.0.0/22"));
    EXPECT_TRUE(in_network("fd00::1", "fd00::/64"));
    EXPECT_FALSE(in_network("fd00:0:0:1::1", "fd00::/64"));
    EXPECT_FALSE(in_network("10.1.2.3", "fd00::/64"));
    EXPECT_TRUE(in_network("10.1.2.3", "10.1.2.3/32"));
}

TEST(Store, SaysWhoIsInTheCluster) {
    const auto alone = parse_cluster_info("{\n\"nodename\": \"a\",\n\"version\": 0\n}\n");
    EXPECT_EQ(alone.node, "a");
    EXPECT_FALSE(alone.in_cluster);
    const auto info = parse_cluster_info(
        "{\n\"nodename\": \"a\",\n\"version\": 5,\n"
        "\"cluster\": { \"name\": \"c\", \"version\": 3, \"nodes\": 2, \"quorate\": 1 },\n\"nodelist\": {\n"
        "  \"a\": { \"id\": 1, \"online\": 1, \"ip\": \"10.77.0.1\"},\n  \"b\": { \"id\": 7, \"online\": 0}\n  }\n}\n");
    EXPECT_TRUE(info.in_cluster && info.quorate);
    EXPECT_EQ(info.members.at("a").address, "10.77.0.1");
    EXPECT_EQ(info.members.at("b").id, 7U);
    EXPECT_FALSE(info.members.at("b").online);
    EXPECT_THROW(parse_cluster_info("nothing"), Error);
}

}  // namespace
}  // namespace pvecm
