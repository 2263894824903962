#include "tests/sim/links.hpp"

#include <algorithm>

namespace totem::sim {

Links::Links(const Scenario& scenario, Rng& rng)
    : scenario_(scenario), rng_(rng), count_(scenario.nodes.size()), links_(count_ * count_ * scenario.networks) {}

void Links::update(Time now) {
    links_.assign(links_.size(), Link{});
    selective_.clear();
    for (const LinkFault& fault : scenario_.faults) {
        if (now < fault.begin || now >= fault.end) continue;
        if (fault.types != kAllTypes || fault.larger_than != 0) selective_.push_back(&fault);
        for (unsigned network = 0; network < scenario_.networks; ++network) {
            if ((fault.networks >> network & 1) != 0) apply(fault, network);
        }
    }
    if (!scenario_.dead || now < scenario_.dead_from) return;
    for (NodeIndex from = 0; from < count_; ++from) {
        for (NodeIndex to = 0; to < count_; ++to)
            link(*scenario_.dead, from, to).loss = 1;
    }
}

void Links::apply(const LinkFault& fault, unsigned network) {
    const bool selective = fault.types != kAllTypes || fault.larger_than != 0;
    for (NodeIndex from = 0; from < count_; ++from) {
        for (NodeIndex to = 0; to < count_; ++to) {
            // A node always hears itself.
            if (from == to || !contains(fault.from, from) || !contains(fault.to, to)) continue;
            Link& link = this->link(network, from, to);
            link.selective |= selective;
            if (!selective) link.loss = std::max(link.loss, fault.loss);
            link.duplicate = std::max(link.duplicate, fault.duplicate);
            link.delay = std::max(link.delay, fault.delay);
        }
    }
}

bool Links::selectively_lost(unsigned network, NodeIndex from, NodeIndex to, const Shape& shape) {
    for (const LinkFault* fault : selective_) {
        const bool hit = (fault->networks >> network & 1) != 0 && contains(fault->from, from) &&
                         contains(fault->to, to) && (fault->types & type_bit(shape.type)) != 0 &&
                         shape.size > fault->larger_than;
        if (hit && rng_.chance(fault->loss)) return true;
    }
    return false;
}

Time Links::latency(const Link& link) {
    const Time extra = scenario_.jitter + link.delay;
    return scenario_.hop + (extra > 0 ? rng_.range(0, extra) : 0);
}

Links::Fate Links::send(unsigned network, NodeIndex from, NodeIndex to, const Shape& shape) {
    const Link& link = this->link(network, from, to);
    Fate fate;
    if (from == to) {
        fate.latency[fate.copies++] = scenario_.own_hop;
        return fate;
    }
    if (link.loss > 0 && rng_.chance(link.loss)) return fate;
    if (link.selective && selectively_lost(network, from, to, shape)) return fate;
    fate.latency[fate.copies++] = latency(link);
    if (link.duplicate > 0 && rng_.chance(link.duplicate))
        fate.latency[fate.copies++] = latency(link) + rng_.range(0, scenario_.hop * 4);
    return fate;
}

}  // namespace totem::sim
