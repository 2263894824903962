// Clusters made with pvecm as the documentation tells it, over real ssh.
#include <fmt/format.h>

#include <regex>

#include "conformance/tests/pvecm_test_base.hpp"

namespace conformance {
namespace {

using lab::Arguments;

TEST_F(PvecmTest, MakesAClusterAsTheDocumentationTells) {
    install("TTTT");
    if (!ready()) return;
    EXPECT_EQ(create(),
              "Corosync Cluster Engine Authentication key generator.\n"
              "Gathering 1024 bits for key from /dev/urandom.\n"
              "Writing corosync key to /etc/corosync/authkey.\n"
              "Writing corosync config to /etc/pve/corosync.conf\n"
              "Restart corosync and cluster filesystem\n");
    const std::string joined = std::regex_replace(add(2), std::regex("config-\\d+\\."), "config-TIME.");
    EXPECT_EQ(joined,
              "No cluster network links passed explicitly, fallback to local node IP '10.77.0.2'\n"
              "Request addition of this node\n"
              "copy corosync auth key\n"
              "Join request OK, finishing setup locally\n"
              "stopping pve-cluster service\n"
              "backup old database to '/var/lib/pve-cluster/backup/config-TIME.sql.gz'\n"
              "waiting for quorum...OK\n"
              "(re)generate node files\n"
              "generate new node certificate\n"
              "merge authorized SSH keys and known hosts\n"
              "generated new node certificate, restart pveproxy and pvedaemon services\n"
              "successfully added node 'node2' to cluster.\n");
    output(3, {"add", "node1", "-ring0_addr", address(3)});
    output(4, {"add", address(2), "--link0", address(4)});

    const std::string status =
        std::regex_replace(std::regex_replace(output(2, {"status"}), std::regex("Date: .*"), "Date"),
                           std::regex("Ring ID:          1/\\d+"), "Ring ID");
    EXPECT_EQ(status,
              "Quorum information\n------------------\nDate\n"
              "Quorum provider:  corosync_votequorum\nNodes:            4\nNode ID:          0x00000002\nRing ID\n"
              "Quorate:          Yes\n\n"
              "Votequorum information\n----------------------\nExpected votes:   4\nHighest expected: 4\n"
              "Total votes:      4\nQuorum:           3  \nFlags:            Quorate \n\n"
              "Membership information\n----------------------\n    Nodeid      Votes Name\n"
              "0x00000001          1 10.77.0.1\n0x00000002          1 10.77.0.2 (local)\n"
              "0x00000003          1 10.77.0.3\n0x00000004          1 10.77.0.4\n");
    EXPECT_EQ(output(2, {"nodes"}),
              "\nMembership information\n----------------------\n    Nodeid      Votes Name\n"
              "         1          1 node1\n         2          1 node2 (local)\n"
              "         3          1 node3\n         4          1 node4\n");
    const auto json = nlohmann::json::parse(output(2, {"nodes", "--json"}), nullptr, false);
    ASSERT_EQ(json.size(), 4U);
    EXPECT_EQ(json[3]["name"], "node4");
    expect_one_store(laboratory().all());
    const auto lost = nodes().pvecm(3, {"quorum", "--if-down", "node3,node4"});
    EXPECT_EQ(lost.out,
              "now: 4 of 4 votes, quorum 3: quorate\n"
              "without node3, node4: 2 of 4 votes, quorum 3: not quorate\n"
              "left: node1, node2\n"
              "'pvecm expected 2' there would make it quorate\n");
    EXPECT_EQ(lost.status, 2);
    // Everybody may ask everybody, without a password or a question.
    for (const auto from : laboratory().all()) {
        const auto done =
            nodes().run(from, {"ssh", "-o", "BatchMode=yes", "root@" + address(from % 4 + 1), "hostname"});
        EXPECT_EQ(done.out, lab::node_name(from % 4 + 1) + "\n") << done.err;
    }

    nodes().switch_off(4);
    await_status(1, "Total votes:      3");
    EXPECT_EQ(output(1, {"delnode", "node4"}), "Killing node 4\n");
    await_status(2, "Expected votes:   3");
    expect_one_store({1, 2, 3});

    nodes().switch_off(2);
    nodes().switch_off(3);
    await_status(1, "Activity blocked");
    EXPECT_EQ(nodes().pvecm(1, {"status"}).status, 2);
    EXPECT_EQ(nodes().pvecm(1, {"delnode", "node3"}).err, "cluster not ready - no quorum?\n");
    EXPECT_EQ(output(1, {"expected", "1"}), "");
    await_status(1, "Quorate:          Yes");
    EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] {
        return nodes().run(1, {"touch", "/etc/pve/own"}).status == 0;
    }));
    output(1, {"delnode", "node3"});
}

TEST_F(PvecmTest, FinishesAJoinThatWasInterruptedAnywhere) {
    install("TT");
    if (!ready()) return;
    create();
    ASSERT_EQ(nodes().run(2, {"sh", "-c", "echo mine > /etc/pve/mine"}).status, 0);
    const auto replaced = [this] {
        return nodes().run(2, {"ls", "-A", "/var/lib/pve-cluster"}).out.find("before-join") != std::string::npos;
    };
    const auto interrupt = [this](const char* step) {
        SCOPED_TRACE(step);
        EXPECT_TRUE(nodes().interrupt(2, {"add", address(1)}, step));
        // Nobody else's work is done before this is finished.
        const bool begun = !nodes().read(2, "/var/lib/pve-cluster/.pvecm_unfinished").empty();
        EXPECT_TRUE(!begun || nodes().pvecm(2, {"add", address(9)}).status != 0);
    };
    for (const char* const step : {"fallback to local node IP", "Request addition", "copy corosync auth key",
                                   "Join request OK", "stopping pve-cluster", "backup old database"}) {
        ASSERT_FALSE(replaced()) << "before " << step;
        interrupt(step);
    }
    for (const char* const step : {"waiting for quorum", "(re)generate", "merge authorized", "restart pveproxy"})
        interrupt(step);
    // The last one may have come too late.
    const bool open = !nodes().read(2, "/var/lib/pve-cluster/.pvecm_unfinished").empty();
    EXPECT_TRUE(!open || add(2).find("successfully added node 'node2' to cluster.\n") != std::string::npos);
    await_status(1, "Total votes:      2");
    expect_one_store({1, 2});
    EXPECT_TRUE(!open || !replaced());
    EXPECT_EQ(nodes().read(2, "/etc/pve/mine"), "");
    EXPECT_EQ(nodes().pvecm(2, {"add", address(1)}).status, 255) << "it is a member";
}

TEST_F(PvecmTest, TakesBackAJoin) {
    install("TT");
    if (!ready()) return;
    create();
    ASSERT_EQ(nodes().run(2, {"sh", "-c", "echo mine > /etc/pve/mine"}).status, 0);
    EXPECT_TRUE(nodes().interrupt(2, {"add", address(1)}, "waiting for quorum"));
    EXPECT_EQ(output(2, {"add", address(1), "--undo"}),
              "This node is as it was. Remove it from the cluster on a member: 'pvecm delnode node2'\n");
    expect_alone(2);
    EXPECT_EQ(nodes().read(2, "/etc/pve/mine"), "mine\n");
    // The other one is in a cluster of two, and alone in it.
    await_status(1, "Activity blocked");
    output(1, {"expected", "1"});
    await_status(1, "Quorate:          Yes");
    EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] {
        return nodes().pvecm(1, {"delnode", "node2"}).status == 0;
    }));
    add(2);
    expect_one_store({1, 2});
}

TEST_F(PvecmTest, FinishesACreationThatWasInterrupted) {
    install("T");
    if (!ready()) return;
    for (const char* const step : {"Gathering", "Writing corosync config", "Restart corosync"}) {
        SCOPED_TRACE(step);
        EXPECT_TRUE(nodes().interrupt(1, {"create", "test"}, step));
    }
    EXPECT_NE(nodes().pvecm(1, {"create", "other"}).err.find("'pvecm create test' was begun on this node"),
              std::string::npos);
    create();
    await_status(1, "Quorate:          Yes");
    EXPECT_EQ(nodes().pvecm(1, {"create", "test"}).err, "cluster config '/etc/pve/corosync.conf' already exists\n");
}

// Node 3 is the arbiter, outside the cluster.
TEST_F(PvecmTest, SetsUpAQuorumDevice) {
    install("TTT");
    if (!ready()) return;
    EXPECT_EQ(nodes().pvecm(1, {"qdevice", "setup", address(3)}).err, "Node not in a cluster. Aborting.\n");
    create();
    add(2);
    expect_one_store({1, 2});
    EXPECT_EQ(nodes().pvecm(1, {"qdevice", "remove"}).err, "No QDevice configured!\n");
    const std::string setup = output(1, {"qdevice", "setup", address(3)});
    EXPECT_NE(setup.find("\nINFO: start and enable corosync qdevice daemon on node 'node2'...\n"), std::string::npos)
        << setup;
    EXPECT_NE(nodes()
                  .read(2, conf_file)
                  .find("  device {\n    model: net\n    net {\n      algorithm: ffsplit\n      host: 10.77.0.3\n"
                        "      tls: on\n    }\n    votes: 1\n  }\n"),
              std::string::npos);
    ASSERT_EQ(nodes().run(3, {"sh", "-c", "mkdir -p /run/corosync-qnetd; corosync-qnetd"}).status, 0);
    await_status(1, "Flags:            Quorate Qdevice");
    await_status(2, "Total votes:      3");
    EXPECT_EQ(nodes().pvecm(1, {"qdevice", "setup", address(3)}).err, "QDevice already configured!\n");

    // It ends by itself when its engine has gone, which takes it up to two seconds.
    const auto device_ends = [&](unsigned node) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] {
            return nodes().pvecm(node, {"service", "status", "corosync-qdevice"}).out == "stopped\n";
        }));
    };
    nodes().switch_off(2);
    await_status(1, "Total votes:      2");
    await_status(1, "Quorate:          Yes");
    device_ends(2);
    EXPECT_EQ(nodes().pvecm(1, {"qdevice", "remove"}).err,
              "All nodes must be online! Node node2 is offline, aborting.\n");
    for (const char* const service : {"pve-cluster", "corosync"})
        output(2, {"service", "start", service});
    output(2, {"service", "start", "corosync-qdevice"});
    await_status(2, "Total votes:      3");
    const auto lost = nodes().pvecm(2, {"quorum", "--if-down", "node1"});
    EXPECT_EQ(lost.status, 0) << lost.out << lost.err;
    EXPECT_EQ(nodes().pvecm(2, {"quorum", "--if-down", "node1,qdevice"}).status, 2);

    // The other one, and the device votes for who is left.
    nodes().switch_off(1);
    await_status(2, "Total votes:      2");
    await_status(2, "Quorate:          Yes");
    device_ends(1);
    for (const char* const service : {"pve-cluster", "corosync", "corosync-qdevice"})
        output(1, {"service", "start", service});
    await_status(1, "Total votes:      3");
    await_success(1, {"qdevice", "remove"});
    await_status(2, "Expected votes:   2");
    await_status(1, "Flags:            Quorate \n");
    EXPECT_EQ(nodes().run(2, {"ls", "/etc/corosync"}).out.find("qdevice"), std::string::npos);
    EXPECT_EQ(nodes().pvecm(2, {"service", "status", "corosync-qdevice"}).out, "stopped\n");
}

}  // namespace
}  // namespace conformance
