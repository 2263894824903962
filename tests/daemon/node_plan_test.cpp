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

TEST(NodePlan, TransportKnowsEverybodysNodeId) {
    ClusterConfig config = two_nodes(Dialect::v3);
    auto plan = engine::plan_transport(config);
    EXPECT_EQ(plan.mode, Mode::unicast);
    ASSERT_EQ(plan.members.size(), 2u);
    EXPECT_EQ(plan.members[1].nodeid, 2u);
    EXPECT_EQ(plan.members[1].text(), "10.77.0.2");
    EXPECT_EQ(plan.widen_after, totem::srp::ms(2 * config.parameters.merge));
    config.transport = engine::config::Transport::udp;
    EXPECT_EQ(engine::plan_transport(config).mode, Mode::multicast);
    config.interfaces[0].broadcast = true;
    EXPECT_EQ(engine::plan_transport(config).mode, Mode::broadcast);
    config.nodes.clear();
    EXPECT_EQ(engine::plan_transport(config).members.size(), 2u) << "the member list of the interface";
}

TEST(NodePlan, WhatCannotRunIsRefused) {
    ClusterConfig config = two_nodes(Dialect::v2);
    config.interfaces.push_back(config.interfaces[0]);
    EXPECT_THROW(engine::plan_transport(config), PlanError);
    config.interfaces.clear();
    EXPECT_THROW(engine::plan_transport(config), PlanError);
    config = two_nodes(Dialect::v3);
    config.local_nodeid = 0;
    EXPECT_THROW(engine::plan_identity(config, at("10.77.0.1")), PlanError);
}

TEST(NodePlan, IdentityIsTheNodeIdInTheNewDialect) {
    totem::Identity self = engine::plan_identity(two_nodes(Dialect::v3), at("10.77.0.1"));
    EXPECT_EQ(self, totem::Identity::v3(1));
}

TEST(NodePlan, IdentityIsTheBoundAddressInTheOldDialect) {
    ClusterConfig config = two_nodes(Dialect::v2);
    config.local_nodeid = 9;  // totem.nodeid; the node list wins
    totem::Identity self = engine::plan_identity(config, at("10.77.0.2"));
    EXPECT_EQ(self.nodeid, 2u);
    EXPECT_EQ(self.addr[0].nodeid, 2u);
    EXPECT_EQ(self.addr[0].text(), "10.77.0.2");
    EXPECT_EQ(self.addr[1].family, totem::NodeAddress::kUnused);
    EXPECT_EQ(engine::plan_identity(config, at("10.77.0.3")).nodeid, 9u);
    config.nodes.clear();
    config.local_nodeid = 0;
    EXPECT_EQ(engine::plan_identity(config, at("10.77.0.1")).nodeid, 172818433u);
    EXPECT_THROW(engine::plan_identity(config, at("fd00::1")), PlanError);
}

TEST(NodePlan, PacketSizeAndQueueFollowTheDialect) {
    ClusterConfig config = two_nodes(Dialect::v3);
    auto v3 = engine::plan_stack(config, totem::Identity::v3(1), 0);
    EXPECT_EQ(v3.packet_size, 1410u);
    EXPECT_EQ(v3.ring.queue_capacity, 2974u);
    config = two_nodes(Dialect::v2);
    auto v2 = engine::plan_stack(config, engine::plan_identity(config, at("10.77.0.1")), 4);
    EXPECT_EQ(v2.packet_size, 1270u);
    EXPECT_EQ(v2.ring.queue_capacity, 3302u);
}

}  // namespace
}  // namespace daemontest
