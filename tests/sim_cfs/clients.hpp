#pragma once
// The clients of one machine: one that changes the tree at random, and one that takes and leaves a lock as PVE's tools
// do.

#include "tests/sim/rng.hpp"
#include "tests/sim_cfs/oracles.hpp"

namespace totem::sim::store {

class Clients {
public:
    Clients(std::uint32_t machine, std::uint64_t seed, Oracles& oracles)
        : machine_(machine), rng_(seed, 100 + machine), oracles_(oracles) {}

    void write_something(Node& node);
    // Its next step; called every second or so. Dies with the lock now and then.
    void use_lock(Node& node, Time now);
    void crashed() { lock_ = Lock::none; }

    // What every cluster's tree has from its first day.
    static cfs::Tree initial_tree(bool fresh, std::uint32_t machine);

private:
    enum class Lock : std::uint8_t { none, asked, held };
    cfs::Operation random_operation();
    void make_unique(Node& node);

    const std::uint32_t machine_;
    Rng rng_;
    Oracles& oracles_;
    std::uint64_t made_ = 0;
    Lock lock_ = Lock::none;
    Time hold_until_ = 0, rest_until_ = 0;
};

}  // namespace totem::sim::store
