// Changes of a running cluster's corosync.conf: by hand as the documentation tells it, and with pvecm config.
#include <fmt/format.h>

#include "conformance/tests/pvecm_test_base.hpp"

namespace conformance {
namespace {

class PvecmChangeTest : public PvecmMixTest {
protected:
    void restart(unsigned node) { output(node, {"service", "restart", "corosync"}); }
    void await_three() {
        for (const unsigned node : {1U, 2U, 3U})
            await_status(node, "Total votes:      3");
    }
    std::string version_in(unsigned node) {
        return shell(node, "sed -n 's/ *config_version: //p' /etc/corosync/corosync.conf");
    }
    std::string token_of(unsigned node) {
        return nodes().run(node, {lab::beside_us("totem-cmapctl"), "-g", "runtime.config.totem.token"}).out;
    }
    // What is written after the first network is gone arrives all the same.
    void expect_to_survive_the_first_network() {
        const auto writes = [this](const std::string& file) {
            return nodes().run(1, {"sh", "-c", "echo text > " + file}).status == 0;
        };
        EXPECT_TRUE(lab::wait_until(milliseconds(40000), [&] { return writes("/etc/pve/before-the-cut"); }));
        laboratory().cut_ring(0);
        EXPECT_TRUE(lab::wait_until(milliseconds(40000), [&] { return writes("/etc/pve/after-the-cut"); }));
        const auto arrives = [this] { return nodes().read(3, "/etc/pve/after-the-cut") == "text\n"; };
        EXPECT_TRUE(lab::wait_until(milliseconds(40000), arrives));
        await_three();
    }
};

class PvecmNetworkTest : public PvecmChangeTest {};

// Spec pvecm.md section 15: copy, edit, raise the version, move; then one node after another.
TEST_P(PvecmNetworkTest, MovesARunningClusterToAnotherNetworkByHand) {
    make_three(GetParam(), 2);
    if (!ready()) return;
    shell(
        1,
        "cd /etc/pve; cp corosync.conf corosync.conf.new; "
        "sed 's/10\\.77\\.0\\./10.78.0./; s/config_version: 3/config_version: 4/' corosync.conf.new > /root/edited; "
        "cat /root/edited > corosync.conf.new; cp corosync.conf corosync.conf.bak; mv corosync.conf.new corosync.conf");
    for (const unsigned node : {1U, 2U, 3U}) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] { return version_in(node) == "4\n"; })) << node;
    }
    for (const unsigned node : {1U, 2U, 3U})
        restart(node);
    await_three();
    await_status(2, "0x00000002          1 10.78.0.2 (local)");
    expect_to_survive_the_first_network();
}

TEST_P(PvecmChangeTest, AddsASecondRing) {
    make_three(GetParam(), 2);
    if (!ready()) return;
    shell(1,
          "sed 's/^\\( *\\)ring0_addr: 10\\.77\\.\\(.*\\)/&\\n\\1ring1_addr: 10.78.\\2/; "
          "s/^totem {/totem {\\n  rrp_mode: passive\\n  interface {\\n    ringnumber: 1\\n    bindnetaddr: "
          "10.78.0.0\\n  }/' "
          "/etc/pve/corosync.conf > /root/new.conf");
    const std::string applied = output(1, {"config", "apply", "/root/new.conf"});
    EXPECT_NE(applied.find("node2: needs a restart of corosync, and takes nothing of it before: totem.rrp_mode cannot "
                           "be changed at run-time; "),
              std::string::npos)
        << applied;
    EXPECT_NE(applied.find("node2: has the file, version 4\n"), std::string::npos) << applied;
    for (const unsigned node : {1U, 2U, 3U})
        output(node, {"service", "stop", "corosync"});
    for (const unsigned node : {1U, 2U, 3U})
        output(node, {"service", "start", "corosync"});
    await_three();
    const auto rings = nodes().run(1, {lab::beside_us("totem-cfgtool"), "-s"}).out;
    EXPECT_NE(rings.find("= 10.78.0.1"), std::string::npos) << rings;
    expect_to_survive_the_first_network();
}

TEST_P(PvecmChangeTest, AppliesOnAllNodesOrOnNone) {
    make_three(GetParam());
    if (!ready()) return;
    const std::string before = nodes().read(1, conf_file);
    shell(1, "sed 's/^totem {/totem {\\n  token: 5000/' /etc/pve/corosync.conf > /root/new.conf");
    const std::string applied = output(1, {"config", "apply", "/root/new.conf"});
    EXPECT_NE(applied.find("config_version 3 becomes 4\nnode1: live\nnode2: live\nnode3: live\n"), std::string::npos)
        << applied;
    for (const unsigned node : {1U, 2U, 3U}) {
        EXPECT_NE(applied.find(fmt::format("node{}: has version 4\n", node)), std::string::npos) << applied;
        EXPECT_EQ(token_of(node), "runtime.config.totem.token (u32) = 5650\n") << "of three nodes";
    }
    expect_one_store({1, 2, 3});
    EXPECT_EQ(nodes().read(2, conf_file + ".bak"), before);

    // Any node goes back.
    output(3, {"config", "rollback"});
    EXPECT_EQ(token_of(2), "runtime.config.totem.token (u32) = 1650\n");
    EXPECT_EQ(version_in(1), "5\n");

    // A store that hangs writes no file, and everybody goes back.
    shell(3, "kill -STOP $(cat /run/pve-cluster.pid)");
    const auto hung = nodes().pvecm(1, {"config", "apply", "/root/new.conf", "--timeout", "5"});
    shell(3, "kill -CONT $(cat /run/pve-cluster.pid)");
    EXPECT_EQ(hung.status, 1) << hung.out << hung.err;
    EXPECT_NE(hung.out.find("node3 did not take it in time, going back to what was before\n"), std::string::npos)
        << hung.out;
    EXPECT_NE(hung.err.find("not applied: the cluster has its old configuration, as version 7\n"), std::string::npos);
    for (const unsigned node : {1U, 2U, 3U}) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] { return version_in(node) == "7\n"; })) << node;
    }
    EXPECT_EQ(token_of(1), "runtime.config.totem.token (u32) = 1650\n");
    expect_one_store({1, 2, 3});

    // What would cost quorum is refused, and changes nothing.
    shell(1, "sed 's/^quorum {/quorum {\\n  expected_votes: 9/' /etc/pve/corosync.conf > /root/new.conf");
    const auto lost = nodes().pvecm(1, {"config", "apply", "/root/new.conf"});
    EXPECT_NE(lost.err.find("the cluster would lose quorum"), std::string::npos) << lost.out << lost.err;
    EXPECT_NE(lost.status, 0);
    EXPECT_EQ(version_in(1), "7\n");
}

INSTANTIATE_TEST_SUITE_P(Mix, PvecmNetworkTest, testing::Values("TTT", "TKT", "TCT"), mix_name);
INSTANTIATE_TEST_SUITE_P(Mix, PvecmChangeTest, testing::Values("TTT", "TKT"), mix_name);

}  // namespace
}  // namespace conformance
