#pragma once
// The quorum section and the votes of the node list. Spec corosync-conf.md section 7, votequorum.md section 2.

#include <optional>
#include <string>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"

namespace engine::config {

// What votequorum goes by, from the map as it is now: at start once the local node is known, and again whenever keys
// of quorum or nodelist have changed.
vote::Keys quorum_keys(const cmap::Map& map, totem::Dialect dialect);

Quorum read_quorum(const cmap::Map& map, totem::Dialect dialect);

// The reason as it is logged, nullopt if the quorum service can start. Not part of build(): corosync checks it when
// the service loads (exit code 20), and not with -t.
std::optional<std::string> quorum_violation(const ClusterConfig& config);

// The keys clients may not write while votequorum runs (section 11.1).
void make_quorum_read_only(cmap::Map& map);

}  // namespace engine::config
