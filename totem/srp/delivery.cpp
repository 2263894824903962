// Messages and configurations to the layer above (totem-srp.md sections 12 and 16).
#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

// Agreed delivery: in order, as far as there is no gap. The layer above may submit meanwhile, which never delivers.
void Ring::Impl::deliver_in_order() {
    while (const StoredMessage* message = window->queue.find(window->high_delivered + 1)) {
        deliver(++window->high_delivered, *message);
    }
    if (planted(Bug::deliver_over_gaps)) deliver_remaining(members);
}

void Ring::Impl::deliver(Seq seq, const StoredMessage& stored) {
    const Message message{stored.originator, stored.order, seq, window->ring, stored.bytes().subspan(layout.mcast)};
    observer.delivered(message);
    pace.delivered(stored.originator == config.self.nodeid ? 0 : stored.originator);
    upper.deliver(message);
    if (planted(Bug::deliver_duplicates) && seq % 16 == 0) {
        observer.delivered(message);
        upper.deliver(message);
    }
}

void Ring::Impl::deliver_configuration(Configuration::Kind kind, NodeSpan list, NodeSpan left, NodeSpan joined) {
    RingId ring = ring_id;
    if (planted(Bug::deliver_uncommitted_ring)) ++ring.seq;
    const Configuration change{kind, ring, list, left, joined};
    observer.configuration_delivered(change);
    upper.configuration(change);
}

// Section 16; the steps are numbered there.
void Ring::Impl::enter_operational() {
    const NodeSet transitional = std::move(recovery()->transitional);
    unpack_recovered();
    deliver_in_order();

    const NodeSet left = difference(members, transitional);
    const NodeSet joined = planted(Bug::joined_names_everybody) ? ring_members : difference(ring_members, transitional);
    members = ring_members;
    if (!planted(Bug::skip_transitional)) {
        deliver_configuration(Configuration::Kind::transitional, transitional, left, {});
    }
    waiting_trans_ack = true;
    deliver_remaining(transitional);
    deliver_configuration(Configuration::Kind::regular, members, {}, joined);

    open_new_window();
    observer.membership_formed(ring_id, members, joined, left, difference(left, gathering.left_cleanly));
    const bool without_some = !gathering.failed.empty();
    gathering = Gathering{members, {}, {}, {}, {}, false};
    const std::uint32_t quiet = std::min(parameters.token_retransmit, OperationalPhase::kLongestQuiet);
    phase = OperationalPhase{members.size() == 1, without_some ? now + ms(quiet) : now};
    counters.continuous_gather = 0;
    ++counters.operational_entered;
    last_pause_check = now;
    rotation_began.reset();
    arm(Timer::pause, parameters.token / 5);
    observer.state_entered(State::operational);
}

// Step 2: old-ring messages that came as recovery messages, ours and others'.
void Ring::Impl::unpack_recovered() {
    for (Seq seq = 1; at_most(seq, forming->aru); ++seq) {
        const StoredMessage* outer = forming->queue.find(seq);
        if (!outer) continue;
        wire::Mcast inner;
        // The inner message has its own byte order, that of its originator.
        if (codec.decode(outer->bytes().subspan(layout.mcast), inner) != wire::Drop::none ||
            inner.header.encapsulated == static_cast<std::uint8_t>(wire::Encapsulation::recovery)) {
            implausible();
            continue;
        }
        if (inner.ring != window->ring) continue;  // of a ring that others come from
        StoredMessage message{outer->frame, outer->offset + static_cast<std::uint32_t>(layout.mcast),
                              inner.header.nodeid, inner.header.order};
        if (window->store(inner.seq, std::move(message))) observer.stored(window->ring, inner.seq);
    }
}

// Step 7: behind a gap only messages of those who came along count; the others' may be known to some and not to all.
void Ring::Impl::deliver_remaining(NodeSpan originators) {
    while (precedes(window->high_delivered, window->high_seq_received)) {
        const Seq seq = ++window->high_delivered;
        const StoredMessage* message = window->queue.find(seq);
        if (!message) continue;
        wire::Mcast fixed;
        if (codec.decode(message->bytes(), fixed) != wire::Drop::none) continue;
        if (planted(Bug::drop_own_after_transitional) && fixed.system_from == config.self) continue;
        if (contains(originators, fixed.system_from) || planted(Bug::deliver_departed_originators)) {
            deliver(seq, *message);
        }
    }
}

// Step 9: the new ring's window becomes the current one. Its recovery messages have done their work and every member
// has them.
void Ring::Impl::open_new_window() {
    std::swap(window, forming);
    forming->open(ring_id);
    window->advance_aru();
    window->high_delivered = window->high_seq_received;
    if (window->high_delivered != 0) {
        window->release_through(window->high_delivered);
        observer.freed(ring_id, window->high_delivered);
    }
    token.last_aru = 0;
}

}  // namespace totem::srp
