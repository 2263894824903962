#pragma once
// What the other nodes speak, for a configuration that leaves it open: nothing is sent, so no ring is disturbed.

#include <optional>

#include "engine/config/cluster_config.hpp"
#include "totem/base/time.hpp"

namespace engine {

struct HeardDialect {
    totem::Dialect dialect = totem::Dialect::v3;
    totem::NodeAddress from;
};

// Listens on the first network for at most `limit`; nothing if nobody spoke, or there is no interface. Needs no more
// than `config` has in either dialect. Throws PlanError.
std::optional<HeardDialect> hear_dialect(const config::ClusterConfig& config, totem::Duration limit);

}  // namespace engine
