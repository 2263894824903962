// Admission of connections and life of the server (client-ipc.md sections 2.2, 2.5 and 6).

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <system_error>
#include <thread>

#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

class IpcServer : public ::testing::Test {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
    }
};

std::string result_as(int uid, int gid) {
    return Child({"connect", std::to_string(uid), std::to_string(gid)}).read_line();
}

std::size_t entries_of(const char* folder) {
    std::size_t count = 0;
    DIR* directory = ::opendir(folder);
    while (::readdir(directory) != nullptr)
        ++count;
    ::closedir(directory);
    return count;
}

TEST_F(IpcServer, RefusesUntilTheFirstSyncCompleted) {
    NodeOptions options;
    options.synchronized = false;
    TestNode node(options);
    EXPECT_EQ(CpgClient().opened, CS_ERR_TRY_AGAIN);
    node.begin_sync({kLocal}, {kLocal}, 4);
    EXPECT_EQ(CpgClient().opened, CS_ERR_TRY_AGAIN);
    node.end_sync();
    EXPECT_EQ(CpgClient().opened, CS_OK);
}

TEST_F(IpcServer, AuthorizesByUserAndGroup) {
    std::atomic<int> allowed{-1};
    NodeOptions options;
    options.authorizer = [&](uid_t uid, gid_t gid) {
        return static_cast<int>(uid) == allowed || static_cast<int>(gid) == allowed;
    };
    TestNode node(options);
    EXPECT_EQ(result_as(65534, 65533), std::to_string(CS_ERR_ACCESS));
    EXPECT_EQ(result_as(65534, 0), std::to_string(CS_OK)) << "root's group is enough";
    allowed = 65534;
    EXPECT_EQ(result_as(65534, 65533), std::to_string(CS_OK));
    allowed = 65533;
    EXPECT_EQ(result_as(65534, 65533), std::to_string(CS_OK));
    EXPECT_EQ(result_as(65534, 65532), std::to_string(CS_ERR_ACCESS));
}

TEST_F(IpcServer, ASecondDaemonCannotListen) {
    TestNode node;
    try {
        TestNode second;
        FAIL() << "the name is taken";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EADDRINUSE);
        EXPECT_NE(std::string(error.what()).find("cpg"), std::string::npos);
    }
    EXPECT_EQ(CpgClient().opened, CS_OK);
}

TEST_F(IpcServer, StopLeavesGroups) {
    TestNode node;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    node.on_loop([&] {
        node.server().stop();
        EXPECT_EQ(node.ring().queued(), 1u) << "the procleave of the client";
    });
}

TEST_F(IpcServer, StopBreaksCalls) {
    auto node = std::make_unique<TestNode>();
    CpgClient client, other;
    ASSERT_TRUE(client.joined("g"));
    node->begin_sync({kLocal}, {kLocal}, 8);
    auto blocked = std::async(std::launch::async, [&] { return other.join("h"); });
    ASSERT_EQ(blocked.wait_for(milliseconds(100)), std::future_status::timeout);
    node->on_loop([&] { node->server().stop(); });
    EXPECT_EQ(blocked.get(), CS_ERR_LIBRARY);
    EXPECT_EQ(client.mcast("x"), CS_ERR_LIBRARY);
    EXPECT_EQ(client.dispatch_some(), CS_ERR_LIBRARY);
    EXPECT_EQ(CpgClient().opened, CS_ERR_LIBRARY);
    node.reset();
    TestNode again;
    EXPECT_EQ(CpgClient().opened, CS_OK) << "the name is free again";
}

TEST_F(IpcServer, ConnectionsLeaveNothingBehind) {
    TestNode node;
    const auto descriptors = [] { return entries_of("/proc/self/fd"); };
    const auto all_closed = [&] {
        while (node.on_loop([&] { return node.server().global_stats().active; }) != 0)
            std::this_thread::yield();
    };
    { CpgClient warm_up; }
    all_closed();
    const std::size_t before = descriptors(), files = entries_of("/dev/shm");
    for (int i = 0; i < 50; ++i) {
        CpgClient a, b;
        ASSERT_TRUE(a.joined("g"));
        ASSERT_EQ(b.opened, CS_OK);
    }
    all_closed();
    EXPECT_EQ(descriptors(), before);
    EXPECT_EQ(entries_of("/dev/shm"), files);
    EXPECT_EQ(node.on_loop([&] { return node.server().global_stats().closed; }), 101u);
}

TEST_F(IpcServer, CountsPerConnection) {
    TestNode node;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    ASSERT_EQ(client.mcast("x"), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 1; }));
    const auto connections = node.on_loop([&] { return node.server().connections(); });
    ASSERT_EQ(connections.size(), 1u);
    EXPECT_EQ(connections[0].service, 2u);
    EXPECT_EQ(connections[0].process_name, "test_ipc");
    EXPECT_EQ(connections[0].pid, ::getpid());
    const auto& stats = connections[0].stats;
    EXPECT_EQ(stats.requests, 2u);
    EXPECT_EQ(stats.responses, 1u);
    EXPECT_EQ(stats.dispatched, 2u);
    EXPECT_EQ(stats.invalid_request + stats.overload, 0u);
}

}  // namespace
}  // namespace ipc_test
