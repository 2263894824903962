// Where the token stays, and what makes it go on (totem-srp.md section 11).
//
// corosync's representative holds the token of an idle ring. In a ring of ours who sent the last message holds it: all
// know who that is, and its next message need not wait for a rotation. To the others it makes no difference which node
// a token is late at.
#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

void Ring::Impl::note_sender(Seq seq, NodeId sender) {
    if (token.latest_sender != 0 && !precedes(token.latest_seq, seq)) return;
    token.latest_seq = seq;
    token.latest_sender = sender;
}

// The token of an idle ring. Where nothing was sent yet, or we lack the last message, it is the representative's.
bool Ring::Impl::rests_here(Seq seq) const {
    if (!pace.holds_at_sender() || token.latest_sender == 0 || token.latest_seq != seq) return represents(ring_id);
    return token.latest_sender == config.self.nodeid;
}

// How long the token stays here after a visit that sent `sent` messages; nothing: it goes on at once.
std::optional<Duration> Ring::Impl::time_to_hold(const wire::Token& out, std::uint32_t sent) const {
    if (token.held && rests_here(out.seq)) return ms(pace.hold(parameters));
    if (!may_stay(out, sent)) return std::nullopt;
    const Duration wait = token.requests > 1 ? StreamGathering::kLongest : pace.longest_wait(parameters);
    return std::min(token.sending_since + pace.longest_stay(parameters) - now, wait);
}

// Nobody else has sent anything in the last rotation, or waits to.
bool Ring::Impl::alone(const wire::Token& out) const {
    return out.fcc == token.sent && out.backlog == flow.current_backlog();
}

// With who sends alone and one message at a time, or a stream (pace.hpp), not before the others can know it:
// may_stay_elsewhere().
bool Ring::Impl::may_stay(const wire::Token& out, std::uint32_t sent) const {
    if (state() != State::operational || !token.expected_here || token.awaited || sent == 0) return false;
    if (token.requests > 1 && !pace.gathers()) return false;
    if (!alone(out) || out.rtr_count != 0 || backlog() > 0) return false;
    // The next one, as long as this, has to find room.
    return token.sent + sent <= pace.most_while_holding(parameters) &&
           now < token.sending_since + pace.longest_stay(parameters);
}

// As far as others can tell: whoever has something to send has to say so. Who was held back would not keep it.
bool Ring::Impl::may_stay_elsewhere(const wire::Token& out, std::uint32_t sent) const {
    return pace.holds_at_sender() && sent == 0 && out.fcc != 0 && out.backlog <= out.fcc && !rests_here(out.seq);
}

void Ring::Impl::keep_or_pass(wire::Token& out, std::optional<Duration> keep) {
    token.gathering = keep && token.requests > 1 && !token.held;
    token.requests = 0;
    if (keep) {
        timers.arm(Timer::hold, now + *keep);
    } else {
        timers.cancel(Timer::hold);
        token.awaited = false;
    }
    pass_on(out, !keep);
}

// Whoever has something to send on an idle ring says so, once until the next token. During our own visit that is
// needless, the message leaves with it. While we hold the token it leaves after what is being handled now, together
// with what else that brings.
void Ring::Impl::cancel_hold() {
    if (token.visiting || planted(Bug::lose_hold_cancel_and_merge)) return;
    if (holding() && pace.sends_while_holding()) {
        if (token.gathering && backlog() < StreamGathering::kEnough) return;
        return timers.arm(Timer::hold, now);
    }
    if (!token.held) return;
    token.held = false;
    ++counters.token_hold_cancel_tx;
    outbox.multicast(wire::HoldCancel{header(wire::PacketType::hold_cancel), ring_id});
}

// Where others may have what they said wait, the token has to be asked for. It moves after a visit that sent something.
bool Ring::Impl::sends_later() const {
    if (state() != State::operational) return false;
    if (holding()) return token.gathering && backlog() < StreamGathering::kEnough;
    return token.sent > 0;
}

// Who sent it does not matter, and to corosync's representative neither whether the token is held.
void Ring::Impl::on_hold_cancel(const wire::HoldCancel& packet) {
    if (packet.ring != ring_id) return;
    if (state() != State::operational && state() != State::recovery) return;
    token.unchanged = 0;
    token.awaited = token.awaited || packet.header.nodeid != config.self.nodeid;
    if (holding()) {
        timers.cancel(Timer::hold);
        hold_expired();
    } else if (represents(ring_id) && !pace.holds_at_sender()) {
        resend_saved();
    } else {
        return;
    }
    arm(Timer::token_retransmit, pace.token_retransmit(parameters));
}

void Ring::Impl::hold_expired() {
    if (state() != State::operational && state() != State::recovery) return;
    const bool wanted = token.requests > 0 || backlog() > 0;
    if (wanted && state() == State::operational && pace.sends_while_holding()) return send_while_holding();
    token.awaited = false;
    resend_saved();
    resend_soon();
}

// The visit goes on: the others only see that it took longer.
void Ring::Impl::send_while_holding() {
    wire::Token out;
    if (!token.saved || token.saved_is_commit || codec.decode(token.saved.bytes(), out) != wire::Drop::none) {
        return resend_saved();
    }
    const wire::Token before = out;
    token.visiting = true;
    upper.token_received();
    const Limits limits = pace.limits(parameters);
    const auto waiting = static_cast<std::uint32_t>(backlog());
    const std::uint32_t by_flow = flow.limit(limits, out.fcc, out.backlog, waiting);
    const std::uint32_t allowed = pace.allowed_while_holding(parameters, by_flow);
    if (token.sent == 0) token.sending_since = now;
    token.expected_here = true;  // or it would not be here
    const std::uint32_t room = allowed - std::min(allowed, token.sent);
    const std::uint32_t sent = send_messages(out, guarded(room, limits.window_size, out.seq));
    token.sent += sent;
    if (sent > 0) token.held = false;
    flow.account(token.sent, out.fcc, out.backlog);
    pace.sent(now, token.requests, alone(out));
    update_aru(out);
    token.visiting = false;
    keep_or_pass(out, sent > 0 ? time_to_hold(out, sent) : std::nullopt);
    observer.token_kept(before, out);
    deliver_in_order();
    restart_token_timers();
    upper.token_sent();
}

}  // namespace totem::srp
