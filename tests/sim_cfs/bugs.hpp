#pragma once
// The planted bugs of the configuration store, as tests/sim/bugs.hpp has those of the ring.

#include "tests/sim/bugs.hpp"

namespace totem::sim {

std::span<const BugInfo> planted_store_bugs();

}  // namespace totem::sim
