#pragma once
// What this process uses of the machine, from /proc/self and getrusage; 0 for what cannot be read.

#include <cstdint>

namespace engine {

struct ProcessUsage {
    std::uint64_t resident_bytes = 0, virtual_bytes = 0;
    std::uint64_t open_descriptors = 0;
    double cpu_seconds = 0;
};

ProcessUsage process_usage();

}  // namespace engine
