#include "engine/daemon/node_plan.hpp"

#include "totem/wire/derivation.hpp"

namespace engine {

using totem::Dialect;
using totem::NodeAddress;

namespace {

constexpr std::size_t kQueueBytes = 4194304;  // of one send queue, totem-wire.md section 8

// Addresses on a network with node ids from the node list; without one, what the interface section lists.
std::vector<NodeAddress> member_addresses(const config::ClusterConfig& config, unsigned network) {
    std::vector<NodeAddress> out;
    for (const config::Node& node : config.nodes) {
        if (network >= node.address.size() || node.address[network].family == NodeAddress::kUnused) continue;
        out.push_back(node.address[network]);
        out.back().nodeid = node.nodeid;
    }
    return out.empty() ? config.interfaces[network].members : out;
}

// What an administrator has set stays as it is.
totem::srp::PaceOptions plan_pace(const config::ClusterConfig& config) {
    const config::FastPaths& fast = config.fast_paths;
    const bool own_limits = config.settings.window_size || config.settings.max_messages;
    // Redundant networks are watched by comparing what came through each, a few dozen messages apart at most, and
    // tokens are expected to come last.
    const bool one_network = config.interfaces.size() == 1;
    return {.accelerated = fast.accelerated && one_network,
            .adaptive_window = fast.adaptive_window && one_network && !own_limits,
            .early_requests = fast.early_requests && !config.settings.miss_count_const,
            .watch_processes = fast.watch_processes,
            .hold_at_sender = fast.hold_at_sender && one_network};
}

}  // namespace

totem::net::TransportConfig plan_transport(const config::ClusterConfig& config, unsigned network) {
    const config::Interface& interface = config.interfaces[network];
    totem::net::TransportConfig out;
    out.dialect = config.dialect;
    out.mode = config.transport == config::Transport::udpu ? totem::net::Mode::unicast
               : interface.broadcast                       ? totem::net::Mode::broadcast
                                                           : totem::net::Mode::multicast;
    out.ring = network;
    out.bindnetaddr = interface.bindnetaddr;
    out.group = interface.group;
    out.port = interface.port;
    out.ttl = interface.ttl;
    out.members = member_addresses(config, network);
    out.local_nodeid = config.local_nodeid;
    out.block_unlisted_ips = config.block_unlisted_ips;
    out.offload = config.fast_paths.offload;
    out.notice_refusals = config.fast_paths.watch_processes;
    out.downcheck = totem::srp::ms(config.parameters.downcheck);
    out.widen_after = totem::srp::ms(2 * config.parameters.merge);
    return out;
}

totem::Identity plan_identity(const config::ClusterConfig& config, std::span<const NodeAddress> bound) {
    totem::NodeId nodeid = config.local_nodeid;
    if (config.dialect == Dialect::v3) {
        if (nodeid == 0) throw PlanError("No valid name found for local host");
        return totem::Identity::v3(nodeid);
    }
    for (const config::Node& node : config.nodes) {
        if (!node.address.empty() && node.address.front().same_address(bound.front()) && node.nodeid != 0)
            nodeid = node.nodeid;
    }
    if (nodeid == 0) {
        auto automatic = totem::wire::automatic_nodeid(bound.front(), config.clear_node_high_bit);
        if (!automatic) throw PlanError("An IPV6 network requires that a node ID be specified.");
        nodeid = *automatic;
    }
    totem::Identity self;
    self.nodeid = nodeid;
    for (std::size_t i = 0; i < bound.size() && i < self.addr.size(); ++i) {
        self.addr[i] = bound[i];
        self.addr[i].nodeid = nodeid;
    }
    return self;
}

totem::StackConfig plan_stack(const config::ClusterConfig& config, const totem::Identity& self, std::size_t overhead) {
    totem::StackConfig out;
    out.packet_size =
        totem::wire::max_pg_packet({.dialect = config.dialect,
                                    .netmtu = config.netmtu,
                                    .rings = 1,  // what protection adds is added once
                                    .ipv6 = config.interfaces.front().bindnetaddr.family == NodeAddress::kIpv6,
                                    .crypto_overhead = overhead});
    out.ring.dialect = config.dialect;
    out.ring.self = self;
    out.ring.queue_capacity = kQueueBytes / out.packet_size;
    out.ring.parameters = config.parameters;
    out.ring.pace = plan_pace(config);
    out.rrp_mode = config.rrp_mode;
    out.networks = static_cast<unsigned>(config.interfaces.size());
    out.rrp_parameters = config.rrp_parameters;
    return out;
}

}  // namespace engine
