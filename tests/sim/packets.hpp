#pragma once
// Packets for the trace, and packets that nobody in the cluster sent.

#include <string>
#include <vector>

#include "tests/sim/rng.hpp"
#include "tests/sim/scenario.hpp"

namespace totem::sim {

// One line about a packet of the dialect.
std::string describe_packet(Dialect dialect, Bytes packet);

// Packets the cluster sent earlier, and to whom.
struct PastPacket {
    std::vector<std::uint8_t> bytes;
    NodeSet addressees = 0;
};
using Past = std::vector<PastPacket>;

// A datagram of the given kind for `to`; empty if there is none. The network may deliver late and
// again, but to nobody else.
std::vector<std::uint8_t> make_junk(Junk kind, Dialect dialect, NodeIndex to, const Past& past, Rng& rng);

}  // namespace totem::sim
