// What create writes, and what addnode and delnode make of it (pvecm.md sections 4, 5, 7.2, 8).
#include "pvecm/config/cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pvecm/refusal.hpp"

namespace pvecm::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NewCluster one_ring() {
    NewCluster cluster;
    cluster.name = "test";
    cluster.node = "uno";
    cluster.links[0] = {.address = "192.168.30.50"};
    return cluster;
}

NewCluster two_rings() {
    NewCluster cluster = one_ring();
    cluster.name = "T";
    cluster.links = {{0, {.address = "10.10.10.1"}}, {1, {.address = "10.10.20.1"}}};
    cluster.bind_addresses = {{0, "10.10.10.1"}, {1, "10.10.20.1"}};
    return cluster;
}

std::string written(const NewCluster& cluster) {
    std::vector<std::string> warnings;
    return write(make_cluster(cluster, warnings));
}

std::string refused(const NewCluster& cluster) {
    return refusal([&] { written(cluster); });
}

TEST(NewClusterConf, HasOneRing) {
    EXPECT_EQ(written(one_ring()),
              "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
              "nodelist {\n  node {\n    name: uno\n    nodeid: 1\n    quorum_votes: 1\n    ring0_addr: 192.168.30.50\n"
              "  }\n}\n\n"
              "quorum {\n  provider: corosync_votequorum\n}\n\n"
              "totem {\n  cluster_name: test\n  config_version: 1\n"
              "  interface {\n    bindnetaddr: 192.168.30.50\n    ringnumber: 0\n  }\n"
              "  ip_version: ipv4\n  secauth: on\n  version: 2\n}\n\n");
}

TEST(NewClusterConf, HasTwoRings) {
    EXPECT_EQ(written(two_rings()),
              "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
              "nodelist {\n  node {\n    name: uno\n    nodeid: 1\n    quorum_votes: 1\n    ring0_addr: 10.10.10.1\n"
              "    ring1_addr: 10.10.20.1\n  }\n}\n\n"
              "quorum {\n  provider: corosync_votequorum\n}\n\n"
              "totem {\n  cluster_name: T\n  config_version: 1\n"
              "  interface {\n    bindnetaddr: 10.10.10.1\n    ringnumber: 0\n  }\n"
              "  interface {\n    bindnetaddr: 10.10.20.1\n    ringnumber: 1\n  }\n"
              "  ip_version: ipv4\n  rrp_mode: passive\n  secauth: on\n  version: 2\n}\n\n");
}

TEST(NewClusterConf, HasLinksOfCorosync3) {
    NewCluster cluster = one_ring();
    cluster.form = Form::p9;
    cluster.links = {{0, {.address = "10.10.10.1"}}, {1, {.address = "10.10.20.1", .priority = 20}}};
    EXPECT_EQ(
        written(cluster),
        "logging {\n  debug: off\n  to_syslog: yes\n}\n\n"
        "nodelist {\n  node {\n    name: uno\n    nodeid: 1\n    quorum_votes: 1\n    ring0_addr: 10.10.10.1\n"
        "    ring1_addr: 10.10.20.1\n  }\n}\n\n"
        "quorum {\n  provider: corosync_votequorum\n}\n\n"
        "totem {\n  cluster_name: test\n  config_version: 1\n"
        "  interface {\n    linknumber: 0\n  }\n"
        "  interface {\n    knet_link_priority: 20\n    linknumber: 1\n  }\n"
        "  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n  token_coefficient: 125\n  version: 2\n}\n\n");
}

TEST(NewClusterConf, NamesItsTransport) {
    NewCluster cluster = one_ring();
    cluster.transport = "udpu";
    cluster.links[0].address = "fd00::1";
    EXPECT_THAT(written(cluster), testing::HasSubstr("  ip_version: ipv6\n  secauth: on\n  transport: udpu\n"));
    cluster.token_coefficient = 300;
    EXPECT_THAT(written(cluster), testing::HasSubstr("  secauth: on\n  token_coefficient: 300\n  transport: udpu\n"));
    cluster.token_coefficient.reset();
    cluster.form = Form::p9;
    EXPECT_THAT(written(cluster), testing::HasSubstr("  token_coefficient: 125\n  transport: udpu\n"));
    cluster.links[1] = {.address = "fd01::1"};
    EXPECT_EQ(refused(cluster), "transport udpu has link 0 only in dialect 3.x");
}

TEST(NewClusterConf, RefusesWhatDoesNotFitTogether) {
    NewCluster cluster = two_rings();
    cluster.links[1].address = "fd00::1";
    EXPECT_EQ(refused(cluster), "ring 1 addresses must be from same IP family as ring 0!");
    cluster = one_ring();
    cluster.bind_addresses[0] = "fd00::";
    EXPECT_EQ(refused(cluster), "ring 0 addresses must be from same IP family!");
    cluster = one_ring();
    cluster.bind_addresses[1] = "10.0.0.0";
    EXPECT_EQ(refused(cluster), "Param bindnet1_addr set but ring1_addr not specified!");
    cluster = two_rings();
    cluster.rrp_mode = "none";
    EXPECT_EQ(refused(cluster),
              "rrp_mode 'none' is not allowed when using multiple interfaces, use 'active' or 'passive'!");
    cluster = one_ring();
    cluster.links[2] = {.address = "10.0.0.1"};
    EXPECT_EQ(refused(cluster), "link2: more than two links need '--transport knet'");
}

TEST(NewClusterConf, LeavesOutAModeOfOneRing) {
    NewCluster cluster = one_ring();
    cluster.rrp_mode = "active";
    std::vector<std::string> warnings;
    EXPECT_EQ(write(make_cluster(cluster, warnings)), written(one_ring()));
    EXPECT_THAT(warnings, ElementsAre("rrp_mode 'active' needs a second ring, ignored"));
}

class AddNode : public testing::Test {
protected:
    AddNode() { root = make(one_ring()); }

    static Section make(const NewCluster& cluster) {
        std::vector<std::string> warnings;
        return make_cluster(cluster, warnings);
    }
    bool add(const Joining& joining) { return add_node(root, joining, notes); }
    std::string refused(const Joining& joining) {
        const Section before = root;
        const std::string why = refusal([&] { add(joining); });
        EXPECT_EQ(root, before) << "it was refused and changed something";
        return why;
    }
    static Joining named(const std::string& name, const std::string& address) {
        return {.name = name, .nodeid = {}, .votes = {}, .links = {{0, {.address = address}}}, .fallback = {}};
    }

    Section root;
    std::vector<std::string> notes;
};

TEST_F(AddNode, TakesTheLowestFreeId) {
    EXPECT_TRUE(add({.name = "tre", .nodeid = 3, .votes = 2, .links = {{0, {.address = "10.0.0.3"}}}, .fallback = {}}));
    EXPECT_TRUE(add(named("due", "10.0.0.2")));
    EXPECT_THAT(write(root),
                testing::HasSubstr(
                    "  node {\n    name: due\n    nodeid: 2\n    quorum_votes: 1\n    ring0_addr: 10.0.0.2\n  }\n"
                    "  node {\n    name: tre\n    nodeid: 3\n    quorum_votes: 2\n    ring0_addr: 10.0.0.3\n  }\n"
                    "  node {\n    name: uno\n"));
}

TEST_F(AddNode, LeavesOutNoVotes) {
    Joining joining = named("due", "10.0.0.2");
    joining.votes = 0;
    EXPECT_TRUE(add(joining));
    EXPECT_EQ(find_node(root, "due")->votes, std::nullopt);
    joining.force = true;
    EXPECT_FALSE(add(joining)) << "the same again changes nothing";
}

TEST_F(AddNode, RefusesAddressesAndIdsInUse) {
    EXPECT_EQ(refused(named("due", "192.168.30.50")),
              "corosync: address '192.168.30.50' already defined by node 'uno'");
    Joining joining = named("due", "10.0.0.2");
    joining.nodeid = 1;
    EXPECT_EQ(refused(joining), "corosync: nodeid 1 is already used by node 'uno'");
}

TEST_F(AddNode, RefusesANameInUseUnlessForced) {
    ASSERT_TRUE(add(named("due", "10.0.0.2")));
    Joining again = named("due", "10.0.0.2");
    EXPECT_EQ(refused(again), "can't add existing node 'due'");
    again.force = true;
    EXPECT_FALSE(add(again));
    EXPECT_THAT(notes, ElementsAre("forcing overwrite of configured node 'due'"));
    again.links[0].address = "10.0.0.22";
    EXPECT_TRUE(add(again));
    EXPECT_EQ(find_node(root, "due")->addresses.at(0), "10.0.0.22");
    again.nodeid = 5;
    EXPECT_EQ(refused(again), "can't add existing node 'due'");
}

TEST_F(AddNode, WantsTheRingsThereAre) {
    Joining both = named("due", "10.0.0.2");
    both.links[1] = {.address = "10.1.0.2"};
    EXPECT_EQ(refused(both), "corosync: using 'ring1_addr' parameter needs a configured ring 1 interface!");
    root = make(two_rings());
    EXPECT_EQ(refused(named("due", "10.0.0.2")),
              "corosync: ring 1 interface configured but 'ring1_addr' parameter not defined!");
    EXPECT_TRUE(add(both));
}

TEST_F(AddNode, WantsTheLinksThereAre) {
    NewCluster cluster = one_ring();
    cluster.form = Form::p9;
    cluster.links = {{1, {.address = "10.1.0.1"}}};
    root = make(cluster);
    EXPECT_EQ(refused(named("due", "10.0.0.2")),
              "corosync: link 1 exists in cluster config but wasn't specified for new node");
    EXPECT_EQ(refused({.name = "due", .nodeid = {}, .votes = {}, .links = {}, .fallback = {}}),
              "no links and no fallback ip (new_node_ip) given, cannot join cluster");
    EXPECT_EQ(refused({.name = "due",
                       .nodeid = {},
                       .votes = {},
                       .links = {{1, {.address = "10.1.0.2"}}, {2, {.address = "10.2.0.2"}}},
                       .fallback = {}}),
              "corosync: link 2 specified for new node doesn't exist in cluster config");
    // The only link has another number than 0.
    EXPECT_TRUE(add({.name = "due", .nodeid = {}, .votes = {}, .links = {}, .fallback = "10.1.0.2"}));
    EXPECT_EQ(find_node(root, "due")->addresses, (std::map<unsigned, std::string>{{1, "10.1.0.2"}}));
    EXPECT_EQ(
        refused({.name = "tre", .nodeid = {}, .votes = {}, .links = {{1, {.address = "10.1.0.2"}}}, .fallback = {}}),
        "corosync: address '10.1.0.2' already used on link ring1_addr by node 'due'");
}

TEST_F(AddNode, WantsLinksWhereThereAreSeveral) {
    root = make(two_rings());
    EXPECT_EQ(
        refused({.name = "due", .nodeid = {}, .votes = {}, .links = {}, .fallback = "10.0.0.2"}),
        "no links given but multiple links found on other nodes, fallback only supported on single-link clusters");
}

TEST(RemoveNode, FindsItByNameOrAddress) {
    const std::string text =
        "nodelist {\n node {\n  name: a\n  nodeid: 1\n  ring0_addr: 10.0.0.1\n  ring1_addr: 10.1.0.1\n }\n"
        " node {\n  nodeid: 2\n  ring0_addr: b\n }\n}\ntotem {\n config_version: 7\n x: y\n}\n";
    for (const char* const known : {"a", "10.0.0.1", "10.1.0.1"}) {
        Section root = parse(text, "");
        EXPECT_EQ(remove_node(root, known).nodeid, 1);
        EXPECT_EQ(nodes(root).size(), 1U);
        EXPECT_EQ(root.find("totem")->text("x"), "y");
    }
    Section root = parse(text, "");
    EXPECT_EQ(remove_node(root, "b").name, "b") << "one without a name goes by its address";
    EXPECT_EQ(refusal([&] { remove_node(root, "c"); }), "Node/IP: c is not a known host of the cluster.");
}

}  // namespace
}  // namespace pvecm::config
