#pragma once
// Packet protection as configured, and its key. Spec corosync-conf.md sections 3.2 and 10.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/error.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

// Of the native suite alone: the number of the key, the next key and its number.
inline constexpr char kKeyId[] = "totem.key_id", kNextKeyFile[] = "totem.next_keyfile",
                      kNextKeyId[] = "totem.next_key_id";

// The dialect's default, then secauth, crypto_cipher and crypto_hash. Throws Error for a cipher without
// hash, a native one with hash, and for what belongs to the native suite without it. Without the keys.
Protection crypto_settings(const cmap::Map& map, totem::Dialect dialect);

// Sets the keys. The first: totem.keyfile, totem.key, in 2.x COROSYNC_TOTEM_AUTHKEY_FILE, /etc/corosync/authkey. 2.x:
// 128 bytes of a file, 1 to 128 of a text; 3.x, and the native suite in either dialect: 128 to 4096. Warns of files
// that others may read. Throws Error.
void read_keys(const cmap::Map& map, totem::Dialect dialect, Protection& protection,
               std::vector<std::string>& warnings);

}  // namespace engine::config
