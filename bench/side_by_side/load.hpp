#pragma once
// Measurements under load: throughput and latencies of cpg.

#include "bench/side_by_side/result.hpp"
#include "bench/side_by_side/ring.hpp"

namespace bench {

struct Length {
    double warm_up = 1, seconds = 2;  // of a run; what the first brings does not count
    double idle_seconds = 5;
    std::size_t in_flight = 0;  // messages a sender has under way at most; 0 = what flow control allows
};

// One run of a cell of kind throughput, latency, wake or loaded. LabError if the members of a group did not see the
// same messages in the same order.
Figures measure_load(Ring& ring, const Cell& cell, const Length& length);

}  // namespace bench
