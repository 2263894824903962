#pragma once
// From the map of a configuration file to the typed, validated configuration.
// Spec corosync-conf.md sections 3 to 7, 10 and 14.3.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/error.hpp"
#include "engine/config/host.hpp"

namespace engine::config {

// Finds the local node, resolves addresses, derives what is not given, and checks everything. Writes what
// it found back to `map`: bind addresses, local_node_pos, generated node ids, multicast addresses and
// ports, runtime.config.totem.*. Warnings are added also when it throws Error. The key file is read when
// protection is on, before anything is validated (section 14.3).
ClusterConfig build(cmap::Map& map, totem::Dialect dialect, const Host& host, std::vector<std::string>& warnings);

// The state directory: system.state_dir, in 2.x COROSYNC_RUN_DIR, else systemd's STATE_DIRECTORY, else
// /var/lib/corosync.
std::string state_directory(const cmap::Map& map, totem::Dialect dialect);

}  // namespace engine::config
