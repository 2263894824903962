#include "tests/sim_cfs/scenario.hpp"

namespace totem::sim::store {
namespace {

Fault random_fault(Rng& rng, const Scenario& scenario, Time at) {
    Fault fault;
    fault.at = at;
    const std::uint64_t kind = rng.below(scenario.gentle ? 2 : 4);
    if (kind == 0) {
        fault.kind = Fault::Kind::merge;
    } else if (kind == 1) {
        fault.kind = Fault::Kind::split;
        const std::uint64_t parts = rng.chance(0.8) ? 2 : 3;
        for (std::uint32_t i = 0; i < scenario.nodes; ++i)
            fault.components.push_back(static_cast<unsigned>(rng.below(parts)));
    } else {
        fault.kind = Fault::Kind::crash;
        fault.node = static_cast<std::uint32_t>(rng.below(scenario.nodes));
        fault.down = rng.range(200 * kMillisecond, 15 * kSecond);
    }
    return fault;
}

void add_faults(Rng& rng, Scenario& scenario) {
    Time at = scenario.gentle ? 25 * kSecond : rng.range(kSecond, 20 * kSecond);
    for (std::uint64_t left = rng.range(1, scenario.gentle ? 5 : 10); left > 0; --left) {
        scenario.faults.push_back(random_fault(rng, scenario, at));
        // Some follow upon another's heels.
        if (scenario.gentle)
            at += rng.range(25 * kSecond, 60 * kSecond);
        else
            at += rng.chance(0.4) ? rng.range(0, 50 * kMillisecond) : rng.range(kSecond, 30 * kSecond);
    }
    scenario.calm = at + rng.range(kSecond, 20 * kSecond);
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
    Rng rng(seed, 1);
    Scenario scenario;
    scenario.seed = seed;
    scenario.nodes = static_cast<std::uint32_t>(rng.pick({1, 2, 3, 3, 3, 4, 5, 5, 7}));
    scenario.gentle = rng.chance(0.35);
    scenario.one_by_one = rng.chance(0.4);
    scenario.locks = rng.chance(0.4);
    if (!scenario.gentle) {
        scenario.crash_at_disk = rng.pick({0.0, 0.0, 0.003, 0.02});
        scenario.crash_at_message = rng.pick({0.0, 0.0, 0.0005, 0.003});
        scenario.stall = rng.pick({0.0, 0.002, 0.02});
        scenario.slowest_disk = rng.pick({5 * kMillisecond, 50 * kMillisecond, 2 * kSecond});
    }
    scenario.pause = rng.pick({500 * kMillisecond, 2 * kSecond, 8 * kSecond});
    for (std::uint32_t i = 0; i < scenario.nodes; ++i) {
        scenario.skew.push_back(static_cast<int>(rng.range(-5, 5)));
        // Fresh nodes could be a majority and begin a history of their own.
        scenario.fresh.push_back(!scenario.gentle && rng.chance(0.3));
    }
    scenario.fresh[rng.below(scenario.nodes)] = false;
    add_faults(rng, scenario);
    return scenario;
}

}  // namespace totem::sim::store
