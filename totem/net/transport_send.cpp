// Sealing messages and queueing them for the batch.

#include "totem/net/transport_impl.hpp"

namespace totem::net {

void Transport::Impl::multicast(const FrameRef& frame, srp::Effects::Fanout fanout) {
    if (!up) {
        ++counters.send_no_address;
        return;
    }
    const Bytes sealed = seal(frame.bytes(), "mcast");
    if (!sealed.empty()) outgoing.multicast(sockets.multicasts.fd(), sealed, targets(fanout));
}

void Transport::Impl::unicast(const FrameRef& frame, const Identity& target) {
    std::optional<Members::Target> found = members.find(target);
    if (found && found->self) return defer_to_self(frame);
    if (!found || !up) {
        ++counters.send_no_address;
        return;
    }
    const Bytes sealed = seal(frame.bytes(), "ucast");
    if (!sealed.empty()) outgoing.token(sockets.token_sender(config.mode), sealed, found->address);
}

// The datagram for `message` in the batch's memory; empty if it may not be sent.
Bytes Transport::Impl::seal(Bytes message, std::string_view what) {
    const std::size_t largest = message.size() + suite->overhead();
    MutableBytes space = outgoing.space(largest);
    if (space.empty()) {
        outgoing.send(counters);
        space = outgoing.space(largest);
    }
    std::size_t size = suite->seal(message, space);
    if (size > 0) return outgoing.commit(size);
    ++counters.send_too_big;
    listener.trouble(std::string(config.mode == Mode::unicast ? "UDPU" : "UDP") + " message for " + std::string(what) +
                     " is too big. Ignoring message");
    return {};
}

std::span<const SocketAddress> Transport::Impl::targets(srp::Effects::Fanout fanout) {
    if (config.mode != Mode::unicast) return {&group_target, 1};
    return widen(fanout) ? members.everybody() : members.active();
}

// Whether inactive members get this one, too (section 9.2): otherwise two partitions that are busy
// enough never to send a merge detect would not find each other. Counts from the last such sending,
// where upstream looks once per period.
bool Transport::Impl::widen(srp::Effects::Fanout fanout) {
    if (config.dialect == Dialect::v3) return true;
    Instant now = std::chrono::steady_clock::now();
    if (fanout == srp::Effects::Fanout::members && now - last_full_fanout < config.widen_after) return false;
    last_full_fanout = now;
    return true;
}

}  // namespace totem::net
