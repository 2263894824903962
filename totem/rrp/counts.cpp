#include "totem/rrp/counts.hpp"

#include <algorithm>

namespace totem::rrp {

void Counts::add(unsigned network, unsigned faulty) {
    ++values_[network];
    if (best() > kRebaseAbove) rebase(faulty);
}

unsigned Counts::behind(std::uint32_t threshold) const {
    const std::uint32_t most = best();
    unsigned out = 0;
    for (unsigned i = 0; i < networks_; ++i)
        out |= most - values_[i] > threshold ? 1u << i : 0u;
    return out;
}

std::uint32_t Counts::best() const {
    return *std::max_element(values_.begin(), values_.begin() + networks_);
}

// The differences stay; a network that is faulty and delivers nothing must not keep the others from it.
void Counts::rebase(unsigned faulty) {
    const bool all_count = *std::min_element(values_.begin(), values_.begin() + networks_) > 0;
    const auto takes_part = [&](unsigned i) { return all_count || (faulty >> i & 1u) == 0; };
    std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
    for (unsigned i = 0; i < networks_; ++i) {
        if (takes_part(i)) least = std::min(least, values_[i]);
    }
    for (unsigned i = 0; i < networks_; ++i) {
        if (takes_part(i)) values_[i] -= least;
    }
}

}  // namespace totem::rrp
