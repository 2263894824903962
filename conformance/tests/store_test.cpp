// cfsd over the ring: one configuration file system on all nodes, over our engine, over corosync, and over both in one
// ring; the clients' libraries are Debian's.
#include <fmt/format.h>

#include "conformance/tests/store_test_base.hpp"

namespace conformance {
namespace {

class CfsTest : public StoreTest, public testing::WithParamInterface<Case> {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = GetParam().transport;
        set_up_stores(GetParam().mix, plan);
    }
};

TEST_P(CfsTest, OneTreeOnAllNodes) {
    if (!ready()) return;
    output(1, "mkdir -p nodes/node1/qemu-server nodes/node2/lxc nodes/node3 priv/lock deep/er/and/deeper");
    output(1, "echo 'memory: 512' > nodes/node1/qemu-server/100.conf");
    EXPECT_EQ(output(2, "cat nodes/node1/qemu-server/100.conf"), "memory: 512\n");
    EXPECT_NE(error(3, "echo other > nodes/node2/lxc/100.conf").find("File exists"), std::string::npos);
    output(3, "mv nodes/node1/qemu-server/100.conf nodes/node2/lxc/100.conf");
    EXPECT_EQ(output(1, "cat nodes/node2/lxc/100.conf"), "memory: 512\n");
    EXPECT_NE(output(1, "cat .vmlist").find(R"("100": { "node": "node2", "type": "lxc")"), std::string::npos);
    output(2, "seq 1 90000 | head -c 524288 > large && seq 1 1000 > deep/er/and/deeper/file");
    EXPECT_NE(error(2, "head -c 524289 /dev/zero > larger").find("File too large"), std::string::npos);
    output(1, "truncate -s 1000 large && printf tail >> large && printf head | dd of=large conv=notrunc 2>/dev/null");
    output(3, "mkdir priv/lock/one && touch -d @1500000000 deep");
    EXPECT_NE(error(1, "mkdir priv/lock/one").find("File exists"), std::string::npos);
    EXPECT_EQ(output(2, "stat -c %Y deep"), "1500000000\n");
    // Everybody at once.
    std::vector<std::thread> writers;
    for (const auto node : laboratory().all()) {
        writers.emplace_back([this, node] {
            output(node, fmt::format("for i in $(seq 1 40); do echo {0}-$i > w{0}-$((i % 7)).tmp && "
                                     "mv w{0}-$((i % 7)).tmp w{0}-$((i % 7)); done",
                                     node));
        });
    }
    for (auto& writer : writers)
        writer.join();
    output(2, "rm deep/er/and/deeper/file && rmdir deep/er/and/deeper priv/lock/one");
    expect_same_everywhere();
    EXPECT_TRUE(stores().listing(1).starts_with("./corosync.conf")) << stores().listing(1);
    EXPECT_EQ(output(1, "cat large | wc -c"), "1004\n");
    EXPECT_EQ(output(3, "cat w2-5"), "2-40\n");
    const auto version = [this](unsigned node) { return output(node, "grep -c . corosync.conf"); };
    EXPECT_EQ(version(1), version(3));
}

TEST_P(CfsTest, WithoutQuorumItIsReadOnlyAndComesBack) {
    if (!ready()) return;
    output(1, "echo before > file");
    const Nodes others = {2, 3};
    laboratory().kill(others);
    EXPECT_TRUE(lab::wait_until(milliseconds(30000), [&] {
        return error(1, "echo refused > file").find("Permission denied") != std::string::npos;
    })) << stores().log(1);
    EXPECT_EQ(output(1, "cat file"), "before\n");
    laboratory().start(others);
    stores().wait_writable(laboratory().all());
    output(3, "echo after > file");
    EXPECT_EQ(output(1, "cat file"), "after\n");
    expect_same_everywhere();
}

TEST_P(CfsTest, KilledAndRestartedItCatchesUp) {
    if (!ready()) return;
    output(1, "mkdir d && echo one > d/file && echo gone > other");
    stores().kill(3);
    output(1, "echo two > d/file && rm other && for i in $(seq 1 50); do echo $i > d/$i; done");
    stores().start(3);
    stores().wait_writable(laboratory().all());
    EXPECT_EQ(output(3, "cat d/file d/50"), "two\n50\n");
    expect_same_everywhere();
    for (const auto node : laboratory().all())
        EXPECT_EQ(stores().stop(node), 0) << stores().log(node);
}

INSTANTIATE_TEST_SUITE_P(Mix, CfsTest,
                         testing::Values(Case{"TTT", Transport::udpu}, Case{"TCT", Transport::udpu},
                                         Case{"CCC", Transport::udpu}),
                         case_name);

}  // namespace
}  // namespace conformance
