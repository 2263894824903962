#include "tests/sim/history.hpp"

#include <algorithm>

namespace totem::sim {

History::History(const TokenLimits& limits) {
    oracles_.push_back(make_configuration_oracle(facts_, verdict_));
    oracles_.push_back(make_transition_oracle(facts_, verdict_));
    oracles_.push_back(make_order_oracle(facts_, verdict_));
    oracles_.push_back(make_recovery_oracle(facts_, verdict_));
    oracles_.push_back(make_self_delivery_oracle(facts_, verdict_));
    oracles_.push_back(make_release_oracle(facts_, verdict_));
    oracles_.push_back(make_token_oracle(facts_, verdict_, limits));
}

History::History(std::unique_ptr<Oracle> (*make)(const Facts&, Verdict&)) {
    oracles_.push_back(make(facts_, verdict_));
}

Who History::start(NodeId node, bool lost_file) {
    if (lost_file) ++epochs_[node];
    const Who who{static_cast<Life>(lives_.size()), node};
    lives_.push_back(LifeFacts{node, epochs_[node], true, kNoRing, kNoRing, {}});
    for (auto& oracle : oracles_)
        oracle->started(who, lost_file);
    return who;
}

void History::stop(Who who) {
    life(who).running = false;
}

void History::new_generation(const RingId& ring, Generation& generation, std::uint32_t epoch, Life maker) {
    for (Life other = 1; other < lives_.size(); ++other) {
        const LifeFacts& facts = lives_[other];
        if (other == maker || !facts.running) continue;
        if (facts.current == generation.key || facts.operational == generation.key) void_ = true;
    }
    generation = {facts_.add_ring(ring), epoch};
}

RingKey History::key(Who who, const RingId& ring) {
    LifeFacts& self = life(who);
    const Name name{ring.rep.nodeid, ring.seq};
    if (const RingFacts& current = facts_.ring(self.current);
        self.current != kNoRing && current.id.seq == ring.seq && current.id.rep.nodeid == ring.rep.nodeid)
        return self.current;
    if (auto known = self.rings.find(name); known != self.rings.end()) return known->second;
    auto [entry, fresh] = generations_.try_emplace(name);
    if (fresh) entry->second = {facts_.add_ring(ring), epochs_[ring.rep.nodeid]};
    return entry->second.key;
}

void History::commit_filled(Who who, const RingId& ring) {
    LifeFacts& self = life(who);
    const Name name{ring.rep.nodeid, ring.seq};
    auto [entry, fresh] = generations_.try_emplace(name);
    if (fresh)
        entry->second = {facts_.add_ring(ring), epochs_[ring.rep.nodeid]};
    else if (ring.rep.nodeid == who.node && entry->second.epoch != self.epoch)
        new_generation(ring, entry->second, self.epoch, who.life);
    self.current = self.rings[name] = entry->second.key;
    for (auto& oracle : oracles_)
        oracle->commit_filled(who, self.current);
}

void History::configuration(Who who, srp::Configuration::Kind kind, const RingId& ring, std::span<const NodeId> members,
                            std::span<const NodeId> left, std::span<const NodeId> joined) {
    const RingKey key = this->key(who, ring);
    const ConfigurationEvent event{who, kind, key, members, left, joined};
    if (event.regular()) {
        life(who).operational = key;
        if (auto& known = facts_.ring(key).members; known.empty()) known.assign(members.begin(), members.end());
    }
    for (auto& oracle : oracles_)
        oracle->configuration(event);
}

void History::delivery(Who who, const RingId& ring, std::uint32_t seq, NodeId originator, std::uint64_t hash) {
    const DeliveryEvent event{who, key(who, ring), seq, originator, hash};
    for (auto& oracle : oracles_)
        oracle->delivery(event);
}

void History::assignment(Who who, const RingId& ring, std::uint32_t seq, std::uint64_t hash) {
    const RingKey key = this->key(who, ring);
    auto& messages = facts_.ring(key).messages;
    if (seq >= messages.size()) messages.resize(std::size_t{seq} + 1);
    const bool repeated = messages[seq].originator != 0;
    if (!repeated) messages[seq] = {who.node, hash};
    const AssignmentEvent event{who, key, seq, hash, repeated};
    for (auto& oracle : oracles_)
        oracle->assignment(event);
}

void History::stored(Who who, const RingId& ring, std::uint32_t seq, bool recovering) {
    const RingKey key = this->key(who, ring);
    RingFacts& facts = facts_.ring(key);
    facts.receipts[who.node].add(seq);
    if (recovering && key == life(who).current) facts.recovered = std::max(facts.recovered, seq);
}

void History::freed(Who who, const RingId& ring, std::uint32_t up_to) {
    const RingKey key = this->key(who, ring);
    for (auto& oracle : oracles_)
        oracle->freed(who, key, up_to);
}

void History::token_visit(Who who, const wire::Token& received, const wire::Token& sent, std::uint32_t multicasts,
                          bool recovering, bool kept) {
    const TokenVisit visit{who, key(who, received.ring), received, sent, multicasts, recovering, kept};
    for (auto& oracle : oracles_)
        oracle->token_visit(visit);
}

void History::token_sent(Who who, const RingId& ring, std::uint32_t token_seq, std::uint64_t hash) {
    const RingKey key = this->key(who, ring);
    for (auto& oracle : oracles_)
        oracle->token_sent(who.node, key, token_seq, hash);
}

}  // namespace totem::sim
