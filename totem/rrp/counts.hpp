#pragma once
// How much of one kind came through each network, to tell which is behind. Spec totem-rrp.md section 6.4.
// Sets of networks are bits.

#include <array>
#include <cstdint>
#include <limits>

#include "totem/rrp/parameters.hpp"

namespace totem::rrp {

class Counts {
public:
    using Values = std::array<std::uint32_t, kMaxNetworks>;
    // Long before a count could overflow all are made smaller.
    static constexpr std::uint32_t kRebaseAbove = std::numeric_limits<std::int32_t>::max() / 2;

    explicit Counts(unsigned networks, const Values& start = {}) : networks_(networks), values_(start) {}

    void add(unsigned network, unsigned faulty);
    // More than `threshold` behind the best, which is never among them.
    unsigned behind(std::uint32_t threshold) const;
    void reset() { values_ = {}; }
    const Values& values() const { return values_; }

private:
    std::uint32_t best() const;
    void rebase(unsigned faulty);

    unsigned networks_;
    Values values_;
};

}  // namespace totem::rrp
