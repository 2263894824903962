#pragma once
// The redundant ring protocol's keys of the 2.x dialect. Spec totem-rrp.md section 2.

#include <optional>
#include <string>

#include "engine/cmap/map.hpp"
#include "totem/rrp/parameters.hpp"

namespace engine::config {

// `token_retransmit`: in force; rrp_token_expired_timeout is no longer unless the file says so.
totem::rrp::Parameters read_rrp_parameters(const cmap::Map& map, std::uint32_t token_retransmit);

// The first violated bound in upstream's words without prefix, nullopt if all hold.
std::optional<std::string> rrp_violation(const totem::rrp::Parameters& parameters);

// Throws Error in upstream's words.
totem::rrp::Mode read_rrp_mode(const cmap::Map& map);

}  // namespace engine::config
