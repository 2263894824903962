// What a user sees of the running program in local mode.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cfs/daemon/scene.hpp"

namespace cfs::daemon {
namespace {

using testing::HasSubstr;

class Running : public Scene {};

TEST_F(Running, ContentsAreThereAfterARestart) {
    auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(::mkdir(shown("nodes").c_str(), 0755), 0);
    ASSERT_EQ(::mkdir(shown("nodes/" + node).c_str(), 0755), 0);
    ASSERT_EQ(::mkdir(shown("nodes/" + node + "/qemu-server").c_str(), 0755), 0);
    ASSERT_EQ(put(shown("local/qemu-server/100.conf"), "memory: 512\n"), 0);
    const std::string large(300'000, 'x');
    ASSERT_EQ(put(shown("large"), large), 0);
    EXPECT_EQ(get(shown("large")), large);
    EXPECT_FALSE(exists("run/pve-cluster/cfs-restart-flag"));
    EXPECT_EQ(get(path("run/pve-cluster.pid")), std::to_string(daemon->pid()) + "\n");

    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0);
    EXPECT_THAT(daemon->errors(), HasSubstr("[main] notice: teardown filesystem\n"
                                            "[main] notice: exit proxmox configuration filesystem (0)\n"));
    EXPECT_TRUE(exists("run/pve-cluster/cfs-restart-flag"));
    EXPECT_FALSE(exists("run/pve-cluster.pid"));
    EXPECT_FALSE(exists("var/lib/pve-cluster/config.db-wal"));
    EXPECT_FALSE(exists("etc/pve/large"));

    daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown("large")), large);
    EXPECT_EQ(get(shown("qemu-server/100.conf")), "memory: 512\n");
    EXPECT_THAT(get(shown(".vmlist")),
                HasSubstr("\"ids\": {\n\"100\": { \"node\": \"cfsdtest\", \"type\": \"qemu\", \"version\": 1 }}\n"));
}

TEST_F(Running, WhatWasAcknowledgedSurvivesAKill) {
    for (int round = 0; round < 3; ++round) {
        auto daemon = start();
        ASSERT_NE(daemon, nullptr);
        const std::string prefix = "round" + std::to_string(round) + "-";
        std::atomic<int> acknowledged = 0;
        std::thread writer([&] {
            for (int i = 0; put(shown(prefix + std::to_string(i)), prefix + std::to_string(i)) == 0; ++i) {
                acknowledged = i + 1;
                acknowledged.notify_one();
            }
        });
        for (int seen = 0; seen < 30; seen = acknowledged)
            acknowledged.wait(seen);
        daemon->signal(SIGKILL);
        EXPECT_EQ(daemon->wait(), -1);
        writer.join();

        daemon = start();  // on top of the dead mount
        ASSERT_NE(daemon, nullptr);
        for (int i = 0; i < acknowledged; ++i) {
            const std::string name = prefix + std::to_string(i);
            ASSERT_EQ(get(shown(name)), name);
        }
        daemon->signal(SIGTERM);
        EXPECT_EQ(daemon->wait(), 0);
    }
}

TEST_F(Running, VirtualFiles) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown(".members")), "{\n\"nodename\": \"cfsdtest\",\n\"version\": 0\n}\n");
    EXPECT_EQ(get(shown(".vmlist")), "{\n\"version\": 0\n\n}\n");
    EXPECT_THAT(get(shown(".version")), HasSubstr("\"ceph.conf\": 1,\n\"kvstore\": {\n\"cfsdtest\": {\n}\n}\n}\n"));
    EXPECT_THAT(get(shown(".clusterlog")),
                HasSubstr("\"tag\": \"cluster\", \"pid\": " + std::to_string(daemon->pid()) +
                          ", \"node\": \"cfsdtest\", \"user\": \"root\", \"msg\": \"starting cluster log\"}\n]\n}\n"));
    EXPECT_EQ(get(shown(".rrd")), "");
    EXPECT_EQ(std::filesystem::read_symlink(shown("local")), "nodes/cfsdtest");
}

TEST_F(Running, ChangesOfFilesAreCounted) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(put(shown("user.cfg"), "x"), 0);
    EXPECT_THAT(get(shown(".version")), HasSubstr("\"user.cfg\": 3,\n")) << "loaded, made, written";
}

TEST_F(Running, DebugIsSwitched) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(get(shown(".debug")), "0\n");
    const engine::FileDescriptor file(::open(shown(".debug").c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::write(file.get(), "1\n", 2), 2);
    EXPECT_EQ(get(shown(".debug")), "1\n");
    EXPECT_THAT(daemon->errors(), HasSubstr("[main] notice: enable debug mode"));
}

TEST_F(Running, EndsWhenItIsUnmounted) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(get(shown(".debug")), "0\n");
    ASSERT_EQ(::umount(path("etc/pve").c_str()), 0);
    EXPECT_EQ(daemon->wait(), 0);
    EXPECT_TRUE(exists("run/pve-cluster/cfs-restart-flag"));
}

TEST_F(Running, HangupAndInterruptEndIt) {
    for (const int number : {SIGHUP, SIGINT}) {
        const auto daemon = start();
        ASSERT_NE(daemon, nullptr);
        daemon->signal(number);
        EXPECT_EQ(daemon->wait(), 0) << number;
    }
}

}  // namespace
}  // namespace cfs::daemon
