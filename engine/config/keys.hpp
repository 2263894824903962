#pragma once
// Types of the keys corosync.conf may hold, and conversion of their text.
// Spec corosync-conf.md sections 2 to 7.

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cmap/value.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

// The type a key is stored with; string for all that need no other. Interfaces and nodes are looked up
// without their number: "totem.interface.mcastport", "nodelist.node.nodeid".
cmap::Type key_type(std::string_view key, totem::Dialect dialect);

// `key` is the full path for the error text. Throws ValueError.
cmap::Value typed_value(const std::string& key, const std::string& text, cmap::Type type, totem::Dialect dialect);

// Refuses a value outside the set its key allows ("Invalid ip_version type"), with ValueError.
void check_choice(std::string_view key, std::string_view value, totem::Dialect dialect);

}  // namespace engine::config
