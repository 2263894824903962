#include "tests/sim/facts.hpp"

#include <fmt/format.h>

namespace totem::sim {

void Receipt::add(std::uint32_t seq) {
    if (seq / 64 >= words_.size()) words_.resize(seq / 64 + 1);
    words_[seq / 64] |= std::uint64_t{1} << (seq % 64);
    if (seq > highest_) highest_ = seq;
    while (has(contiguous_ + 1))
        ++contiguous_;
}

const Assigned* RingFacts::message(std::uint32_t seq) const {
    return seq < messages.size() && messages[seq].originator != 0 ? &messages[seq] : nullptr;
}

RingKey Facts::add_ring(const RingId& id) {
    RingFacts facts;
    facts.id = id;
    rings_.push_back(std::move(facts));
    return static_cast<RingKey>(rings_.size() - 1);
}

std::string Facts::name(RingKey key) const {
    if (key == kNoRing) return "none";
    return fmt::format("{}.{:x}", rings_[key].id.rep.nodeid, rings_[key].id.seq);
}

}  // namespace totem::sim
