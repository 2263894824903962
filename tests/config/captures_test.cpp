// The configurations of the clusters that the reference captures were taken from.

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

// Node 2's view; the 2.x ones, which corosync 2.4 read without it, get their dialect.
Outcome load_capture(const std::string& name) {
    const std::string text = read_file(std::string(CONFIG_DATA) + "/" + name + ".conf", totem::Dialect::v3);
    const auto host = FakeHost().with_address("10.77.0.2", "255.255.255.0").with_address("10.78.0.2", "255.255.255.0");
    const std::string dialect = name.starts_with("2x") ? "totem {\ndialect: 2.x\n}\n" : "";
    // The laboratory's nodes share one key; here any will do.
    return load(dialect + text + "totem {\nkey: secret\n}\n", host);
}

void expect_three_nodes(const Outcome& outcome, std::size_t rings = 1) {
    ASSERT_EQ(outcome.error, "");
    const ClusterConfig& config = outcome.config;
    EXPECT_EQ(config.cluster_name, "lab");
    EXPECT_EQ(config.quorum.provider, "corosync_votequorum");
    EXPECT_EQ(config.local_node, 1U);
    EXPECT_EQ(config.local_nodeid, 2U);
    ASSERT_EQ(config.nodes.size(), 3U);
    ASSERT_EQ(config.interfaces.size(), rings);
    EXPECT_EQ(config.interfaces[0].bindnetaddr.text(), "10.77.0.2");
    EXPECT_EQ(config.interfaces[0].port, 5405);
    ASSERT_EQ(config.interfaces[0].members.size(), 3U);
    EXPECT_EQ(config.interfaces[0].members[2].text(), "10.77.0.3");
    EXPECT_EQ(config.interfaces[0].members[2].nodeid, 3U);
}

TEST(Captures, Udp2x) {
    const auto outcome = load_capture("2x-udp");
    expect_three_nodes(outcome);
    EXPECT_EQ(outcome.config.transport, Transport::udp);
    EXPECT_EQ(outcome.config.interfaces.at(0).group.text(), "239.77.0.1");
    EXPECT_EQ(outcome.config.parameters.token, 1650U);
}

TEST(Captures, Udpu2x) {
    const auto outcome = load_capture("2x-udpu");
    expect_three_nodes(outcome);
    EXPECT_EQ(outcome.config.transport, Transport::udpu);
    EXPECT_EQ(outcome.config.parameters.token, 1650U);
}

TEST(Captures, Udp3x) {
    const auto outcome = load_capture("3x-udp");
    expect_three_nodes(outcome);
    EXPECT_EQ(outcome.config.transport, Transport::udp);
    EXPECT_EQ(outcome.config.interfaces.at(0).group.text(), "239.77.0.1");
    EXPECT_EQ(outcome.config.parameters.token, 3650U);
    EXPECT_EQ(outcome.config.nodes.at(1).name, "node2");
    EXPECT_FALSE(outcome.config.sched_rr);
}

TEST(Captures, Udpu3x) {
    const auto outcome = load_capture("3x-udpu");
    expect_three_nodes(outcome);
    EXPECT_EQ(outcome.config.transport, Transport::udpu);
    EXPECT_EQ(outcome.config.parameters.token, 3650U);
}

void expect_two_rings(const Outcome& outcome, totem::rrp::Mode mode) {
    expect_three_nodes(outcome, 2);
    const ClusterConfig& config = outcome.config;
    ASSERT_EQ(config.interfaces.size(), 2U);
    EXPECT_EQ(config.rrp_mode, mode);
    EXPECT_EQ(config.interfaces[1].bindnetaddr.text(), "10.78.0.2");
    EXPECT_EQ(config.interfaces[1].members.size(), 3U);
}

TEST(Captures, TwoRings2x) {
    const auto passive = load_capture("2x-udp-passive");
    expect_two_rings(passive, totem::rrp::Mode::passive);
    EXPECT_EQ(passive.config.interfaces[0].group.text(), "239.77.0.1");
    EXPECT_EQ(passive.config.interfaces[1].group.text(), "239.78.0.1");
    expect_two_rings(load_capture("2x-udp-active"), totem::rrp::Mode::active);
    const auto protected_rings = load_capture("2x-udpu-passive-secauth");
    expect_two_rings(protected_rings, totem::rrp::Mode::passive);
    EXPECT_EQ(protected_rings.config.transport, Transport::udpu);
    EXPECT_TRUE(protected_rings.config.protection.enabled());
}

}  // namespace
}  // namespace engine::config
