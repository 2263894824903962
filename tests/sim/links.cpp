#include "tests/sim/links.hpp"

#include <algorithm>

namespace totem::sim {

Links::Links(const Scenario& scenario, Rng& rng)
    : scenario_(scenario), rng_(rng), count_(scenario.nodes.size()), links_(count_ * count_) {}

void Links::update(Time now) {
    links_.assign(links_.size(), Link{});
    selective_.clear();
    for (const LinkFault& fault : scenario_.faults) {
        if (now < fault.begin || now >= fault.end) continue;
        const bool selective = fault.types != kAllTypes || fault.larger_than != 0;
        if (selective) selective_.push_back(&fault);
        for (NodeIndex from = 0; from < count_; ++from) {
            for (NodeIndex to = 0; to < count_; ++to) {
                // A node always hears itself.
                if (from == to || !contains(fault.from, from) || !contains(fault.to, to)) continue;
                Link& link = this->link(from, to);
                link.selective |= selective;
                if (!selective) link.loss = std::max(link.loss, fault.loss);
                link.duplicate = std::max(link.duplicate, fault.duplicate);
                link.delay = std::max(link.delay, fault.delay);
            }
        }
    }
}

bool Links::selectively_lost(NodeIndex from, NodeIndex to, const Shape& shape) {
    for (const LinkFault* fault : selective_) {
        const bool hit = contains(fault->from, from) && contains(fault->to, to) &&
                         (fault->types & type_bit(shape.type)) != 0 && shape.size > fault->larger_than;
        if (hit && rng_.chance(fault->loss)) return true;
    }
    return false;
}

Time Links::latency(const Link& link) {
    const Time extra = scenario_.jitter + link.delay;
    return scenario_.hop + (extra > 0 ? rng_.range(0, extra) : 0);
}

Links::Fate Links::send(NodeIndex from, NodeIndex to, const Shape& shape) {
    const Link& link = this->link(from, to);
    Fate fate;
    if (from == to) {
        fate.latency[fate.copies++] = scenario_.own_hop;
        return fate;
    }
    if (link.loss > 0 && rng_.chance(link.loss)) return fate;
    if (link.selective && selectively_lost(from, to, shape)) return fate;
    fate.latency[fate.copies++] = latency(link);
    if (link.duplicate > 0 && rng_.chance(link.duplicate))
        fate.latency[fate.copies++] = latency(link) + rng_.range(0, scenario_.hop * 4);
    return fate;
}

}  // namespace totem::sim
