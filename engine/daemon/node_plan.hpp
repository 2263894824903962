#pragma once
// From the configuration to what the parts of a node want to know.

#include <span>
#include <stdexcept>

#include "engine/config/cluster_config.hpp"
#include "totem/net/transport.hpp"
#include "totem/stack/stack.hpp"

namespace engine {

// The configuration can't be run on this host; what() is for the log.
class PlanError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// `network`: an index of config.interfaces.
totem::net::TransportConfig plan_transport(const config::ClusterConfig& config, unsigned network);

// Who we are once our address on each network is known (totem-wire.md section 11). Throws PlanError.
totem::Identity plan_identity(const config::ClusterConfig& config, std::span<const totem::NodeAddress> bound);

// `overhead`: bytes packet protection adds.
totem::StackConfig plan_stack(const config::ClusterConfig& config, const totem::Identity& self, std::size_t overhead);

}  // namespace engine
