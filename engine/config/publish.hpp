#pragma once
// What the configuration leaves in the map for clients. Spec corosync-conf.md sections 11.1 and 12.

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"

namespace engine::config {

// The keys clients may not write (section 11.1).
void make_read_only(cmap::Map& map, totem::Dialect dialect);

// runtime.config.totem.*: every timer and constant in force.
void publish_parameters(const ClusterConfig& config, cmap::Map& map);

}  // namespace engine::config
