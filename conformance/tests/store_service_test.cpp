// What cfsd is to the other programs of its node: keys, the cluster's log, corosync's configuration, answers in time.
#include <fmt/format.h>

#include "conformance/tests/store_test_base.hpp"

namespace conformance {
namespace {

class StoreServiceTest : public StoreTest, public testing::WithParamInterface<Case> {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = GetParam().transport;
        set_up_stores(GetParam().mix, plan);
    }
};

TEST_P(StoreServiceTest, KeysAndLogLinesReachAllNodes) {
    if (!ready()) return;
    EXPECT_EQ(pve2(2, {"get", "node1", "tasklist"}).status, ENOENT);
    answer(1, {"set", "tasklist", "[1]"});
    answer(1, {"set", "rrd/pve2-node/node1", "1:2:3"});
    answer(3, {"log", "root@pam", "test", "said on node 3"});
    for (const auto node : laboratory().all()) {
        EXPECT_TRUE(comes_to_be([&] { return pve2(node, {"get", "node1", "tasklist"}).out == "[1]"; })) << node;
        EXPECT_TRUE(comes_to_be([&] {
            return answer(node, {"clusterlog", "root@pam"}).find("said on node 3") != std::string::npos;
        })) << node;
        EXPECT_TRUE(comes_to_be([&] { return answer(node, {"rrd"}).starts_with("pve2-node/node1:1:2:3"); })) << node;
        EXPECT_NE(answer(node, {"version"}).find("\"node1\": {\n\"tasklist\": 0}"), std::string::npos) << node;
    }
    EXPECT_EQ(answer(2, {"members"}), stores().members(2));
    output(2, "echo 'a: 1' > user.cfg");
    EXPECT_EQ(answer(3, {"config", "user.cfg"}), "a: 1\n");
    // Who comes later learns what is there.
    stores().kill(2);
    answer(1, {"set", "tasklist", "[1,2]"});
    stores().start(2);
    stores().wait_writable(laboratory().all());
    EXPECT_TRUE(comes_to_be([&] { return pve2(2, {"get", "node1", "tasklist"}).out == "[1,2]"; }));
    EXPECT_TRUE(comes_to_be([&] { return answer(2, {"clusterlog", ""}).find("said on node 3") != std::string::npos; }));
}

// Saved as the tools do it; corosync takes it over on all nodes by itself.
TEST_P(StoreServiceTest, TheClusterConfigurationIsExportedAndLoaded) {
    if (!ready()) return;
    const auto version = [&](unsigned node) {
        return laboratory().run(node, {"corosync-cmapctl", "-g", "totem.config_version"}).out;
    };
    EXPECT_NE(version(1).find("= 1"), std::string::npos) << version(1);
    output(2,
           "sed 's/config_version: 1/config_version: 2/' corosync.conf > corosync.conf.new && "
           "mv corosync.conf.new corosync.conf");
    for (const auto node : laboratory().all()) {
        EXPECT_TRUE(comes_to_be([&] { return version(node).find("= 2") != std::string::npos; }))
            << "node " << node << ": " << version(node) << stores().log(node);
        EXPECT_NE(stores().log(node).find("wrote new corosync config '"), std::string::npos) << node;
        EXPECT_TRUE(comes_to_be([&] {
            return stores().members(node).find("\"version\": 2, \"nodes\": 3") != std::string::npos;
        })) << stores().members(node);
    }
    // An older one stays in the store.
    output(1, "sed 's/config_version: 2/config_version: 1/' corosync.conf > x && mv x corosync.conf");
    EXPECT_TRUE(comes_to_be([&] { return stores().log(3).find("local corosync.conf is newer") != std::string::npos; }));
    EXPECT_NE(version(3).find("= 2"), std::string::npos);
}

// An engine that hangs, and with it whoever calls it.
class StoreBesideAHangingEngineTest : public StoreServiceTest {};

TEST_P(StoreBesideAHangingEngineTest, WritersGetAnErrorInTimeAndReadersNoticeNothing) {
    if (!ready()) return;
    output(1, "echo before > file");
    laboratory().pause(1);
    const auto begin = lab::Clock::now();
    const auto done = stores().shell(1, "echo after > file", milliseconds(90000));
    const auto took = std::chrono::duration_cast<milliseconds>(lab::Clock::now() - begin);
    EXPECT_NE(done.err.find("Connection timed out"), std::string::npos) << done.err;
    EXPECT_LT(took, milliseconds(75000));
    EXPECT_EQ(output(1, "cat file"), "before\n");
    EXPECT_NE(stores().log(1).find("no answer from the cluster within 60 s"), std::string::npos);
    laboratory().resume(1);
    stores().wait_writable(laboratory().all());
    expect_same_everywhere();
}

TEST_P(StoreBesideAHangingEngineTest, TheDaemonEndsAllTheSame) {
    if (!ready()) return;
    output(1, "echo before > file");
    laboratory().pause(1);
    EXPECT_EQ(stores().stop(1), 0) << stores().log(1);
    EXPECT_NE(stores().log(1).find("ending without leaving its groups"), std::string::npos) << stores().log(1);
    laboratory().resume(1);
    output(2, "echo after > file");
    stores().start(1);
    stores().wait_writable(laboratory().all());
    EXPECT_EQ(output(1, "cat file"), "after\n");
}

INSTANTIATE_TEST_SUITE_P(Mix, StoreServiceTest,
                         testing::Values(Case{"TTT", Transport::udpu}, Case{"CCC", Transport::udpu}), case_name);
INSTANTIATE_TEST_SUITE_P(Mix, StoreBesideAHangingEngineTest, testing::Values(Case{"TTC", Transport::udpu}), case_name);

}  // namespace
}  // namespace conformance
