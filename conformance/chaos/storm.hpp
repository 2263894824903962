#pragma once
// Many clients that come, work, stall and die at random.

#include <chrono>
#include <cstdint>
#include <string>

namespace chaos {

struct StormOptions {
    unsigned clients = 200;
    std::chrono::seconds duration{20};
    std::uint32_t seed = 1;
    unsigned events_per_second = 100;  // stops, continuations, deaths
};

// Runs one, until SIGTERM at the longest, and prints what happened as one line of JSON. When it returns no client is
// left. The same seed makes the same decisions; what comes of them depends on the machine.
void run_storm(const StormOptions& options);

}  // namespace chaos
