// Sealing messages and queueing them for the batch.

#include "totem/net/transport_impl.hpp"

namespace totem::net {
namespace {

constexpr std::string_view kMulticast = "mcast", kUnicast = "ucast";

}  // namespace

void Transport::Impl::multicast(const FrameRef& frame, srp::Effects::Fanout fanout) {
    if (!up) {
        ++counters.send_no_address;
        return;
    }
    const MutableBytes datagram = reserve(frame.size(), kMulticast);
    if (datagram.empty()) return;
    outgoing.multicast(sockets.multicasts.fd(), datagram, targets(fanout));
    seal(frame, datagram, kMulticast);
}

void Transport::Impl::unicast(const FrameRef& frame, const Identity& target) {
    std::optional<Members::Target> found = members.find(target);
    if (found && found->self) return defer_to_self(frame);
    if (!found || !up) {
        ++counters.send_no_address;
        return;
    }
    const MutableBytes datagram = reserve(frame.size(), kUnicast);
    if (datagram.empty()) return;
    outgoing.token(sockets.token_sender(config.mode), datagram, found->address);
    seal(frame, datagram, kUnicast);
}

// Where the datagram for a message of `size` bytes goes in the batch's memory; empty if it is too big.
MutableBytes Transport::Impl::reserve(std::size_t size, std::string_view what) {
    const std::size_t wanted = suite->sealed_size(size);
    MutableBytes space = outgoing.space(wanted);
    if (space.empty()) {
        flush();
        space = outgoing.space(wanted);
    }
    if (space.size() >= wanted) return outgoing.commit(wanted);
    unsendable(what);
    return {};
}

// Seals as many together as the suite likes.
void Transport::Impl::seal(const FrameRef& frame, MutableBytes datagram, std::string_view what) {
    sealing.push_back({frame.bytes(), datagram});
    to_seal.push_back({frame, what});
    if (sealing.size() >= suite->at_once()) seal_waiting();
}

void Transport::Impl::seal_waiting() {
    suite->seal_all(sealing);
    for (std::size_t i = 0; i < sealing.size(); ++i) {
        if (sealing[i].size != 0) continue;
        outgoing.withdraw(sealing[i].out);
        unsendable(to_seal[i].what);
    }
    sealing.clear();
    to_seal.clear();
}

void Transport::Impl::unsendable(std::string_view what) {
    ++counters.send_too_big;
    listener.trouble(std::string(config.mode == Mode::unicast ? "UDPU" : "UDP") + " message for " + std::string(what) +
                     " is too big. Ignoring message");
}

void Transport::Impl::flush() {
    if (outgoing.empty()) return;
    seal_waiting();
    outgoing.send(counters);
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
