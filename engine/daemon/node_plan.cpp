#include "engine/daemon/node_plan.hpp"

#include "totem/crypto/secauth.hpp"
#include "totem/wire/derivation.hpp"

namespace engine {

using totem::Dialect;
using totem::NodeAddress;

namespace {

constexpr std::size_t kQueueBytes = 4194304;  // of one send queue, totem-wire.md section 8

const config::Interface& ring0(const config::ClusterConfig& config) {
    if (config.interfaces.empty()) throw PlanError("No interface is configured");
    if (config.interfaces.size() > 1) throw PlanError("More than one ring is not supported");
    return config.interfaces.front();
}

// Addresses with node ids from the node list; without one, what the interface section lists.
std::vector<NodeAddress> member_addresses(const config::ClusterConfig& config) {
    std::vector<NodeAddress> out;
    for (const config::Node& node : config.nodes) {
        if (node.address.empty()) continue;
        out.push_back(node.address.front());
        out.back().nodeid = node.nodeid;
    }
    return out.empty() ? ring0(config).members : out;
}

}  // namespace

totem::net::TransportConfig plan_transport(const config::ClusterConfig& config) {
    const config::Interface& interface = ring0(config);
    totem::net::TransportConfig out;
    out.dialect = config.dialect;
    out.mode = config.transport == config::Transport::udpu ? totem::net::Mode::unicast
               : interface.broadcast                       ? totem::net::Mode::broadcast
                                                           : totem::net::Mode::multicast;
    out.bindnetaddr = interface.bindnetaddr;
    out.group = interface.group;
    out.port = interface.port;
    out.ttl = interface.ttl;
    out.members = member_addresses(config);
    out.local_nodeid = config.local_nodeid;
    out.block_unlisted_ips = config.block_unlisted_ips;
    out.downcheck = totem::srp::ms(config.parameters.downcheck);
    out.widen_after = totem::srp::ms(2 * config.parameters.merge);
    return out;
}

totem::Identity plan_identity(const config::ClusterConfig& config, const NodeAddress& bound) {
    totem::NodeId nodeid = config.local_nodeid;
    if (config.dialect == Dialect::v3) {
        if (nodeid == 0) throw PlanError("No valid name found for local host");
        return totem::Identity::v3(nodeid);
    }
    for (const config::Node& node : config.nodes) {
        if (!node.address.empty() && node.address.front().same_address(bound) && node.nodeid != 0) nodeid = node.nodeid;
    }
    if (nodeid == 0) {
        auto automatic = totem::wire::automatic_nodeid(bound, config.clear_node_high_bit);
        if (!automatic) throw PlanError("An IPV6 network requires that a node ID be specified.");
        nodeid = *automatic;
    }
    totem::Identity self;
    self.nodeid = nodeid;
    self.addr[0] = bound;
    self.addr[0].nodeid = nodeid;
    return self;
}

std::unique_ptr<totem::crypto::Suite> plan_suite(const config::ClusterConfig& config) {
    if (!config.protection.enabled()) return totem::crypto::make_plain_suite(config.dialect);
    try {
        return totem::crypto::make_secauth_suite(config.protection.cipher, config.protection.hash,
                                                 *config.protection.key);
    } catch (const totem::crypto::SuiteError& error) {
        throw PlanError(error.what());
    }
}

totem::StackConfig plan_stack(const config::ClusterConfig& config, const totem::Identity& self, std::size_t overhead) {
    totem::StackConfig out;
    out.packet_size = totem::wire::max_pg_packet({.dialect = config.dialect,
                                                  .netmtu = config.netmtu,
                                                  .rings = 1,
                                                  .ipv6 = ring0(config).bindnetaddr.family == NodeAddress::kIpv6,
                                                  .crypto_overhead = overhead});
    out.ring.dialect = config.dialect;
    out.ring.self = self;
    out.ring.queue_capacity = kQueueBytes / out.packet_size;
    out.ring.parameters = config.parameters;
    return out;
}

}  // namespace engine
