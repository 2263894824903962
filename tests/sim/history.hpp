#pragma once
// Takes the reports of all nodes, gives rings their keys, keeps the facts and tells the oracles.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tests/sim/facts.hpp"
#include "tests/sim/oracle.hpp"

namespace totem::sim {

class History {
public:
    explicit History(const TokenLimits& limits);
    // For tests of one oracle.
    History(std::unique_ptr<Oracle> (*make)(const Facts&, Verdict&));

    // A node comes to life.
    Who start(NodeId node, bool lost_file);
    void stop(Who who);

    void configuration(Who who, srp::Configuration::Kind kind, const RingId& ring, std::span<const NodeId> members,
                       std::span<const NodeId> left, std::span<const NodeId> joined);
    void delivery(Who who, const RingId& ring, std::uint32_t seq, NodeId originator, std::uint64_t hash);
    void assignment(Who who, const RingId& ring, std::uint32_t seq, std::uint64_t hash);
    // `recovering`: in RECOVERY, where messages of the ring being formed carry those of old rings.
    void stored(Who who, const RingId& ring, std::uint32_t seq, bool recovering);
    void freed(Who who, const RingId& ring, std::uint32_t up_to);
    void token_visit(Who who, const wire::Token& received, const wire::Token& sent, std::uint32_t multicasts,
                     bool recovering, bool kept = false);
    void token_sent(Who who, const RingId& ring, std::uint32_t token_seq, std::uint64_t hash);
    void commit_filled(Who who, const RingId& ring);

    const Verdict& verdict() const { return verdict_; }
    Verdict& verdict() { return verdict_; }
    const Facts& facts() const { return facts_; }
    RingKey key(Who who, const RingId& ring);

    // A ring id came to life a second time while somebody still used the first ring: the node that
    // made it had lost its file. The rules presuppose working persistence (I3), so the run says
    // nothing from here on.
    bool void_run() const { return void_; }

private:
    using Name = std::pair<NodeId, std::uint64_t>;
    struct LifeFacts {
        NodeId node = 0;
        std::uint32_t epoch = 0;  // how often the node lost its file before
        bool running = false;
        RingKey current = kNoRing, operational = kNoRing;
        std::map<Name, RingKey> rings;
    };
    struct Generation {
        RingKey key;
        std::uint32_t epoch;
    };

    LifeFacts& life(Who who) { return lives_[who.life]; }
    void new_generation(const RingId& ring, Generation& generation, std::uint32_t epoch, Life maker);

    Verdict verdict_;
    Facts facts_;
    std::vector<std::unique_ptr<Oracle>> oracles_;
    std::vector<LifeFacts> lives_ = std::vector<LifeFacts>(1);
    std::map<NodeId, std::uint32_t> epochs_;
    std::map<Name, Generation> generations_;
    bool void_ = false;
};

}  // namespace totem::sim
