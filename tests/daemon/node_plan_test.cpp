#include "engine/daemon/node_plan.hpp"

#include <gtest/gtest.h>

#include "totem/wire/derivation.hpp"

namespace daemontest {
namespace {

using engine::PlanError;
using engine::config::ClusterConfig;
using totem::Dialect;
using totem::net::Mode;

totem::NodeAddress at(const char* text, totem::NodeId nodeid = 0) {
    return *totem::wire::parse_address(text, nodeid);
}

ClusterConfig two_nodes(Dialect dialect) {
    ClusterConfig config;
    config.dialect = dialect;
    engine::config::Interface interface;
    interface.bindnetaddr = at("10.77.0.1");
    interface.group = at("239.192.3.20");
    interface.members = {at("10.77.0.1"), at("10.77.0.2")};
    config.interfaces.push_back(interface);
    for (unsigned i : {1u, 2u}) {
        engine::config::Node node;
        node.nodeid = i;
        node.address.push_back(at(i == 1 ? "10.77.0.1" : "10.77.0.2", i));
        config.nodes.push_back(node);
    }
    config.local_node = 0;
    config.local_nodeid = 1;
    config.parameters = totem::srp::derive({}, dialect, 2);
    return config;
}

totem::Identity identity_at(const ClusterConfig& config, const std::vector<totem::NodeAddress>& bound) {
    return engine::plan_identity(config, bound);
}

TEST(NodePlan, TransportKnowsEverybodysNodeId) {
    ClusterConfig config = two_nodes(Dialect::v3);
    auto plan = engine::plan_transport(config, 0);
    EXPECT_EQ(plan.mode, Mode::unicast);
    ASSERT_EQ(plan.members.size(), 2u);
    EXPECT_EQ(plan.members[1].nodeid, 2u);
    EXPECT_EQ(plan.members[1].text(), "10.77.0.2");
    EXPECT_EQ(plan.widen_after, totem::srp::ms(2 * config.parameters.merge));
    config.transport = engine::config::Transport::udp;
    EXPECT_EQ(engine::plan_transport(config, 0).mode, Mode::multicast);
    config.interfaces[0].broadcast = true;
    EXPECT_EQ(engine::plan_transport(config, 0).mode, Mode::broadcast);
    config.nodes.clear();
    EXPECT_EQ(engine::plan_transport(config, 0).members.size(), 2u) << "the member list of the interface";
}

TEST(NodePlan, WhatCannotRunIsRefused) {
    ClusterConfig config = two_nodes(Dialect::v3);
    config.local_nodeid = 0;
    EXPECT_THROW(identity_at(config, {at("10.77.0.1")}), PlanError);
}

TEST(NodePlan, IdentityIsTheNodeIdInTheNewDialect) {
    totem::Identity self = identity_at(two_nodes(Dialect::v3), {at("10.77.0.1")});
    EXPECT_EQ(self, totem::Identity::v3(1));
}

TEST(NodePlan, IdentityIsTheBoundAddressInTheOldDialect) {
    ClusterConfig config = two_nodes(Dialect::v2);
    config.local_nodeid = 9;  // totem.nodeid; the node list wins
    totem::Identity self = identity_at(config, {at("10.77.0.2")});
    EXPECT_EQ(self.nodeid, 2u);
    EXPECT_EQ(self.addr[0].nodeid, 2u);
    EXPECT_EQ(self.addr[0].text(), "10.77.0.2");
    EXPECT_EQ(self.addr[1].family, totem::NodeAddress::kUnused);
    EXPECT_EQ(identity_at(config, {at("10.77.0.3")}).nodeid, 9u);
    config.nodes.clear();
    config.local_nodeid = 0;
    EXPECT_EQ(identity_at(config, {at("10.77.0.1")}).nodeid, 172818433u);
    EXPECT_THROW(identity_at(config, {at("fd00::1")}), PlanError);
}

TEST(NodePlan, EachRingHasItsOwnAddresses) {
    ClusterConfig config = two_nodes(Dialect::v2);
    engine::config::Interface second = config.interfaces[0];
    second.ring = 1;
    second.bindnetaddr = at("10.78.0.1");
    config.interfaces.push_back(second);
    config.rrp_mode = totem::rrp::Mode::passive;
    for (engine::config::Node& node : config.nodes)
        node.address.push_back(at(node.nodeid == 1 ? "10.78.0.1" : "10.78.0.2", node.nodeid));
    const auto plan = engine::plan_transport(config, 1);
    EXPECT_EQ(plan.ring, 1u);
    EXPECT_EQ(plan.bindnetaddr.text(), "10.78.0.1");
    ASSERT_EQ(plan.members.size(), 2u);
    EXPECT_EQ(plan.members[1].text(), "10.78.0.2");
    const totem::Identity self = identity_at(config, {at("10.77.0.2"), at("10.78.0.2")});
    EXPECT_EQ(self.nodeid, 2u);
    EXPECT_EQ(self.addr[1].text(), "10.78.0.2");
    EXPECT_EQ(self.addr[1].nodeid, 2u);
    const auto stack = engine::plan_stack(config, self, 4);
    EXPECT_EQ(stack.networks, 2u);
    EXPECT_EQ(stack.rrp_mode, totem::rrp::Mode::passive);
    EXPECT_EQ(stack.packet_size, 1270u) << "what protection adds is added once";

    config.nodes[1].address.pop_back();
    EXPECT_EQ(engine::plan_transport(config, 1).members.size(), 1u) << "a node without an address there";
}

TEST(NodePlan, FastPathsGiveWayToSettingsAndToRedundantNetworks) {
    const auto pace = [](const ClusterConfig& config) {
        return engine::plan_stack(config, totem::Identity::v3(1), 0).ring.pace;
    };
    ClusterConfig config = two_nodes(Dialect::v3);
    EXPECT_TRUE(pace(config).accelerated && pace(config).adaptive_window && pace(config).early_requests &&
                pace(config).watch_processes && pace(config).hold_at_sender);
    config.settings.max_messages = 17;
    config.settings.miss_count_const = 5;
    EXPECT_FALSE(pace(config).adaptive_window);
    EXPECT_FALSE(pace(config).early_requests);
    EXPECT_TRUE(pace(config).accelerated);

    config = two_nodes(Dialect::v3);
    config.interfaces.push_back(config.interfaces.front());
    EXPECT_FALSE(pace(config).adaptive_window);
    EXPECT_FALSE(pace(config).accelerated);
    EXPECT_FALSE(pace(config).hold_at_sender);
    EXPECT_TRUE(pace(config).early_requests);

    config = two_nodes(Dialect::v3);
    config.fast_paths = {.offload = false,
                         .accelerated = false,
                         .adaptive_window = false,
                         .early_requests = false,
                         .hold_at_sender = false,
                         .watch_processes = false};
    EXPECT_EQ(pace(config), totem::srp::PaceOptions{});
    EXPECT_FALSE(engine::plan_transport(config, 0).offload);
    EXPECT_FALSE(engine::plan_transport(config, 0).notice_refusals);
}

TEST(NodePlan, PacketSizeAndQueueFollowTheDialect) {
    ClusterConfig config = two_nodes(Dialect::v3);
    auto v3 = engine::plan_stack(config, totem::Identity::v3(1), 0);
    EXPECT_EQ(v3.packet_size, 1410u);
    EXPECT_EQ(v3.ring.queue_capacity, 2974u);
    config = two_nodes(Dialect::v2);
    auto v2 = engine::plan_stack(config, identity_at(config, {at("10.77.0.1")}), 4);
    EXPECT_EQ(v2.packet_size, 1270u);
    EXPECT_EQ(v2.ring.queue_capacity, 3302u);
}

}  // namespace
}  // namespace daemontest
