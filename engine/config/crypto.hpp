#pragma once
// Packet protection as configured, and its key. Spec corosync-conf.md sections 3.2 and 10.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/error.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

// The dialect's default, then secauth, crypto_cipher and crypto_hash. Throws Error for a cipher without
// hash. Without the key.
Protection crypto_settings(const cmap::Map& map, totem::Dialect dialect);

// The key: totem.keyfile, totem.key, in 2.x COROSYNC_TOTEM_AUTHKEY_FILE, /etc/corosync/authkey. 2.x: 128
// bytes of a file, 1 to 128 of a text; 3.x: 128 to 4096. Warns of a file that others may read. Throws Error.
totem::crypto::Secret read_key(const cmap::Map& map, totem::Dialect dialect, std::vector<std::string>& warnings);

}  // namespace engine::config
