#pragma once
// Packet protection as configured, and its key. Spec corosync-conf.md sections 3.2 and 10.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/error.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

struct Crypto {
    std::string cipher = "none";
    std::string hash = "none";
    bool enabled() const { return cipher != "none" || hash != "none"; }
};

// The dialect's default, then secauth, crypto_cipher and crypto_hash. Throws Error for a cipher without
// hash.
Crypto crypto_settings(const cmap::Map& map, totem::Dialect dialect);

// The key: totem.keyfile, totem.key, in 2.x COROSYNC_TOTEM_AUTHKEY_FILE, /etc/corosync/authkey. 2.x: 128
// bytes; 3.x: 128 to 4096. Throws Error.
std::vector<std::uint8_t> read_key(const cmap::Map& map, totem::Dialect dialect);

}  // namespace engine::config
