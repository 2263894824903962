#pragma once
// logging { } to log::Settings. Spec corosync-conf.md section 8.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/error.hpp"
#include "engine/log/settings.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

// Throws Error with exit code 7: "parse error in config: unknown value for debug.".
log::Settings logging_settings(const cmap::Map& map, totem::Dialect dialect, std::vector<std::string>& warnings);

// "parse error in config: <text>.", the form of every logging error.
Error logging_error(const std::string& text);

}  // namespace engine::config
