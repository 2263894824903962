#pragma once
// Many runs on all cores: worker processes take seeds from a shared counter, so a run that crashes or
// hangs costs one worker and is reported like any other failure.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace totem::sim {

// One run. With `keep` > 0 the last lines of its trace are in `lines`.
struct Report {
    std::uint64_t seed = 0;
    Outcome outcome;
    std::vector<std::string> lines;
};
Report run_seed(std::uint64_t seed, std::size_t keep, const Trace::Sink& sink = {});
using RunSeed = Report (*)(std::uint64_t seed, std::size_t keep, const Trace::Sink& sink);
// "seed 12: I7 (nodes 1 2): ..." and the lines.
std::string describe(const Report& report);

struct Campaign {
    std::uint64_t first = 0, last = 0;  // inclusive
    unsigned jobs = 1;
    bool stop_at_first = false;
    unsigned hang_seconds = 120;  // a run longer than this is killed and reported
    RunSeed run = run_seed;
};

struct Failure {
    std::uint64_t seed = 0;
    std::string rule;  // "crash" and "hang" besides those of the oracles
    std::string text;
};

struct Progress {
    std::uint64_t done = 0, total = 0, failed = 0, voids = 0, events = 0;
    double seconds = 0;
};

struct Summary {
    Progress progress;
    std::vector<Failure> failures;
};

Summary run_campaign(const Campaign& campaign, const std::function<void(const Progress&)>& on_progress,
                     const std::function<void(const Failure&)>& on_failure);

}  // namespace totem::sim
