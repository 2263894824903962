// Clients that die (client-ipc.md section 6).

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

class ClientDeath : public ::testing::Test {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        ASSERT_TRUE(survivor.opened == CS_OK);
        ASSERT_TRUE(survivor.joined("g"));
        ASSERT_EQ(child.read_line(), "joined");
        ASSERT_TRUE(survivor.dispatch_until([&] { return survivor.confchgs.size() == 2; }));
    }
    void expect_procdown() {
        ASSERT_TRUE(survivor.dispatch_until([&] { return survivor.confchgs.size() == 3; }));
        const Confchg& change = survivor.confchgs.back();
        ASSERT_EQ(change.left.size(), 1u);
        EXPECT_EQ(change.left[0].pid, static_cast<std::uint32_t>(child.pid()));
        EXPECT_EQ(change.left[0].reason, static_cast<unsigned>(CPG_REASON_PROCDOWN));
        EXPECT_EQ(change.members.size(), 1u);
    }
    TestNode node;
    CpgClient survivor;
    Child child{{"join", "g"}};
};

TEST_F(ClientDeath, KilledProcessLeavesItsGroup) {
    child.kill(SIGKILL);
    child.wait();
    expect_procdown();
}

TEST_F(ClientDeath, DuringSyncIsToldAfterIt) {
    node.begin_sync({kLocal}, {kLocal}, 8);
    child.kill(SIGKILL);
    child.wait();
    while (node.on_loop([&] { return node.server().global_stats().closed; }) == 0)
        std::this_thread::yield();
    node.end_sync();
    expect_procdown();
}

TEST_F(ClientDeath, WhileStoppedWithUnreadEvents) {
    child.kill(SIGSTOP);
    const std::string text(100000, 'x');
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(survivor.mcast(text), CS_OK);
        ASSERT_EQ(survivor.dispatch_some(), CS_OK);
    }
    ASSERT_TRUE(survivor.dispatch_until([&] { return survivor.deliveries.size() == 30; }));
    child.kill(SIGKILL);
    child.wait();
    expect_procdown();
}

}  // namespace
}  // namespace ipc_test
