// How the program starts, and when it refuses to.

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/cfs/daemon/scene.hpp"

namespace cfs::daemon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Start : public Scene {};

constexpr const char* kExit = "[main] notice: exit proxmox configuration filesystem (-1)\n";

TEST_F(Start, TheParentWaitsForTheDaemon) {
    const Finished parent = run({"-l"});
    ASSERT_EQ(parent.status, 0) << parent.errors;
    const pid_t daemon = std::stoi(get(path("run/pve-cluster.pid")));
    EXPECT_EQ(put(shown("file"), "text"), 0) << "at once";
    EXPECT_EQ(get(shown("file")), "text");
    EXPECT_EQ(::getsid(daemon), daemon);
    EXPECT_EQ(::kill(daemon, SIGTERM), 0);
    EXPECT_TRUE(wait_for_end(daemon));
    EXPECT_FALSE(exists("run/pve-cluster.pid"));
    EXPECT_EQ(parent.errors, "") << "what comes after the start is for syslog only";
}

TEST_F(Start, TheParentFailsWithTheDaemon) {
    replace_system_file("/dev/fuse", "");
    const Finished parent = run({"-l"});
    EXPECT_EQ(parent.status, 255);
    EXPECT_THAT(parent.errors, HasSubstr("[main] crit: fuse_mount error: "));
    EXPECT_THAT(parent.errors, HasSubstr(kExit));
    EXPECT_FALSE(exists("run/pve-cluster.pid"));
}

TEST_F(Start, FoldersAndFlagHaveTheirModes) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    struct stat found {};
    ASSERT_EQ(::stat(path("run/pve-cluster").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0750u);
    EXPECT_NE(found.st_gid, 0u);
    const gid_t group = found.st_gid;
    ASSERT_EQ(::stat(path("var/lib/pve-cluster/.pmxcfs.lockfile").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600u);
    ASSERT_EQ(::stat(path("run/pve-cluster.pid").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0644u);
    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0);
    ASSERT_EQ(::stat(path("run/pve-cluster/cfs-restart-flag").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0440u);
    EXPECT_EQ(found.st_gid, group);
}

TEST_F(Start, ASecondOneIsRefused) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(put(shown("file"), "text"), 0);
    const Finished second = run({"-f", "-l"});
    EXPECT_EQ(second.status, 255);
    EXPECT_EQ(second.errors, std::string("[main] notice: unable to acquire pmxcfs lock - trying again\n"
                                         "[main] crit: unable to acquire pmxcfs lock: Resource temporarily "
                                         "unavailable\n") +
                                 kExit);
    EXPECT_EQ(get(shown("file")), "text") << "the first one goes on";
}

TEST_F(Start, AnotherFileSystemAtItsPlaceIsLeftThere) {
    ASSERT_EQ(::mkdir(path("etc/pve").c_str(), 0755), 0);
    ASSERT_EQ(::mount("none", path("etc/pve").c_str(), "tmpfs", 0, nullptr), 0);
    ASSERT_EQ(put(shown("mine"), "text"), 0);
    const Finished refused = run({"-f", "-l"});
    EXPECT_EQ(refused.status, 255);
    EXPECT_EQ(refused.errors,
              "[main] crit: '" + path("etc/pve") + "' is busy: a file system of type tmpfs is mounted there\n" + kExit);
    EXPECT_EQ(get(shown("mine")), "text");
}

TEST_F(Start, SomethingThatIsNoDirectoryAtItsPlace) {
    ASSERT_EQ(put(path("etc/pve"), "text"), 0);
    const Finished refused = run({"-f", "-l"});
    EXPECT_EQ(refused.status, 255);
    EXPECT_EQ(refused.errors,
              "[main] crit: unable to mount on '" + path("etc/pve") + "': it is not a directory\n" + kExit);
    EXPECT_EQ(get(path("etc/pve")), "text");
}

TEST_F(Start, NeedsTheGroup) {
    replace_system_file("/etc/group", "root:x:0:\n");
    const Finished refused = run({"-f", "-l"});
    EXPECT_EQ(refused.status, 255);
    EXPECT_EQ(refused.errors, "[main] crit: Unable to get www-data group ID\n");
}

TEST_F(Start, NeedsAnAddressOfItsOwn) {
    replace_system_file("/etc/hosts", "127.0.1.1 " + node + "\n");
    const Finished refused = run({"-f", "-l"});
    EXPECT_EQ(refused.status, 255);
    EXPECT_EQ(refused.errors, "[main] crit: Unable to get local IP address\n");
}

TEST_F(Start, ImportsTheClusterFileAndCanBeReadWithoutTheCluster) {
    const std::string text = "totem {\n  config_version: 4\n}\n";
    ASSERT_EQ(put(path("etc/corosync/corosync.conf"), text), 0);
    {
        const auto alone = start({"-f"});
        ASSERT_NE(alone, nullptr);
        EXPECT_EQ(get(shown("corosync.conf")), text);
        EXPECT_EQ(put(shown("next"), ""), EACCES);
        EXPECT_EQ(get(shown(".members")), "{\n\"nodename\": \"cfsdtest\",\n\"version\": 0\n}\n");
        alone->signal(SIGTERM);
        EXPECT_EQ(alone->wait(), 0);
        for (const char* const each :
             {"[quorum] crit: quorum_initialize failed: 2\n", "[quorum] crit: can't initialize service\n",
              "[confdb] crit: cmap_initialize failed: 2\n", "[dcdb] crit: cpg_initialize failed: 2\n",
              "[status] crit: cpg_initialize failed: 2\n"})
            EXPECT_THAT(alone->errors(), HasSubstr(each));
    }
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown("corosync.conf")), text);
    EXPECT_THAT(daemon->errors(), HasSubstr("[main] notice: forcing local mode (although corosync.conf exists)\n"));
    struct stat found {};
    ASSERT_EQ(::stat(shown("corosync.conf").c_str(), &found), 0);
    EXPECT_EQ(found.st_ino, 3u) << "inode 2 of the tree";
    ASSERT_EQ(put(shown("next"), ""), 0);
    ASSERT_EQ(::stat(shown("next").c_str(), &found), 0);
    EXPECT_EQ(found.st_ino, 5u) << "the tree had version 3";
}

TEST_F(Start, LocalModeImportsNothing) {
    ASSERT_EQ(put(path("etc/corosync/corosync.conf"), "totem {\n}\n"), 0);
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown("corosync.conf")), "errno 2");
}

TEST_F(Start, WithoutAClusterFileLocalModeIsTheDefault) {
    const auto daemon = start({"-f"});
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(put(shown("file"), "text"), 0);
}

TEST_F(Start, DebugLinesSayWhereTheyComeFrom) {
    const auto daemon = start({"-dlf"});
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown(".debug")), "1\n");
    EXPECT_THAT(daemon->errors(), HasSubstr("[main] debug: using local mode (there is no corosync.conf) (daemon.cpp:"));
}

TEST_F(Start, OptionsThatDoNotExist) {
    const Finished unknown = run({"-n"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_EQ(unknown.errors, "option parsing failed: Unknown option -n\n");
    const Finished argument = run({"-f", "word"});
    EXPECT_EQ(argument.status, 255);
    EXPECT_EQ(argument.errors, "[main] crit: too many arguments\n");
    EXPECT_EQ(run({"--help"}).status, 0);
}

}  // namespace
}  // namespace cfs::daemon
