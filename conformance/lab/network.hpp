#pragma once
// The network of a laboratory: a bridge in a host of its own, one interface eth0 per node, and what a node's interface
// refuses to receive.

#include <set>

#include "conformance/lab/host.hpp"
#include "conformance/lab/plan.hpp"

namespace lab {

inline constexpr const char* bridge_name = "br0";

// `hub` and `nodes` are hosts without interfaces yet; nodes[i] becomes node i + 1. Returns when all links are up.
void build_network(const ProcessId& hub, const std::vector<ProcessId>& nodes);

// Applied where packets are received, so that a capture on the bridge shows them all, and to what comes from the wire
// only: what a node sends to itself is never lost. Neighbour discovery is exempt; a healed network works at once.
struct Reception {
    std::set<unsigned> cut;  // nodes nothing is received from
    double loss = 0;         // share of UDP datagrams lost, 0..1
};
void set_reception(const ProcessId& node, const Reception& reception);

}  // namespace lab
