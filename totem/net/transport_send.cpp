// Sealing messages and queueing them for the batch.

#include "totem/net/transport_impl.hpp"

namespace totem::net {

void Transport::Impl::multicast(const FrameRef& frame, srp::Effects::Fanout fanout) {
    if (!up) {
        ++counters.send_no_address;
        return;
    }
    Bytes sealed = seal(frame.bytes(), "mcast");
    if (sealed.empty()) return;
    if (config.mode == Mode::unicast) {
        send_to_members(sealed, fanout);
    } else {
        queue(sockets.multicasts.fd(), SendBatch::Kind::multicast, sealed, group_target);
    }
}

void Transport::Impl::unicast(const FrameRef& frame, const Identity& target) {
    std::optional<Members::Target> found = members.find(target);
    if (found && found->self) return defer_to_self(frame);
    if (!found || !up) {
        ++counters.send_no_address;
        return;
    }
    Bytes sealed = seal(frame.bytes(), "ucast");
    if (!sealed.empty()) queue(sockets.token_sender(config.mode), SendBatch::Kind::token, sealed, found->address);
}

// The datagram for `message` in the batch's memory; empty if it may not be sent.
Bytes Transport::Impl::seal(Bytes message, std::string_view what) {
    MutableBytes space = outgoing.space();
    if (space.empty()) {
        outgoing.send(counters);
        space = outgoing.space();
    }
    std::size_t size = suite->seal(message, space);
    if (size > 0) return outgoing.commit(size);
    ++counters.send_too_big;
    listener.trouble(std::string(config.mode == Mode::unicast ? "UDPU" : "UDP") + " message for " + std::string(what) +
                     " is too big. Ignoring message");
    return {};
}

void Transport::Impl::queue(int fd, SendBatch::Kind kind, Bytes sealed, const SocketAddress& to) {
    if (outgoing.add(fd, kind, sealed, to)) return;
    outgoing.send_and_keep(counters);
    outgoing.add(fd, kind, sealed, to);
}

void Transport::Impl::send_to_members(Bytes sealed, srp::Effects::Fanout fanout) {
    bool everybody = widen(fanout);
    for (const Members::Member& member : members.all()) {
        if (member.self || !(everybody || member.active)) continue;
        queue(sockets.multicasts.fd(), SendBatch::Kind::multicast, sealed, member.target);
    }
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
