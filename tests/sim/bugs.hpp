#pragma once
// The planted bugs by name, and which rule each breaks.

#include <optional>
#include <span>
#include <string_view>

#include "totem/base/planted.hpp"

namespace totem::sim {

struct BugInfo {
    Bug bug;
    std::string_view name;
    std::string_view breaks;
};

std::span<const BugInfo> planted_bugs();
std::optional<Bug> find_bug(std::span<const BugInfo> bugs, std::string_view name);
// Switches the bug on for everything this process runs from now on; Bug::none switches off.
void plant(Bug bug);

}  // namespace totem::sim
