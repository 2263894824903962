#pragma once
// Packets for the trace, and packets that nobody in the cluster sent.

#include <string>
#include <vector>

#include "tests/sim/rng.hpp"
#include "tests/sim/scenario.hpp"

namespace totem::sim {

// One line about a packet of the dialect.
std::string describe_packet(Dialect dialect, Bytes packet);

// A datagram of the given kind. `past` are packets the cluster sent earlier; it may be empty.
std::vector<std::uint8_t> make_junk(Junk kind, Dialect dialect, const std::vector<std::vector<std::uint8_t>>& past,
                                    Rng& rng);

}  // namespace totem::sim
