#include "tests/sim/sync_oracle.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace totem::sim {

void SyncOracle::configuration(const ConfigurationEvent& event) {
    State& self = lives_[event.who.life];
    if (!event.regular()) {
        self.transitional.assign(event.members.begin(), event.members.end());
        return;
    }
    self.ring = event.ring;
    self.members.assign(event.members.begin(), event.members.end());
    self.heard.clear();
}

void SyncOracle::probe_init(Who who, std::span<const NodeId> transitional, std::span<const NodeId> members) {
    const State& self = lives_[who.life];
    if (!std::ranges::equal(members, self.members) || !std::ranges::equal(transitional, self.transitional))
        verdict_.fail("sync init", {who.node},
                      fmt::format("node {}: told members {} and transitional {}, the configuration says {} and {}",
                                  who.node, members, transitional, self.members, self.transitional));
}

void SyncOracle::probe_heard(Who who, NodeId from, RingKey about) {
    State& self = lives_[who.life];
    if (about == self.ring) self.heard.push_back(from);
}

void SyncOracle::probe_activate(Who who, std::span<const NodeId> with_probe) {
    const State& self = lives_[who.life];
    for (NodeId member : self.members) {
        const bool expected = std::ranges::find(with_probe, member) != with_probe.end();
        if (expected && std::ranges::find(self.heard, member) == self.heard.end())
            verdict_.fail("sync complete", {who.node, member},
                          fmt::format("node {} activated on {} without the state of node {}", who.node,
                                      facts_.name(self.ring), member));
    }
}

void SyncOracle::completed(Who who, RingKey ring, std::uint32_t seq) {
    State& self = lives_[who.life];
    if (ring != self.ring)
        verdict_.fail("sync complete", {who.node},
                      fmt::format("node {} completed {} in configuration {}", who.node, facts_.name(ring),
                                  facts_.name(self.ring)));
    self.completed = ring;
    auto [known, fresh] = completions_.try_emplace(ring, Completion{who.node, seq});
    if (!fresh && known->second.seq != seq)
        verdict_.fail("sync agree", {who.node, known->second.node},
                      fmt::format("{}: node {} completed at {}, node {} at {}", facts_.name(ring), who.node, seq,
                                  known->second.node, known->second.seq));
}

RingKey SyncOracle::completed_ring(Who who) const {
    const auto self = lives_.find(who.life);
    return self == lives_.end() ? kNoRing : self->second.completed;
}

}  // namespace totem::sim
