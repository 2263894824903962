// Mode active: each packet leaves through all networks; a token is passed up when it came through all that are not
// faulty, or when waiting took too long. Spec totem-rrp.md section 7.

#include <algorithm>
#include <array>

#include "totem/base/planted.hpp"
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
        Order order = compare(token);
        if (order == Order::older) {
            if (!lives(token)) return pass_up(packet);  // a copy that took long; the ring drops it
            order = Order::newer;
        }
        const bool passed = order == Order::same && !stored_;
        if (order == Order::newer) start(token);
        got_[network] = brought_[network] = true;
        // What was passed up once is not held again: a copy sent later is sent because the first was of no use.
        if (passed || came_through_all()) {
            forget_stored();
            return pass_up(packet);
        }
        if (stored_) return;
        stored_ = keep(packet);
        stored_from_ = network;
        if (planted(Bug::wait_for_dead_network)) return;
        expires_at_ = now + ms(config().parameters.token_expired_timeout);
    }

    void on_timeout(Instant now) override {
        if (decrement_at_ <= now) decrement(now);
        if (expires_at_ <= now) expire(now);
    }
    Instant next_timeout() const override { return std::min(expires_at_, decrement_at_); }

    void reenabled(unsigned network) override { problems_[network] = 0; }

private:
    enum class Order : std::uint8_t { older, same, newer };

    // Numbers start anew with each ring, and rings are numbered.
    Order compare(const wire::Token& token) const {
        if (!any_token_) return Order::newer;
        if (token.ring != ring_) return token.ring.seq > ring_.seq ? Order::newer : Order::older;
        if (token.token_seq == token_seq_) return Order::same;
        return srp::precedes(token_seq_, token.token_seq) ? Order::newer : Order::older;
    }
    // What looks like an older ring is ours if its token moves on: the one we know may be a stranger's of which a token
    // went astray.
    bool lives(const wire::Token& token) {
        if (token.ring == ring_) return false;
        const bool moves = token.ring == stray_ring_ && srp::precedes(stray_seq_, token.token_seq);
        stray_ring_ = token.ring;
        stray_seq_ = token.token_seq;
        return moves;
    }
    void start(const wire::Token& token) {
        any_token_ = true;
        ring_ = token.ring;
        token_seq_ = token.token_seq;
        got_ = {};
        forget_stored();
    }
    bool came_through_all() const {
        for (unsigned i = 0; i < count(); ++i) {
            if (!faulty(i) && !got_[i]) return false;
        }
        return true;
    }
    void forget_stored() {
        stored_.reset();
        expires_at_ = kNever;
    }

    // Section 7.4. Some networks did not bring the token in time, or we did not look.
    void expire(Instant now) {
        expires_at_ = kNever;
        drain_others(stored_from_);
        if (!stored_ || expires_at_ != kNever) return;
        const std::uint32_t threshold = config().parameters.problem_count_threshold;
        for (unsigned i = 0; i < count(); ++i) {
            if (got_[i] || faulty(i)) continue;
            ++problems_[i];
            brought_[i] = false;
            if (decrement_at_ == kNever) decrement_at_ = now + ms(config().parameters.problem_count_timeout);
            tell(i, status(Status::Kind::incrementing, i));
            if (problems_[i] >= threshold) mark_faulty(now, i, status(Status::Kind::marked_active, i));
        }
        const FrameRef late = stored_;
        forget_stored();
        pass_up(late.bytes());
    }

    // Section 7.5: problems that lie back are forgiven, one at a time. Unlike upstream's, those of a network that
    // brought no token since are not: where a rotation that waits at each hop takes longer than a token may, there is
    // one problem for each attempt to form a ring, and forgiven that fast a dead network would never be marked (7.8).
    void decrement(Instant now) {
        decrement_at_ = kNever;
        for (unsigned i = 0; i < count(); ++i) {
            if (faulty(i) || problems_[i] == 0) continue;
            decrement_at_ = now + ms(config().parameters.problem_count_timeout);
            if (!brought_[i]) continue;
            --problems_[i];
            tell(i, problems_[i] == 0 ? Status{} : status(Status::Kind::decrementing, i));
        }
    }

    Status status(Status::Kind kind, unsigned network) const {
        return {.kind = kind,
                .token_seq = token_seq_,
                .count = problems_[network],
                .threshold = config().parameters.problem_count_threshold};
    }

    std::array<bool, kMaxNetworks> got_{};      // a copy of the latest token
    std::array<bool, kMaxNetworks> brought_{};  // any token since its last problem
    std::array<std::uint32_t, kMaxNetworks> problems_{};
    bool any_token_ = false;
    RingId ring_, stray_ring_;  // of the latest token, and of the latest that looked older
    std::uint32_t token_seq_ = 0, stray_seq_ = 0;
    FrameRef stored_;  // a token that did not come through all networks yet
    unsigned stored_from_ = 0;
    Instant expires_at_ = kNever, decrement_at_ = kNever;
};

}  // namespace

std::unique_ptr<Algorithm> make_active(Redundancy& machine) {
    return std::make_unique<Active>(machine);
}

}  // namespace totem::rrp
