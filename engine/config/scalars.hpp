#pragma once
// The values of totem and system that stand alone. Spec corosync-conf.md sections 3, 7 and 9.

#include "engine/config/draft.hpp"

namespace engine::config {

// Transport, IP version, names, sizes and timers as configured. Throws Error for a transport that
// totemd does not have.
void read_scalars(Draft& draft);

// Timer settings alone, for a change at run time.
totem::srp::Settings read_settings(const cmap::Map& map);

// Size of the node list as it scales `token`: members of ring 0.
std::size_t scaling_members(const ClusterConfig& config);

}  // namespace engine::config
