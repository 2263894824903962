#pragma once
// The section `metrics`, which is ours: corosync stores it and ignores it.

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"

namespace engine::config {

// Throws Error if a key or value is not known.
std::optional<metrics::Endpoint> read_metrics(const cmap::Map& map);

}  // namespace engine::config
