// What pvecm refuses, and that nothing is different then.
#include <fmt/format.h>

#include "conformance/tests/pvecm_test_base.hpp"

namespace conformance {
namespace {

TEST_F(PvecmTest, RefusesWhatCannotBeAndLeavesEverythingAsItIs) {
    install("TTT");
    if (!ready()) return;
    // A wrong order of steps: there is no cluster yet.
    EXPECT_NE(refused(2, {"add", address(1)}).find("is this node part of a cluster?"), std::string::npos);
    expect_alone(2);
    create();
    // Nobody is there.
    EXPECT_NE(refused(2, {"add", address(9)}).find("unable to copy ssh ID to '10.77.0.9'"), std::string::npos);
    // The host's key is another one than it was.
    ASSERT_EQ(nodes()
                  .run(2, {"sh", "-c",
                           "echo \"10.77.0.1 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)\" "
                           "> /root/.ssh/known_hosts"})
                  .status,
              0);
    EXPECT_NE(refused(2, {"add", address(1)}).find("REMOTE HOST IDENTIFICATION HAS CHANGED"), std::string::npos);
    nodes().run(2, {"rm", "/root/.ssh/known_hosts"});
    // Names, ids and addresses in use, or of nobody.
    EXPECT_NE(refused(2, {"add", address(1), "--nodeid", "1"}).find("nodeid 1 is already used by node 'node1'"),
              std::string::npos);
    EXPECT_NE(refused(2, {"add", address(1), "--link0", address(3)}).find("must be configured exactly once"),
              std::string::npos);
    EXPECT_NE(
        refused(2, {"add", address(1), "--link0", address(2), "--link1", address(2)}).find("needs a configured ring 1"),
        std::string::npos);
    expect_alone(2);
    // Another machine of the name, as the resolver has it, too.
    nodes().run(3, {"hostname", "node1"});
    nodes().run(3, {"sed", "-i", "s/^10.77.0.1 .*/10.77.0.3 node1/", "/etc/hosts"});
    EXPECT_NE(
        refused(3, {"add", address(1), "--link0", address(3)}).find("can't add existing node 'node1': it is online"),
        std::string::npos);
    nodes().run(3, {"hostname", "node3"});
    expect_alone(3);
    // All of that has changed nothing in the cluster.
    EXPECT_NE(nodes().read(1, conf_file).find("config_version: 1\n"), std::string::npos);
    await_status(1, "Expected votes:   1");
    add(2);
    expect_one_store({1, 2});
}

// A member that could only spoil what it is asked for is of no help, and nothing has changed for having asked it.
TEST_F(PvecmTest, RefusesToJoinWhatHasNoQuorumOrHasTheAddress) {
    make_three("TTT");
    if (!ready()) return;
    output(3, {"separate"});
    output(1, {"delnode", "node3"});
    output(3, {"separate", "--cleanup"});
    // Its address is another node's already.
    output(1, {"addnode", "other", "--link0", address(3)});
    EXPECT_NE(refused(3, {"add", address(1)}).find("address '10.77.0.3' already defined by node 'other'"),
              std::string::npos);
    expect_alone(3);
    output(1, {"delnode", "other"});
    await_status(1, "Expected votes:   2");

    nodes().switch_off(2);
    await_status(1, "Activity blocked");
    const std::string before = nodes().read(1, conf_file);
    EXPECT_NE(refused(3, {"add", address(1)}).find("cluster not ready - no quorum?\n"), std::string::npos);
    expect_alone(3);
    EXPECT_EQ(nodes().read(1, conf_file), before);
    for (const char* const service : {"pve-cluster", "corosync"})
        output(2, {"service", "start", service});
    await_status(1, "Quorate:          Yes");
    await_success(3, {"add", address(1)});
    expect_one_store({1, 2, 3});
}

// ssh works, but nothing of corosync gets through.
TEST_F(PvecmTest, FinishesAJoinOnceTheClusterNetworkIsRepaired) {
    install("TTT", 2);
    if (!ready()) return;
    output(1, {"create", "test", "--link0", address(1, 1)});
    output(2, {"add", address(1), "--link0", address(2, 1)});
    laboratory().cut_ring(1, 3);
    const lab::Arguments join = {"add", address(1), "--link0", address(3, 1), "--quorum-timeout", "5"};
    const std::string failed = refused(3, join);
    EXPECT_NE(failed.find("no quorum in time - can this node reach the others on the cluster network?\n"
                          "The join is not finished: 'pvecm add 10.77.0.1' goes on with it, "),
              std::string::npos)
        << failed;
    await_status(1, "Total votes:      2");
    laboratory().heal();
    output(3, join);
    await_status(1, "Total votes:      3");
    expect_one_store({1, 2, 3});
}

class PvecmKeyTest : public PvecmMixTest {
protected:
    static constexpr const char* key = "/etc/corosync/authkey";
    void give_another_key(unsigned node) {
        shell(node,
              fmt::format("cp {0} /root/key; head -c 128 /dev/urandom > /root/other; cat /root/other > {0}", key));
    }
    void give_the_key_back(unsigned node) { shell(node, fmt::format("cat /root/key > {}", key)); }
    void expect_to_be_warned(unsigned node) {
        std::string said;
        const auto warned = [&] {
            said = nodes().pvecm(node, {"status"}).err;
            return said.find("warning: corosync gets packets that were made with another key") != std::string::npos;
        };
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), warned)) << "node " << node << ": " << said;
        EXPECT_NE(said.find("Digest does not match"), std::string::npos) << said;
    }
};

TEST_P(PvecmKeyTest, IsSeenWhereItIsAnother) {
    install(GetParam());
    if (!ready()) return;
    create();
    add(2);
    expect_one_store({1, 2});
    EXPECT_EQ(nodes().pvecm(1, {"status"}).err, "");

    // As soon as a node starts with it.
    give_another_key(2);
    output(2, {"service", "restart", "corosync"});
    for (const unsigned node : {1U, 2U}) {
        await_status(node, "Activity blocked");
        expect_to_be_warned(node);
    }
    give_the_key_back(2);
    output(2, {"service", "restart", "corosync"});
    await_status(1, "Total votes:      2");
    EXPECT_EQ(nodes().pvecm(1, {"status"}).err, "");

    // Before, when a node joins.
    give_another_key(1);
    const std::string differs = refused(3, {"add", address(1)});
    EXPECT_NE(differs.find("'/etc/corosync/authkey' is not the same on 'node1' and 'node2'"), std::string::npos)
        << differs;
    expect_alone(3);
    await_status(1, "Expected votes:   2");

    // All have another one than what they run with: it is seen when the new one is not heard, and it can go on.
    shell(2, fmt::format("ssh root@{0} cat {1} > /root/new; cp {1} /root/key; cat /root/new > {1}", address(1), key));
    const std::string unheard = refused(3, {"add", address(1), "--quorum-timeout", "20"});
    EXPECT_NE(unheard.find("no quorum in time - corosync gets packets that were made with another key"),
              std::string::npos)
        << unheard;
    await_status(1, "Total votes:      2");
    give_the_key_back(1);
    give_the_key_back(2);
    EXPECT_NE(output(3, {"add", address(1)}).find("the cluster has another key than this node got, it is copied again"),
              std::string::npos);
    await_status(1, "Total votes:      3");
    expect_one_store({1, 2, 3});
}
INSTANTIATE_TEST_SUITE_P(Mix, PvecmKeyTest, testing::Values("TTT", "TKT"), mix_name);

}  // namespace
}  // namespace conformance
