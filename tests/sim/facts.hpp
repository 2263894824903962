#pragma once
// What happened on each ring, gathered from all nodes: who was a member, who assigned which sequence
// number to what, and who has received it. Oracles look things up here.

#include <cstdint>
#include <map>
#include <vector>

#include "tests/sim/types.hpp"

namespace totem::sim {

struct Assigned {
    NodeId originator = 0;  // 0: nobody assigned this number
    std::uint64_t hash = 0;
};

// The sequence numbers one node has received on one ring.
class Receipt {
public:
    void add(std::uint32_t seq);
    bool has(std::uint32_t seq) const {
        return seq / 64 < words_.size() && ((words_[seq / 64] >> (seq % 64)) & 1) != 0;
    }
    // All of 1..contiguous() are here.
    std::uint32_t contiguous() const { return contiguous_; }
    std::uint32_t highest() const { return highest_; }

private:
    std::vector<std::uint64_t> words_;
    std::uint32_t contiguous_ = 0, highest_ = 0;
};

struct RingFacts {
    RingId id;
    std::vector<NodeId> members;     // of the first regular configuration delivered for it
    std::vector<Assigned> messages;  // index is seq; ordinary messages only
    std::uint32_t recovered = 0;     // 1..recovered carry old rings' messages and are never delivered themselves
    std::map<NodeId, Receipt> receipts;

    const Assigned* message(std::uint32_t seq) const;
};

class Facts {
public:
    RingKey add_ring(const RingId& id);
    RingFacts& ring(RingKey key) { return rings_[key]; }
    const RingFacts& ring(RingKey key) const { return rings_[key]; }
    std::size_t ring_count() const { return rings_.size(); }
    std::string name(RingKey key) const;

private:
    std::vector<RingFacts> rings_ = std::vector<RingFacts>(1);  // 0 is kNoRing
};

}  // namespace totem::sim
