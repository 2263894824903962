// A node leaves its cluster without being installed anew (spec pvecm.md section 16).
#include <fmt/format.h>

#include "conformance/tests/pvecm_test_base.hpp"

namespace conformance {
namespace {

class PvecmSeparateTest : public PvecmMixTest {
protected:
    void expect_a_cluster_of_two() {
        await_status(1, "Expected votes:   2");
        await_status(1, "Quorate:          Yes");
        expect_one_store({1, 2});
    }
};

TEST_P(PvecmSeparateTest, ByTheDocumentedSteps) {
    make_three(GetParam());
    if (!ready()) return;
    output(3, {"service", "stop", "pve-cluster"});
    output(3, {"service", "stop", "corosync"});
    shell(3, fmt::format("{} -l; rm /etc/pve/corosync.conf; rm -r /etc/corosync/*; "
                         "kill $(cat /run/pve-cluster.pid); while [ -e /run/pve-cluster.pid ]; do sleep 0.1; done",
                         lab::beside_us("cfsd").string()));
    output(3, {"service", "start", "pve-cluster"});
    await_status(1, "Total votes:      2");
    output(1, {"delnode", "node3"});
    shell(3, "rm -f /var/lib/corosync/*");
    expect_alone(3);
    expect_a_cluster_of_two();
    // It can join again, as any other.
    shell(3, "rm -r /etc/pve/nodes/node1 /etc/pve/nodes/node2");
    add(3);
    expect_one_store({1, 2, 3});
}

TEST_P(PvecmSeparateTest, WithPvecmSeparate) {
    make_three(GetParam());
    if (!ready()) return;
    // What the documentation only warns of.
    shell(3,
          "mkdir -p /etc/pve/local/qemu-server; echo 'cores: 1' > /etc/pve/local/qemu-server/100.conf; "
          "printf 'nfs: files\\n\\tserver 10.0.0.9\\n' > /etc/pve/storage.cfg");
    const std::string found = refused(3, {"separate"});
    EXPECT_NE(found.find("* guests of this node: 100 - "), std::string::npos) << found;
    EXPECT_NE(found.find("* storages that this node shares with others: files - "), std::string::npos) << found;
    EXPECT_NE(found.find("Nothing is changed."), std::string::npos) << found;
    await_status(3, "Total votes:      3");
    shell(3, "rm /etc/pve/local/qemu-server/100.conf /etc/pve/storage.cfg; echo mine > /etc/pve/mine");

    // Whoever ends it in the middle can go on.
    for (const char* const step :
         {"saving what", "stopping corosync", "removing the cluster's", "removing the key", "starting the store"}) {
        SCOPED_TRACE(step);
        EXPECT_TRUE(nodes().interrupt(3, {"separate"}, step));
        EXPECT_NE(refused(3, {"add", address(1)}).find("'pvecm separate' was begun on this node"), std::string::npos);
    }
    const std::string done = output(3, {"separate"});
    EXPECT_NE(done.find("'node3' is separated.\n"), std::string::npos) << done;
    EXPECT_NE(done.find("- the others still list this node and count its vote: 'pvecm delnode node3'"),
              std::string::npos)
        << done;
    expect_alone(3);
    EXPECT_EQ(nodes().read(3, "/etc/pve/mine"), "mine\n");
    await_status(1, "Total votes:      2");

    output(3, {"separate", "--undo"});
    await_status(1, "Total votes:      3");
    expect_one_store({1, 2, 3});

    output(3, {"separate"});
    await_status(1, "Total votes:      2");
    output(1, {"delnode", "node3"});
    expect_a_cluster_of_two();
    EXPECT_NE(refused(3, {"separate", "--undo"}).find("the cluster does not list 'node3' any more"), std::string::npos);
    const std::string clean = output(3, {"separate", "--cleanup"});
    EXPECT_EQ(clean.find("is still here"), std::string::npos) << clean;
    EXPECT_EQ(shell(3, "ls /etc/pve/nodes; grep -c root@ /etc/pve/priv/authorized_keys"), "node3\n1\n");
    add(3);
    expect_one_store({1, 2, 3});
}

INSTANTIATE_TEST_SUITE_P(Mix, PvecmSeparateTest, testing::Values("TTT", "TTK", "TTC"), mix_name);

}  // namespace
}  // namespace conformance
