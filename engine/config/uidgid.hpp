#pragma once
// uidgid { uid: U; gid: G }: who may use the client interface besides root.
// Spec corosync-conf.md section 9.

#include <string>

#include "engine/cmap/map.hpp"

namespace engine::config {

// One item of such a section: a number, or a name looked up in the system's databases. Stores
// uidgid.config.uid.<n> or .gid.<n> = u8 1. Throws ValueError.
void uidgid_item(cmap::Map& map, const std::string& key, const std::string& value);

}  // namespace engine::config
