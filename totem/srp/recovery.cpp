// The commit token's second rotation, and the exchange of messages of the old ring (totem-srp.md section 15).
#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

void Ring::Impl::enter_recovery(const wire::CommitToken& received) {
    RecoveryPhase recovering;
    for (const Identity& member : members) {
        const auto at = std::find(received.members.begin(), received.members.end(), member);
        if (at == received.members.end()) continue;
        const auto position = static_cast<std::size_t>(at - received.members.begin());
        if (planted(Bug::forget_self_in_transitional) && member == config.self) continue;
        if (received.entries[position].ring == window->ring || planted(Bug::transitional_by_ring_only)) {
            recovering.transitional.push_back(member);
        }
    }
    phase = std::move(recovering);
    forming->open(ring_id);
    token.handled_token_seq = kBeforeFirst;
    token.previous_seq = token.last_seq = 0;  // or the old ring's would be asked for in the new one
    token.latest_seq = 0;
    token.latest_sender = 0;
    token.awaited = false;
    token.unchanged = 0;
    token.aru_stalled = 0;
    token.aru_stalled_since = now;
    token.held = false;
    counters.continuous_gather = 0;
    ++counters.recovery_entered;
    observer.state_entered(State::recovery);
    for (std::size_t i = 0; i < received.members.size(); ++i) {
        observer.recovery_member(i, received.members[i], received.entries[i]);
    }

    wire::CommitToken commit = received;
    send_commit_token(commit);
    recovery()->second_rotation_token_seq = commit.token_seq;
    choose_messages_to_resend(received);
    restart_token_timers();
}

// 15.1 step 5. Everybody who comes along resends all it holds in the range; nobody can know who else does.
void Ring::Impl::choose_messages_to_resend(const wire::CommitToken& commit) {
    RecoveryPhase& recovering = *recovery();
    bool complete = true;
    Seq low = window->high_seq_received;
    for (std::size_t i = 0; i < commit.members.size(); ++i) {
        if (commit.entries[i].ring != window->ring || !contains(recovering.transitional, commit.members[i])) continue;
        complete = complete && commit.entries[i].received_flg != 0;
        low = earlier(low, commit.entries[i].aru);
    }
    if (complete || planted(Bug::skip_recovery)) return observer.recovery_originated(low, low, 0);
    const Seq high = window->high_seq_received;
    for (Seq seq = window->queue.head(); at_most(seq, high) && window->queue.in_range(seq); ++seq) {
        const StoredMessage* message = precedes(low, seq) ? window->queue.find(seq) : nullptr;
        if (message && message->frame.size() + layout.mcast <= FramePool::kLargeCapacity) {
            recovering.to_resend.push_back(message->frame);
        }
    }
    observer.recovery_originated(low, high, recovering.to_resend.size());
}

// 15.2
void Ring::Impl::maybe_send_initial_token(const wire::CommitToken& commit) {
    RecoveryPhase& recovering = *recovery();
    if (!represents(ring_id) || recovering.initial_token_sent) return;
    const bool alone = ring_members.size() == 1;
    const bool back_from_second_rotation = alone ? commit.token_seq >= recovering.second_rotation_token_seq
                                                 : commit.token_seq > recovering.second_rotation_token_seq;
    if (!back_from_second_rotation) return;
    recovering.initial_token_sent = true;
    recovering.we_set_retrans_flg = recovering.waiting() > 0;

    wire::Token first;
    first.header = header(wire::PacketType::token);
    first.ring = ring_id;
    first.aru = kBeforeFirst;
    first.aru_addr = config.self.nodeid;
    first.retrans_flg = recovering.we_set_retrans_flg ? 1 : 0;
    token.saved = outbox.encode(first);
    token.saved_is_commit = false;
    ++counters.orf_token_tx;
    observer.initial_token_sent();
    outbox.unicast(token.saved, next);
    restart_token_timers();
}

// An old-ring message, byte for byte, as the payload of one of the new ring (totem-wire.md section 4.1).
FrameRef Ring::Impl::encapsulate(const FrameRef& old_message, Seq seq) {
    wire::Mcast outer;
    outer.header = header(wire::PacketType::mcast, static_cast<std::uint8_t>(wire::Encapsulation::recovery));
    outer.system_from = config.self;
    outer.seq = seq;
    outer.this_seqno = token.message_counter++;
    outer.ring = ring_id;
    outer.payload = old_message.bytes();
    FrameRef frame = pool.allocate(layout.mcast + old_message.size());
    codec.encode(outer, frame.writable());
    return frame;
}

// 15.3: when the retrans flag has been down for three visits and everybody has everything for two rotations, the
// ring is ready.
bool Ring::Impl::recovery_complete(wire::Token& out) {
    RecoveryPhase& recovering = *recovery();
    if (recovering.waiting() > 0) {
        if (out.retrans_flg == 0) {
            out.retrans_flg = 1;
            recovering.we_set_retrans_flg = true;
        }
    } else if (out.retrans_flg == 1 && recovering.we_set_retrans_flg) {
        out.retrans_flg = 0;
        recovering.we_set_retrans_flg = false;
    }
    recovering.visits_without_flg = out.retrans_flg == 0 ? recovering.visits_without_flg + 1 : 0;
    if (recovering.visits_without_flg == 2) recovering.install_seq = out.seq;
    const bool everybody_has_all = recovering.visits_without_flg >= 3 && at_most(recovering.install_seq, out.aru);
    recovering.rotations_complete = everybody_has_all ? recovering.rotations_complete + 1 : 0;
    return recovering.rotations_complete == 2;
}

}  // namespace totem::srp
