// Mode passive: each packet leaves through one network, in turn; a network that falls behind the others in what it
// delivers is faulty. Spec totem-rrp.md section 6.

#include "totem/base/planted.hpp"
#include "totem/rrp/algorithm.hpp"
#include "totem/rrp/counts.hpp"

namespace totem::rrp {
namespace {

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
    void reenabled(unsigned) override {
        tokens_.reset();
        multicasts_.reset();
    }

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
        counts.add(network, faulty());
        const unsigned behind = counts.behind(threshold) & ~faulty();
        if (planted(Bug::never_mark_network)) return;
        for (unsigned i = 0; i < count(); ++i) {
            if ((behind >> i & 1u) != 0) mark_faulty(now, i, {.kind = Status::Kind::marked_passive});
        }
    }

    Counts tokens_{count()}, multicasts_{count()};
    unsigned token_network_ = 0, multicast_network_ = 0;
};

}  // namespace

std::unique_ptr<Algorithm> make_passive(Redundancy& machine) {
    return std::make_unique<Passive>(machine);
}

}  // namespace totem::rrp
