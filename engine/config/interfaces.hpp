#pragma once
// Steps of build(): rings and nodes. Spec corosync-conf.md sections 4 to 6.

#include "engine/config/draft.hpp"

namespace engine::config {

// Finds the local node and writes its addresses to totem.interface.N.bindnetaddr. Throws Error.
void find_local_node(Draft& draft);

// Reads totem.interface.N, derives groups and ports, writes them back. Throws Error.
void build_interfaces(Draft& draft);

// Resolves the nodes, settles node ids and the members of each ring. Throws Error.
void build_nodes(Draft& draft);

}  // namespace engine::config
