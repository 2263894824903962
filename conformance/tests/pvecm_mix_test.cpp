// Clusters made with pvecm in which some of the nodes, the first one too, run a real corosync.
#include <fmt/format.h>

#include "conformance/tests/pvecm_test_base.hpp"

namespace conformance {
namespace {

// What an administrator does in the life of a cluster, down to its last node.
TEST_P(PvecmMixTest, GrowsAndShrinksToItsLastNode) {
    make_three(GetParam());
    if (!ready()) return;
    for (const unsigned node : {1U, 2U, 3U}) {
        await_status(node, "Expected votes:   3\nHighest expected: 3\nTotal votes:      3\nQuorum:           2");
        await_status(node, fmt::format("0x0000000{0}          1 10.77.0.{0} (local)\n", node));
        const std::string local = fmt::format("node{}", node);
        std::string members = output(node, {"nodes"});
        EXPECT_EQ(members.replace(members.find(local), local.size() + 8, local),
                  "\nMembership information\n----------------------\n    Nodeid      Votes Name\n"
                  "         1          1 node1\n         2          1 node2\n         3          1 node3\n");
        EXPECT_EQ(nodes().pvecm(node, {"quorum", "--if-down", "node1,node2"}).status, 2);
    }

    nodes().switch_off(3);
    await_status(2, "Total votes:      2");
    EXPECT_EQ(output(2, {"delnode", "node3"}), "Killing node 3\n");
    await_status(1, "Expected votes:   2");
    expect_one_store({1, 2});

    nodes().switch_off(2);
    await_status(1, "Activity blocked");
    EXPECT_EQ(refused(1, {"delnode", "node2"}), "cluster not ready - no quorum?\n");
    output(1, {"expected", "1"});
    await_status(1, "Quorate:          Yes");
    await_success(1, {"delnode", "node2"});
    await_status(1, "Expected votes:   1");
    expect_one_store({1});
}
INSTANTIATE_TEST_SUITE_P(Mix, PvecmMixTest, testing::Values("TKT", "KTT", "TCT", "CTT"), mix_name);

// corosync 3 beside totemd, in what both speak.
TEST_F(PvecmTest, MakesAClusterWithCorosync) {
    install("TC");
    if (!ready()) return;
    output(1, {"create", "test", "--dialect", "3.x", "--transport", "udpu"});
    add(2);
    const std::string status = output(2, {"status"});
    EXPECT_EQ(status.find("Cluster information\n-------------------\n"
                          "Name:             test\n"
                          "Config Version:   2\n"
                          "Transport:        udpu\n"
                          "Secure auth:      off\n\n"
                          "Quorum information\n"),
              0U)
        << status;
    await_status(1, "Total votes:      2");
    expect_one_store({1, 2});

    shell(1, "sed 's/^totem {/totem {\\n  token: 4000/' /etc/pve/corosync.conf > /root/new.conf");
    const std::string applied = output(1, {"config", "apply", "/root/new.conf"});
    EXPECT_NE(applied.find("node1: live\nnode2: live\n"), std::string::npos) << applied;
    EXPECT_NE(applied.find("node2: has version 3\n"), std::string::npos) << applied;
    expect_one_store({1, 2});
    const auto token = nodes().run(2, {lab::beside_us("totem-cmapctl"), "-g", "runtime.config.totem.token"});
    EXPECT_EQ(token.out, "runtime.config.totem.token (u32) = 4000\n") << token.err;

    const auto refused = nodes().pvecm(2, {"separate"});
    EXPECT_NE(refused.err.find("the others lose quorum without this node: 1 of 2 votes, 2 are needed"),
              std::string::npos)
        << refused.err;
    output(2, {"separate", "--force"});
    expect_alone(2);
}

class PvecmRingsTest : public PvecmMixTest {};

TEST_P(PvecmRingsTest, AreTwoFromTheCreation) {
    install(GetParam(), 2);
    if (!ready()) return;
    output(1, {"create", "test", "-bindnet0_addr", "10.77.0.0", "-ring0_addr", address(1), "-bindnet1_addr",
               "10.78.0.0", "-ring1_addr", address(1, 1), "--transport", "udpu"});
    EXPECT_NE(nodes().pvecm(2, {"add", address(1)}).status, 0) << "it needs an address on both";
    output(2, {"add", address(1), "-ring0_addr", address(2), "-ring1_addr", address(2, 1)});
    output(3, {"add", address(1), "--link0", address(3), "--link1", address(3, 1)});
    EXPECT_NE(nodes().read(3, conf_file).find("rrp_mode: passive\n  secauth: on\n  transport: udpu\n"),
              std::string::npos);
    laboratory().cut_ring(0);
    const auto rings = [this] { return nodes().run(1, {lab::beside_us("totem-cfgtool"), "-s"}).out; };
    EXPECT_TRUE(lab::wait_until(milliseconds(40000), [&] { return rings().find("FAULTY") != std::string::npos; }))
        << rings();
    await_status(1, "Total votes:      3");
    expect_one_store({1, 2, 3});
}

INSTANTIATE_TEST_SUITE_P(Mix, PvecmRingsTest, testing::Values("TTT", "TKT"), mix_name);

}  // namespace
}  // namespace conformance
