// From a datagram to the handler of its type and state (totem-srp.md section 6).
#include "totem/srp/machine.hpp"

namespace totem::srp {

using wire::Drop;
using wire::PacketType;

template <typename Packet>
bool Ring::Impl::decoded(Bytes packet, Packet& out) {
    const Drop drop = codec.decode(packet, out);
    if (drop == Drop::none) return true;
    ++counters.rx_malformed;
    observer.datagram_dropped(drop, packet);
    return false;
}

void Ring::Impl::on_datagram(Bytes packet) {
    wire::Header head;
    if (const Drop drop = codec.decode(packet, head); drop != Drop::none) {
        ++counters.rx_malformed;
        if (drop == Drop::wrong_type) ++counters.rx_msg_dropped;
        observer.datagram_dropped(drop, packet);
        return;
    }
    switch (head.type) {
        case PacketType::token: {
            ++counters.orf_token_rx;
            wire::Token packet_out;
            if (decoded(packet, packet_out)) on_token(packet_out);
            return;
        }
        case PacketType::mcast:
            ++counters.mcast_rx;
            on_mcast(packet);
            return;
        case PacketType::merge_detect: {
            ++counters.memb_merge_detect_rx;
            wire::MergeDetect merge;
            if (decoded(packet, merge)) on_merge_detect(merge);
            return;
        }
        case PacketType::join: {
            ++counters.memb_join_rx;
            wire::Join join;
            if (decoded(packet, join)) on_join(join);
            return;
        }
        case PacketType::commit_token: {
            ++counters.memb_commit_token_rx;
            wire::CommitToken commit;
            if (decoded(packet, commit)) on_commit_token(commit);
            return;
        }
        case PacketType::hold_cancel: {
            ++counters.token_hold_cancel_rx;
            wire::HoldCancel cancel;
            if (decoded(packet, cancel)) on_hold_cancel(cancel);
            return;
        }
        case PacketType::ring_test_active:
        case PacketType::ring_test_activate:
            break;  // the redundant ring layer's, not ours
    }
    ++counters.rx_msg_dropped;
}

void Ring::Impl::on_mcast(Bytes packet) {
    wire::Mcast message;
    if (!decoded(packet, message)) return;
    if (packet.size() > FramePool::kLargeCapacity) return implausible();
    const State current = state();
    if (message.ring != ring_id) {
        if (current == State::commit || current == State::recovery) ++counters.rx_msg_dropped;
        return on_foreign(message.system_from, message.ring,
                          current == State::operational ? GatherReason::foreign_message_operational
                                                        : GatherReason::foreign_message_gather);
    }
    // In COMMIT nothing of the new ring can be in sequence. In GATHER after an aborted attempt ring_id is that
    // attempt's, of which nothing is kept.
    if (current == State::commit || (current == State::gather && window->ring != ring_id)) return;
    // Recovery messages belong to RECOVERY. An ordinary one that overtakes our last recovery token is asked for again
    // (section 27 quirk 6).
    const bool recovery_message =
        message.header.encapsulated == static_cast<std::uint8_t>(wire::Encapsulation::recovery);
    if (recovery_message != (current == State::recovery)) return;

    Window& target = current_window();
    if (!target.queue.in_range(message.seq) || target.queue.contains(message.seq)) return;
    target.store(message.seq, StoredMessage{pool.copy(packet), 0, message.header.nodeid, message.header.order});
    observer.stored(ring_id, message.seq);
    note_sender(message.seq, message.header.nodeid);
    if (precedes(token.trail_seq, message.seq)) {
        token.trail_seq = message.seq;
        token.trail.heard_after = true;
        token.trail.reached = message.header.nodeid;
        token.trail.reached_at = now;
        heard_after_token();
    }
    target.advance_aru();
    if (current == State::operational) deliver_in_order();
}

// A message or merge detect of another ring: evidence of nodes we are not connected with.
void Ring::Impl::on_foreign(const Identity& sender, const RingId& from, GatherReason reason) {
    const State current = state();
    hear(sender);
    if (current == State::commit || current == State::recovery) return;
    const bool known = contains(gathering.proc, sender);
    if (current == State::gather && known) return;
    // A member that is with us now has left the ring it sent this on; the packet is late (the same test as for joins).
    if (current == State::operational && from.seq < ring_id.seq && contains(members, sender)) return;
    if (!contains(members, sender) && shy()) return;
    if (!known && gathering.proc.size() >= kMaxNodes) return implausible();
    insert(gathering.proc, sender);
    observer.foreign_heard(sender, from);
    enter_gather(reason);
}

void Ring::Impl::on_merge_detect(const wire::MergeDetect& packet) {
    if (packet.ring == ring_id) return;
    on_foreign(packet.system_from, packet.ring,
               state() == State::operational ? GatherReason::merge_operational : GatherReason::merge_gather);
}

}  // namespace totem::srp
