#pragma once
// Measurements under load: throughput and latencies of cpg.

#include "bench/side_by_side/result.hpp"
#include "bench/side_by_side/ring.hpp"

namespace bench {

struct Conditions {
    double warm_up = 1, seconds = 2;  // of a run; what the first brings does not count
    double idle_seconds = 5;
    std::size_t in_flight = 0;             // messages a sender has under way at most; 0 = what flow control allows
    double loss = 0;                       // of datagrams, at every receiver, 0..1
    unsigned receivers = lab::most_nodes;  // of a throughput run: nodes that have a client though they do not send
};

// Members of a group have not seen the same messages in the same order: the engine is wrong.
struct Disorder : lab::LabError {
    using LabError::LabError;
};

// One run of a cell of kind throughput, latency, wake or loaded.
Figures measure_load(Ring& ring, const Cell& cell, const Conditions& conditions);

}  // namespace bench
