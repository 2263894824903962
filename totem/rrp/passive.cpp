// Mode passive: each packet leaves through one network, in turn; a network that falls behind the others in what it
// delivers is faulty. Spec totem-rrp.md section 6.

#include <algorithm>
#include <array>
#include <limits>

#include "totem/rrp/algorithm.hpp"

namespace totem::rrp {
namespace {

using Counts = std::array<std::uint32_t, kMaxNetworks>;

// Long before a count could overflow.
constexpr std::uint32_t kRebaseAbove = std::numeric_limits<std::int32_t>::max() / 2;

class Passive final : public Algorithm {
public:
    using Algorithm::Algorithm;

    unsigned networks_for_token() override { return next(token_network_); }
    unsigned networks_for_multicast() override { return next(multicast_network_); }

    void token(Instant now, unsigned network, Bytes packet) override {
        pass_up(packet);
        monitor(now, tokens_, network, config().parameters.problem_count_threshold);
    }
    void other(Instant now, unsigned network, Bytes packet) override {
        pass_up(packet);
        monitor(now, multicasts_, network, config().parameters.problem_count_mcast_threshold);
    }
    // Of all networks, or the one that returns would at once be behind again.
    void reenabled(unsigned) override { tokens_ = multicasts_ = {}; }

private:
    unsigned next(unsigned& last) {
        for (unsigned tries = 0; tries < count(); ++tries) {
            last = (last + 1) % count();
            if (!faulty(last)) return 1u << last;
        }
        last = 0;
        return 1;
    }

    // Section 6.4. The best network is never marked by this, so one is left while anything comes in.
    void monitor(Instant now, Counts& counts, unsigned network, std::uint32_t threshold) {
        ++counts[network];
        if (*std::max_element(counts.begin(), counts.begin() + count()) > kRebaseAbove) rebase(counts);
        const std::uint32_t best = *std::max_element(counts.begin(), counts.begin() + count());
        for (unsigned i = 0; i < count(); ++i) {
            if (faulty(i) || best - counts[i] <= threshold) continue;
            mark_faulty(now, i, {.kind = Status::Kind::marked_passive});
        }
    }

    // The differences stay; a network that is faulty and delivers nothing must not keep the others from it.
    void rebase(Counts& counts) {
        const bool all_count = *std::min_element(counts.begin(), counts.begin() + count()) > 0;
        const auto takes_part = [&](unsigned i) { return all_count || !faulty(i); };
        std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
        for (unsigned i = 0; i < count(); ++i) {
            if (takes_part(i)) least = std::min(least, counts[i]);
        }
        for (unsigned i = 0; i < count(); ++i) {
            if (takes_part(i)) counts[i] -= least;
        }
    }

    Counts tokens_{}, multicasts_{};
    unsigned token_network_ = 0, multicast_network_ = 0;
};

}  // namespace

std::unique_ptr<Algorithm> make_passive(Redundancy& machine) {
    return std::make_unique<Passive>(machine);
}

}  // namespace totem::rrp
