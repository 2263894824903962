#pragma once
// One measurement: cpg-bench on three nodes of a laboratory.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/lab/lab.hpp"

namespace bench {

struct Job {
    std::size_t size = 64;      // bytes per message
    double seconds = 2;         // of a throughput run
    std::size_t count = 200;    // messages of a latency run
    std::size_t in_flight = 0;  // of a throughput run, per node; 0 = no limit
};

struct Sample {
    double messages_per_second = 0;  // delivered at node 1, all nodes sending
    double p50_us = 0, p99_us = 0;   // from sending to own delivery, one node sending
};

// All runs of one size on one engine.
struct Series {
    std::size_t size = 0;
    std::vector<Sample> samples;
    double throughput() const;  // medians
    double p50() const;
    double p99() const;
};

Sample measure(lab::Lab& ring, const std::filesystem::path& client, const Job& job);

}  // namespace bench
