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
    change_from_all_nodes();
    EXPECT_NE(error(2, "head -c 524289 /dev/zero > larger").find("File too large"), std::string::npos);
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
    laboratory().wait_ring({1});  // until then what it decides is decided by all, though nobody else hears of it
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
