#pragma once
// The networks of a laboratory: for each ring a bridge in a host of their own and one interface per node, and what a
// node's interfaces refuse to receive.

#include <array>
#include <set>
#include <string>

#include "conformance/lab/host.hpp"
#include "conformance/lab/plan.hpp"

namespace lab {

std::string bridge_name(unsigned ring);     // br0, ...
std::string interface_name(unsigned ring);  // eth0, ...

// `hub` and `nodes` are hosts without interfaces yet; nodes[i] becomes node i + 1. Returns when all links are up.
void build_networks(const ProcessId& hub, const std::vector<ProcessId>& nodes, unsigned rings);

// Applied where packets are received, so that a capture on the bridge shows them all, and to what comes from the wire
// only: what a node sends to itself is never lost. Neighbour discovery is exempt; a healed network works at once.
struct Reception {
    std::set<unsigned> cut;  // nodes nothing is received from
    double loss = 0;         // share of UDP datagrams lost, 0..1
};
using Receptions = std::array<Reception, most_rings>;  // by ring
void set_reception(const ProcessId& node, const Receptions& receptions, unsigned rings);

}  // namespace lab
