#include "tests/sim/bugs.hpp"

#include <algorithm>
#include <array>

namespace totem::sim {
namespace {

constexpr std::array kBugs{
    BugInfo{Bug::free_after_one_aru, "free-after-one-aru", "I15"},
};

}  // namespace

std::span<const BugInfo> planted_bugs() {
    return kBugs;
}

std::optional<Bug> find_bug(std::string_view name) {
    const auto found = std::ranges::find(kBugs, name, &BugInfo::name);
    return found == kBugs.end() ? std::nullopt : std::optional(found->bug);
}

void plant(Bug bug) {
    planted_bug() = bug;
}

}  // namespace totem::sim
