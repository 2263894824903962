// What is said about a changed corosync.conf before it counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pvecm/change/addresses.hpp"
#include "pvecm/change/plan.hpp"
#include "pvecm/error.hpp"
#include "tests/pvecm/refusal.hpp"

namespace pvecm::change {
namespace {

using config::Effect;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Nodes 1 to n, each with that many rings.
std::string conf(unsigned nodes, const std::string& totem = {}, const std::string& quorum = {}, unsigned rings = 1,
                 unsigned network = 77) {
    std::string text = "# by hand\ntotem {\n  version: 2\n  config_version: 4\n  cluster_name: test\n  secauth: on\n";
    text += "  transport: udpu\n" + totem + "  interface {\n    ringnumber: 0\n  }\n}\nnodelist {\n";
    for (unsigned node = 1; node <= nodes; ++node) {
        const auto id = std::to_string(node);
        text += "  node {\n    name: hp" + id + "\n    nodeid: " + id + "\n";
        for (unsigned ring = 0; ring < rings; ++ring)
            text +=
                "    ring" + std::to_string(ring) + "_addr: 10." + std::to_string(network + ring) + ".0." + id + "\n";
        text += "  }\n";
    }
    return text + "}\nquorum {\n  provider: corosync_votequorum\n" + quorum + "}\n";
}

ClusterInfo online(unsigned nodes) {
    ClusterInfo cluster;
    for (unsigned node = 1; node <= nodes; ++node)
        cluster.members["hp" + std::to_string(node)] = {.id = node, .online = true, .address = {}};
    return cluster;
}

Plan plan(const std::string& before, const std::string& after, unsigned up) {
    return make_plan(before, after, "new.conf", online(up));
}

std::vector<Effect> effects_of(const Plan& plan) {
    std::vector<Effect> result;
    for (const auto& node : plan.nodes)
        result.push_back(node.effect);
    return result;
}

std::string refused(const std::string& text) {
    return refusal([&] { plan(conf(3), text, 3); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

TEST(Judgement, HasNothingAgainstWhatIsRight) {
    const auto judgement = config::judge(conf(3), "a.conf");
    EXPECT_THAT(judgement.errors, IsEmpty());
    EXPECT_THAT(config::judge(conf(2, "  rrp_mode: passive\n", {}, 2), "a.conf").errors, IsEmpty());
}

TEST(Judgement, NamesFileAndLine) {
    EXPECT_EQ(
        refused(replaced(conf(3), "  secauth: on", "  token: often")),
        "new.conf:6: Value of key \"token\" is expected to be integer in range (0..4294967295), but \"often\" was "
        "given");
    EXPECT_EQ(refused(replaced(conf(3), "nodelist {", "nodelist")),
              "parser error: new.conf:12: Line is not opening or closing section or key value");
}

TEST(Judgement, IsThatOfTheEngineForEveryNode) {
    EXPECT_EQ(refused(replaced(conf(3), "nodeid: 2", "nodeid: 1")),
              "new.conf: Nodeid 1 appears twice in corosync.conf");
    EXPECT_EQ(refused(conf(2, "  token: 10\n")),
              "new.conf: The token timeout parameter (10 ms) may not be less than (30 ms).");
    EXPECT_EQ(refused(conf(2, {}, "  two_node: 1\n  device {\n    model: net\n  }\n")),
              "new.conf: configuration error: two_node and quorum device cannot be configured at the same time!");
    EXPECT_EQ(refused(replaced(conf(3), "10.77.0.3", "10.77.0.2")),
              "new.conf: address '10.77.0.2' is of node 'hp2' and of node 'hp3'");
    EXPECT_EQ(refused(replaced(conf(3), "    name: hp2\n", "")),
              "new.conf: the node with address '10.77.0.2' has no name: add 'name:', as its host is called");
    EXPECT_EQ(refused(replaced(conf(3), "config_version: 4", "config_version: 0")),
              "new.conf: totem.config_version is missing or 0: without it no node takes the file");
}

TEST(ChangePlan, RaisesTheVersionAndKeepsTheRest) {
    const auto same = plan(conf(3), replaced(conf(3), "config_version: 4", "config_version: 9"), 3);
    EXPECT_FALSE(same.changes()) << "a version alone";
    const auto timer = plan(conf(3), conf(3, "  token: 5000\n"), 3);
    EXPECT_EQ(timer.version, 5U);
    EXPECT_EQ(timer.after, replaced(conf(3, "  token: 5000\n"), "config_version: 4", "config_version: 5"));
    EXPECT_THAT(timer.diff, HasSubstr("\n+  token: 5000\n"));
    EXPECT_EQ(plan(conf(3), replaced(conf(3, "  token: 5000\n"), "version: 4", "version: 20"), 3).version, 20U);
}

TEST(ChangePlan, TellsWhatIsLiveAndWhatIsNot) {
    EXPECT_THAT(effects_of(plan(conf(2), conf(2, "  token: 5000\n"), 2)), ElementsAre(Effect::live, Effect::live));
    EXPECT_THAT(effects_of(plan(conf(2), conf(3), 2)), ElementsAre(Effect::live, Effect::live, Effect::joins));
    EXPECT_THAT(effects_of(plan(conf(3), conf(2), 2)), ElementsAre(Effect::live, Effect::live, Effect::leaves));
    const auto start = plan(conf(2), conf(2, {}, "  wait_for_all: 1\n"), 2);
    EXPECT_THAT(effects_of(start), ElementsAre(Effect::restart, Effect::restart));
    EXPECT_THAT(start.nodes[0].reasons, ElementsAre("quorum.wait_for_all is read at start only"));
    EXPECT_FALSE(start.nodes[0].refuses);
    const auto hash = plan(conf(2), conf(2, "  crypto_hash: sha256\n"), 2);
    EXPECT_THAT(hash.nodes[1].reasons, ElementsAre("totem.crypto_hash cannot be changed at run-time"));
    EXPECT_TRUE(hash.nodes[1].apart);
}

TEST(ChangePlan, KnowsOtherNetworksAndMoreRings) {
    const auto moved = plan(conf(3), conf(3, {}, {}, 1, 99), 3);
    ASSERT_THAT(effects_of(moved), ElementsAre(Effect::restart, Effect::restart, Effect::restart));
    EXPECT_THAT(moved.nodes[1].reasons,
                ElementsAre("the address of this node cannot be changed at run-time from 10.77.0.2 to 10.99.0.2"));
    EXPECT_TRUE(moved.nodes[1].refuses);
    EXPECT_THAT(moved.risks, ElementsAre(HasSubstr("do not hear those that are not")));
    EXPECT_FALSE(moved.quorum_lost);
    const auto ring = plan(conf(3), conf(3, "  rrp_mode: passive\n", {}, 2), 3);
    EXPECT_THAT(ring.nodes[0].reasons,
                ElementsAre("totem.rrp_mode cannot be changed at run-time",
                            "2 is too many configured interfaces for the rrp_mode setting none."));
}

TEST(ChangePlan, TellsWhatBecomesOfQuorum) {
    EXPECT_EQ(plan(conf(1), conf(2), 1).quorum_lost.value_or(""),
              "the nodes that are online have 1 of 2 votes then, and 2 are needed");
    EXPECT_FALSE(plan(conf(3), conf(3, {}, "  expected_votes: 4\n"), 3).quorum_lost);
    EXPECT_TRUE(plan(conf(3), conf(3, {}, "  expected_votes: 7\n"), 3).quorum_lost);
    EXPECT_THAT(plan(conf(2), conf(2, {}, "  wait_for_all: 1\n"), 2).risks,
                ElementsAre("there is no quorum while 'hp1' restarts", "there is no quorum while 'hp2' restarts"));
    EXPECT_THAT(plan(conf(3), conf(3, {}, "  wait_for_all: 1\n"), 3).risks, IsEmpty());
}

TEST(ChangePlan, LeavesKnetToCorosync) {
    const auto knet = [](unsigned links, unsigned network) {
        std::string text = replaced(conf(2, {}, {}, links, network), "  secauth: on\n  transport: udpu\n", "");
        return replaced(text, "ringnumber: 0", "linknumber: 0");
    };
    const auto warned = config::judge(knet(1, 77), "a.conf");
    EXPECT_THAT(warned.errors, IsEmpty());
    EXPECT_THAT(warned.warnings, ElementsAre(HasSubstr("judged by corosync only")));
    EXPECT_THAT(effects_of(plan(knet(1, 77), knet(2, 77), 2)), ElementsAre(Effect::live, Effect::live));
    EXPECT_THAT(effects_of(plan(knet(1, 77), knet(1, 99), 2)), ElementsAre(Effect::restart, Effect::restart));
}

TEST(Addresses, AreLookedForOnTheNodesThatGetThem) {
    ClusterInfo cluster = online(3);
    for (auto& [name, member] : cluster.members)
        member.address = name;
    const std::string of_hp2 = "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.80.0.2/24 scope global\n";
    std::vector<std::string> asked;
    const auto findings = [&](const std::string& after) {
        asked.clear();
        return address_findings(plan(conf(3), after, 3), "hp1", cluster, [&](const ClusterInfo::Member& member) {
            asked.push_back(member.address);
            if (member.address == "hp3") throw Error("connection refused");
            return of_hp2;
        });
    };
    EXPECT_THAT(findings(conf(3, "  token: 5000\n")), IsEmpty());
    EXPECT_THAT(asked, IsEmpty()) << "nobody gets another address";
    EXPECT_THAT(findings(conf(3, "", "", 1, 80)),
                ElementsAre("not checked whether 'hp3' has 10.80.0.3: connection refused"));
    EXPECT_THAT(asked, ElementsAre("hp2", "hp3"));
    EXPECT_THAT(findings(conf(2, "  rrp_mode: passive\n  interface {\n    ringnumber: 1\n  }\n", "", 2)),
                ElementsAre("ring1: cannot use IP '10.78.0.2', it is not configured on node 'hp2'"));
    cluster.members["hp2"].online = false;
    EXPECT_THAT(findings(conf(2, "", "", 1, 80)),
                ElementsAre("not checked whether 'hp2' has 10.80.0.2: it is not online"));
    EXPECT_EQ(refusal([&] { ask_over_ssh({}); }), "its address is not known");
}

}  // namespace
}  // namespace pvecm::change
