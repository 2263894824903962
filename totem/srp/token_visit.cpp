// A visit of the regular token (totem-srp.md sections 7 to 11).
#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

void Ring::Impl::on_token(const wire::Token& received) {
    // GATHER and COMMIT ignore tokens (steps 1 and 5); a foreign one says nothing about our ring.
    if (state() == State::gather || state() == State::commit) return;
    if (received.ring != ring_id) return;
    note_idleness(received.seq);
    // A retransmitted token was handled before. It must not release either: with it the same aru would be seen "twice".
    const bool duplicate = at_most(received.token_seq, token.handled_token_seq);
    if (duplicate && !planted(Bug::handle_retransmitted_token)) return;
    if (!plausible(received)) return implausible();
    visit(received);
}

bool Ring::Impl::plausible(const wire::Token& received) const {
    const Window& ours = current_window();
    if (received.rtr_count > kMaxRtrEntries) return false;
    // A fresh token counts everything assigned so far and is never a window ahead of us.
    if (precedes(received.seq, ours.high_seq_received)) return false;
    if (received.seq - ours.aru >= kWindow) return false;
    return at_most(received.aru, received.seq);
}

// Steps 2 and 4.
void Ring::Impl::note_idleness(Seq seq) {
    if (seq == token.last_seq) {
        ++token.unchanged;
    } else {
        timers.cancel(Timer::hold);
        token.unchanged = 0;
    }
    // Where our messages pass over the wire they tell other rings of us, too. A 2.x ring of one has to say it even
    // while it is busy: two such rings under load would never meet.
    if (seq != token.last_seq && messages_on_wire()) {
        timers.cancel(Timer::merge_detect);
    } else if (!timers.armed(Timer::merge_detect)) {
        arm(Timer::merge_detect, parameters.merge);
    }
    token.previous_seq = std::exchange(token.last_seq, seq);
    // Where it stays one rotation longer is waited for: the others have to know before the token stops.
    const std::uint32_t limit = pace.unchanged_limit(parameters);
    token.held = rests_here(seq) ? token.unchanged > limit : token.unchanged >= limit;
    if (planted(Bug::never_hold_token)) token.held = false;
}

void Ring::Impl::visit(const wire::Token& received) {
    if (received.rtr_count > 0) observer.retransmit_list({received.rtr.data(), received.rtr_count});
    if (auto* operational = std::get_if<OperationalPhase>(&phase)) {
        operational->settled = true;
        release(received.aru);
        if (rotation_began) counters.rotation.add(now - *rotation_began);
        if (rotation_began && token.unchanged == 0) note_rotation(now - *rotation_began);
        rotation_began = now;
    }

    token.visiting = true;
    upper.token_received();
    wire::Token out = received;
    const Seq last_aru = std::exchange(token.last_aru, received.aru);
    const Limits limits = pace.limits(parameters);
    std::uint32_t allowed = flow.limit(limits, out.fcc, out.backlog, static_cast<std::uint32_t>(backlog()));
    if (planted(Bug::ignore_flow_control)) allowed = flow.current_backlog();
    history.received(now, flow.current_backlog());

    const std::uint32_t resent = answer_requests(out, allowed);
    request_missing(out);
    if (parameters.cancel_token_hold_on_retransmit && (out.rtr_count > 0 || resent > 0)) token.held = false;
    const std::uint32_t sent = send_messages(out, guarded(allowed - resent, limits.window_size, out.seq));
    pace.observe(parameters, received.rtr_count, backlog() > 0);
    // What we just sent ends the idleness at once, and what could not be sent needs the token to come back.
    if (sent > 0 || (backlog() > 0 && rests_here(out.seq))) token.held = false;
    token.expected_here = token.sent > 0;  // they have seen a token that counted ours
    token.sent = resent + sent;
    token.sending_since = now;
    flow.account(token.sent, out.fcc, out.backlog);
    pace.sent(now, token.requests, alone(out));
    update_aru(out);
    token.visiting = false;
    if (failed_to_receive(out, last_aru)) {
        gathering.failed_to_receive = true;
        insert(gathering.failed, config.self);
        observer.failed_to_receive();
        outbox.flush();  // nothing of this ring may follow a join (25.1 rule 3)
        return enter_gather(GatherReason::failed_to_receive);
    }

    token.handled_token_seq = out.token_seq++;
    if (recovery() && recovery_complete(out)) enter_operational();
    if (may_stay_elsewhere(out, sent)) token.held = true;
    keep_or_pass(out, time_to_hold(out, sent));
    observer.token_handled(received, out);
    if (state() == State::operational) deliver_in_order();
    restart_token_timers();
    history.sent(now);
    upper.token_sent();
}

std::size_t Ring::Impl::backlog() const {
    return recovery() ? recovery()->waiting() : source_queue().size();
}

// Step 5: two consecutive tokens that show an aru prove that every member has it (section 10).
void Ring::Impl::release(Seq token_aru) {
    const Seq seen_twice = planted(Bug::free_after_one_aru) ? token_aru : earlier(token_aru, token.last_aru);
    const Seq safe = earlier(seen_twice, window->high_delivered);
    if (!precedes(window->last_released, safe)) return;
    window->release_through(safe);
    observer.freed(window->ring, safe);
}

// Section 8, part one: resend what is asked for and we have; returns how many.
std::uint32_t Ring::Impl::answer_requests(wire::Token& out, std::uint32_t allowed) {
    const Window& ours = current_window();
    std::uint32_t resent = 0, kept = 0;
    for (std::uint32_t i = 0; i < out.rtr_count; ++i) {
        const StoredMessage* message = nullptr;
        if (resent < allowed && out.rtr[i].ring == ring_id) message = ours.queue.find(out.rtr[i].seq);
        if (!message) {
            if (kept != i) out.rtr[kept] = out.rtr[i];
            ++kept;
            continue;
        }
        outbox.multicast_message(message->frame);
        ++counters.mcast_retx;
        ++counters.mcast_rx;
        ++resent;
    }
    out.rtr_count = kept;
    return resent;
}

// Section 8, part two.
void Ring::Impl::request_missing(wire::Token& out) {
    Window& ours = current_window();
    const auto requested = [&](Seq seq) {
        for (std::uint32_t i = 0; i < out.rtr_count; ++i) {
            if (out.rtr[i].seq == seq && out.rtr[i].ring == ring_id) return true;
        }
        return false;
    };
    // What the token has counted since our last visit may still be under way behind it (25.1 rule 4).
    const bool at_once = pace.asks_at_once();
    const Seq last = at_once || parameters.miss_count_const == 1 ? token.previous_seq : out.seq;
    const std::uint32_t enough = at_once ? 1 : parameters.miss_count_const;
    for (Seq seq = ours.aru + 1; at_most(seq, last) && out.rtr_count < kMaxRtrEntries; ++seq) {
        if (!ours.queue.in_range(seq)) return;
        if (ours.queue.contains(seq) || ours.queue.count_miss(seq) < enough) continue;
        if (!requested(seq)) out.rtr[out.rtr_count++] = wire::RtrItem{ring_id, seq};
    }
}

// Section 9.2: stay inside everybody's window.
std::uint32_t Ring::Impl::guarded(std::uint32_t allowed, std::uint32_t window_size, Seq seq) const {
    // A configured window as large as the sort queue must not leave a limit behind the start.
    const std::uint32_t reserve = std::min(allowed + window_size, kWindow / 2);
    return seq - current_window().last_released > kWindow - reserve ? 0 : allowed;
}

// 2.x keeps the messages of a ring of one to itself (totem-wire.md section 4).
bool Ring::Impl::messages_on_wire() const {
    return config.dialect == Dialect::v3 || ring_members.size() > 1;
}

// Section 7.1
std::uint32_t Ring::Impl::send_messages(wire::Token& out, std::uint32_t allowed) {
    Window& ours = current_window();
    const auto waiting = static_cast<std::uint32_t>(std::min<std::size_t>(allowed, backlog()));
    const std::uint32_t before_token = waiting - (recovery() ? 0 : pace.behind_token(waiting, ring_members.size()));
    std::uint32_t sent = 0;
    while (sent < allowed && backlog() > 0 && ours.queue.in_range(out.seq + 1)) {
        const bool again = planted(Bug::reassign_sequence) && sent > 0 && out.seq % 16 == 0;
        const Seq seq = again ? out.seq : ++out.seq;
        FrameRef frame = next_message(seq);
        if (messages_on_wire()) {
            sent < before_token ? outbox.multicast_message(frame) : outbox.multicast_behind_token(frame);
            ++counters.mcast_rx;
        }
        ours.store(seq, StoredMessage{std::move(frame), 0, config.self.nodeid, config.order});
        observer.stored(ring_id, seq);
        note_sender(seq, config.self.nodeid);
        ++sent;
    }
    ours.advance_aru();
    return sent;
}

// The first message of the source queue, complete with its sequence number.
FrameRef Ring::Impl::next_message(Seq seq) {
    if (RecoveryPhase* phase_now = recovery()) {
        return encapsulate(phase_now->to_resend[phase_now->resent++], seq);
    }
    SendQueue& source = source_queue();
    if (planted(Bug::lifo_send_queue)) {
        for (std::size_t i = 1; i < source.size(); ++i)
            source.push(source.pop());
    }
    FrameRef frame = source.pop();
    wire::Mcast fixed;
    fixed.header = header(wire::PacketType::mcast, static_cast<std::uint8_t>(wire::Encapsulation::ordinary));
    fixed.system_from = config.self;
    fixed.seq = seq;
    fixed.this_seqno = token.message_counter++;
    fixed.ring = ring_id;
    codec.encode_fixed(fixed, frame.writable());
    observer.assigned(ring_id, seq, frame.bytes().subspan(layout.mcast));
    return frame;
}

// Step 15: the aru follows the slowest node, and only who lowered it may raise it.
void Ring::Impl::update_aru(wire::Token& out) const {
    const Seq ours = current_window().aru;
    if (!precedes(ours, out.aru) && out.aru_addr != config.self.nodeid && out.aru_addr != 0) return;
    out.aru = ours;
    out.aru_addr = out.aru == out.seq ? 0 : config.self.nodeid;
    if (planted(Bug::aru_above_seq)) out.aru = out.seq + 1;
}

// Step 16. Besides the visits we want time to have passed (parameters.hpp).
bool Ring::Impl::failed_to_receive(const wire::Token& out, Seq last_aru) {
    if (out.aru != last_aru || out.aru_addr == 0) {
        token.aru_stalled = 0;
        token.aru_stalled_since = now;
        return false;
    }
    ++token.aru_stalled;
    return token.aru_stalled > parameters.fail_recv_const && out.aru_addr == config.self.nodeid &&
           now - token.aru_stalled_since >= ms(parameters.fail_recv_floor);
}

// Step 19.
void Ring::Impl::pass_on(wire::Token& out, bool forward) {
    out.header = header(wire::PacketType::token);
    token.saved = outbox.encode(out);
    token.saved_is_commit = false;
    token.trail = TokenTrail{.received = now};
    token.trail_seq = out.seq;
    if (forward) {
        note_passed();
        outbox.unicast(token.saved, next);
        ++counters.orf_token_tx;
    }
    outbox.flush();
    if (!heartbeat_period) return;
    if (forward) {
        arm(Timer::heartbeat, *heartbeat_period);
    } else {
        timers.cancel(Timer::heartbeat);
    }
}

}  // namespace totem::srp
