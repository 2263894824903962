#pragma once
// What happens in one run of the store's simulator: a function of the seed.

#include <vector>

#include "tests/sim/rng.hpp"
#include "tests/sim/types.hpp"

namespace totem::sim::store {

struct Fault {
    enum class Kind : std::uint8_t { crash, split, merge };
    Time at = 0;
    Kind kind = Kind::crash;
    std::uint32_t node = 0;            // crash
    Time down = 0;                     // crash: until it starts again
    std::vector<unsigned> components;  // split: of each node
};

struct Scenario {
    std::uint64_t seed = 0;
    std::uint32_t nodes = 3;
    // Nothing crashes, faults are far apart, and quorum is told at its place among the group's messages: then no
    // acknowledged write may be lost at all, and nobody may get a lock that another holds. Else histories can fork, as
    // the protocol has it, and the longer one wins.
    bool gentle = false;
    bool one_by_one = false;      // merges are announced as corosync 2.x does
    bool locks = false;           // clients take and leave locks
    double crash_at_disk = 0;     // chance at each step of a disk
    double crash_at_message = 0;  // chance at each event of a node
    double stall = 0;             // chance at each event that the next one waits long
    Time slowest_disk = 20 * kMillisecond;
    Time pause = kSecond;       // a client's, on average
    std::vector<int> skew;      // of each node's clock, seconds
    std::vector<bool> fresh;    // nodes that begin with an empty database
    std::vector<Fault> faults;  // by time
    Time calm = 0;              // everything is mended and clients stop
};

Scenario make_scenario(std::uint64_t seed);

}  // namespace totem::sim::store
