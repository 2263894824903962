// Mode active: each packet leaves through all networks; a token is passed up when it came through all that are not
// faulty, or when waiting took too long. Spec totem-rrp.md section 7.

#include <algorithm>
#include <array>

#include "totem/rrp/algorithm.hpp"
#include "totem/srp/parameters.hpp"
#include "totem/srp/seq.hpp"

namespace totem::rrp {
namespace {

using srp::ms;

class Active final : public Algorithm {
public:
    using Algorithm::Algorithm;

    unsigned networks_for_token() override { return usable(); }
    unsigned networks_for_multicast() override { return usable(); }
    void other(Instant, unsigned, Bytes packet) override { pass_up(packet); }

    void token(Instant now, unsigned network, Bytes packet) override {
        wire::Token token;
        if (codec().decode(packet, token) != wire::Drop::none) return pass_up(packet);
        const std::uint64_t ring = token.ring.seq;
        if (any_token_ && ring < ring_seq_) return pass_up(packet);  // of a ring that is no more
        if (!any_token_ || ring > ring_seq_ || srp::precedes(token_seq_, token.token_seq)) {
            got_ = {};
            stored_ = keep(packet);
            expires_at_ = now + ms(config().parameters.token_expired_timeout);
        }
        any_token_ = true;
        ring_seq_ = ring;
        token_seq_ = token.token_seq;
        got_[network] = true;
        for (unsigned i = 0; i < count(); ++i) {
            if (!faulty(i) && !got_[i]) return;
        }
        forget_stored();
        pass_up(packet);
    }

    void on_timeout(Instant now) override {
        if (decrement_at_ <= now) decrement(now);
        if (expires_at_ <= now) expire(now);
    }
    Instant next_timeout() const override { return std::min(expires_at_, decrement_at_); }

    void reenabled(unsigned network) override {
        got_[network] = false;
        problems_[network] = 0;
    }

private:
    void forget_stored() {
        stored_.reset();
        expires_at_ = kNever;
    }

    // Section 7.4. Some networks did not bring the token in time.
    void expire(Instant now) {
        const std::uint32_t threshold = config().parameters.problem_count_threshold;
        for (unsigned i = 0; i < count(); ++i) {
            if (got_[i] || faulty(i)) continue;
            ++problems_[i];
            if (decrement_at_ == kNever) decrement_at_ = now + ms(config().parameters.problem_count_timeout);
            tell(i, status(Status::Kind::incrementing, i));
            if (problems_[i] >= threshold) mark_faulty(now, i, status(Status::Kind::marked_active, i));
        }
        const FrameRef late = stored_;
        forget_stored();
        pass_up(late.bytes());
    }

    // Section 7.5: problems that lie back are forgiven, one at a time.
    void decrement(Instant now) {
        decrement_at_ = kNever;
        for (unsigned i = 0; i < count(); ++i) {
            if (faulty(i) || problems_[i] == 0) continue;
            --problems_[i];
            tell(i, problems_[i] == 0 ? Status{} : status(Status::Kind::decrementing, i));
            decrement_at_ = now + ms(config().parameters.problem_count_timeout);
        }
    }

    Status status(Status::Kind kind, unsigned network) const {
        return {.kind = kind,
                .token_seq = token_seq_,
                .count = problems_[network],
                .threshold = config().parameters.problem_count_threshold};
    }

    std::array<bool, kMaxNetworks> got_{};
    std::array<std::uint32_t, kMaxNetworks> problems_{};
    bool any_token_ = false;
    std::uint64_t ring_seq_ = 0;  // of the latest token, and its number
    std::uint32_t token_seq_ = 0;
    FrameRef stored_;
    Instant expires_at_ = kNever, decrement_at_ = kNever;
};

}  // namespace

std::unique_ptr<Algorithm> make_active(Redundancy& machine) {
    return std::make_unique<Active>(machine);
}

}  // namespace totem::rrp
