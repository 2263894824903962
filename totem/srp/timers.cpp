// Expiries (totem-srp.md section 5).
#include <algorithm>
#include <utility>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

void Ring::Impl::on_timeout() {
    // Our own copies first, but not those that handling them makes: a singleton ring would never return.
    for (std::size_t own = outbox.inbox_size(); own > 0 && !outbox.inbox_empty(); --own) {
        const FrameRef frame = outbox.take_own();
        on_datagram(frame.bytes());
        if (!running) return;
    }
    // An expiry may cancel or arm others, so look again each time; the bound is for timers of length 0.
    for (std::size_t i = 0; i < 2 * Timers::kCount && running; ++i) {
        const Timers::Next due = timers.next();
        if (due.deadline > now) return;
        timers.cancel(due.timer);
        expire(due.timer);
    }
}

void Ring::Impl::expire(Timer timer) {
    switch (timer) {
        case Timer::token_loss:
        case Timer::heartbeat:
            return token_loss();
        case Timer::token_retransmit:
            if (state() == State::gather) return;
            resend_saved();
            arm(Timer::token_retransmit, pace.token_retransmit(parameters));
            return resend_soon();
        case Timer::hold:
            return hold_expired();
        case Timer::merge_detect:
            return send_merge_detect();
        case Timer::join:
            if (state() != State::gather) return;
            request_join();
            return arm(Timer::join, parameters.join);
        case Timer::send_join:
            if (state() == State::gather) send_join();
            return;
        case Timer::suspicion:
            return suspicion_timeout();
        case Timer::consensus:
            if (state() == State::gather) consensus_timeout();
            return;
        case Timer::pause:
            last_pause_check = now;
            return arm(Timer::pause, parameters.token / 5);
        case Timer::token_warning:
            observer.token_warning(now - last_token);
            return arm_token_warning();
    }
}

// Section 6, "token loss" rows; also the heartbeat and a forced gather (section 20).
void Ring::Impl::token_loss() {
    const State lost_in = state();
    observer.token_lost(lost_in, now - last_token);
    switch (lost_in) {
        case State::operational:
            ++counters.operational_token_lost;
            return enter_gather(GatherReason::token_lost_operational);
        case State::gather:
            ++counters.gather_token_lost;
            consensus_timeout();
            return enter_gather(GatherReason::consensus_timeout_expired);
        case State::commit:
            ++counters.commit_token_lost;
            return enter_gather(GatherReason::token_lost_commit);
        case State::recovery:
            ++counters.recovery_token_lost;
            return enter_gather(GatherReason::token_lost_recovery);
    }
}

void Ring::Impl::restart_token_timers() {
    last_token = now;
    arm(Timer::token_loss, parameters.token);
    arm(Timer::token_retransmit, pace.token_retransmit(parameters));
    resend_soon();
    arm_token_warning();
}

void Ring::Impl::arm_token_warning() {
    timers.cancel(Timer::token_warning);
    if (parameters.token_warning == 0) return;
    timers.arm(Timer::token_warning, now + ms(parameters.token) * parameters.token_warning / 100);
}

void Ring::Impl::resend_saved() {
    if (!token.saved) return;
    timers.cancel(Timer::hold);  // it leaves: what comes now has to wait for the next one
    if (!token.saved_is_commit) {
        ++counters.orf_token_tx;
        token.trail.passed_on ? void(++token.trail.resent) : note_passed();
    }
    outbox.unicast(token.saved, next);
}

// The token of a busy ring comes back within a rotation, or messages show that it went on. Where neither happens it is
// lost, and everybody waits.
void Ring::Impl::resend_soon() {
    const bool busy = token.unchanged == 0 || token.sent > 0;
    token.resend_soon = state() == State::operational && pace.asks_at_once() && busy && !holding() &&
                        token.trail.passed_on && !token.trail.heard_after;
    if (!token.resend_soon) return;
    timers.arm(Timer::token_retransmit, now + pace.soon(parameters, token.rotation, token.trail.resent));
}

// Whoever has it next is responsible for it.
void Ring::Impl::heard_after_token() {
    if (!std::exchange(token.resend_soon, false)) return;
    arm(Timer::token_retransmit, pace.token_retransmit(parameters));
}

// One that was held up, by a lost token perhaps, does not count as such.
void Ring::Impl::note_rotation(Duration rotation) {
    constexpr Duration kAtFirst = std::chrono::milliseconds(1);
    token.rotation += (std::min(rotation, 2 * token.rotation + kAtFirst) - token.rotation) / 8;
}

void Ring::Impl::note_passed() {
    token.trail.passed_on = true;
    token.trail.passed = now;
    token.trail.to = next.nodeid;
}

// Section 18: only the representative, once per token that brought nothing new.
void Ring::Impl::send_merge_detect() {
    if (state() != State::operational || !represents(ring_id) || planted(Bug::lose_hold_cancel_and_merge)) return;
    ++counters.memb_merge_detect_tx;
    outbox.multicast(wire::MergeDetect{header(wire::PacketType::merge_detect), config.self, ring_id});
}

}  // namespace totem::srp
