#pragma once
// Single lines out of the configurations of guests, so that clients need not read whole files (pmxcfs.md 14.3, requests
// 11 and 13). Pure functions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cfs/tree/tree.hpp"

namespace cfs::ipc {

// For each name the trimmed rest of the first line "name:" in front of the first section, a view into `config`; empty
// where there is no such line or nothing behind it.
std::vector<std::string_view> find_properties(std::string_view config, std::span<const std::string_view> names);

// The JSON text with what the guests have of these properties, those without any left out. `guest` 0: of all; nothing
// for an id that is no guest's.
std::optional<std::string> guest_properties(const Tree& tree, std::uint32_t guest,
                                            std::span<const std::string_view> names);

}  // namespace cfs::ipc
