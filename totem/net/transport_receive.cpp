// Reading datagrams and handing them over. Spec totem-wire.md section 12, checks 1 to 4.

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "totem/net/error_queue.hpp"
#include "totem/net/transport_impl.hpp"

namespace totem::net {
namespace {

// Batches per wake-up before timers and clients get their turn.
constexpr unsigned kBatchesPerWakeup = 4;
// Bound of the drain before a token: what a socket buffer of upstream's size can hold, and a flood
// can't keep us here for ever.
constexpr unsigned kBatchesPerDrain = 64;

// What becomes of a suite's verdict, in the order of crypto::Reject after `none`.
struct Refused {
    Refusal reason;
    std::uint64_t Counters::*counter;
};
constexpr std::array<Refused, 13> kRefusals{{
    {Refusal::too_short, &Counters::drop_too_short},
    {Refusal::unsupported_prefix, &Counters::drop_unsupported_prefix},
    {Refusal::different_hash, &Counters::drop_different_hash},
    {Refusal::bad_digest, &Counters::drop_bad_digest},
    {Refusal::bad_reserved, &Counters::drop_bad_reserved},
    {Refusal::undecipherable, &Counters::drop_undecipherable},
    {Refusal::other_suite, &Counters::drop_other_suite},
    {Refusal::other_ring, &Counters::drop_other_ring},
    {Refusal::own_packet, &Counters::drop_own_packet},
    {Refusal::unknown_sender, &Counters::drop_unknown_sender},
    {Refusal::unknown_key, &Counters::drop_unknown_key},
    {Refusal::old_session, &Counters::drop_old_session},
    {Refusal::replayed, &Counters::drop_replayed},
}};
static_assert(kRefusals.size() == static_cast<std::size_t>(crypto::Reject::replayed));

}  // namespace

void Transport::Impl::wait_group() {
    group_events.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this(), at = generation](const boost::system::error_code& failure) {
                                if (failure || self->generation != at) return;
                                self->on_group_readable();
                                if (self->generation == at) self->wait_group();
                            });
}

void Transport::Impl::wait_token() {
    token_events.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this(), at = generation](const boost::system::error_code& failure) {
                                if (failure || self->generation != at) return;
                                self->on_token_readable();
                                if (self->generation == at) self->wait_token();
                            });
}

void Transport::Impl::wait_errors() {
    auto& events = config.mode == Mode::unicast ? token_events : sender_events;
    events.async_wait(boost::asio::posix::stream_descriptor::wait_error,
                      [self = shared_from_this(), at = generation](const boost::system::error_code& failure) {
                          if (failure || self->generation != at) return;
                          self->on_errors();
                          if (self->generation == at) self->wait_errors();
                      });
}

void Transport::Impl::on_errors() {
    const std::uint64_t at = generation;
    for (NodeAddress& peer : read_refusals(sockets.token_sender(config.mode))) {
        ++counters.ports_closed;
        if (const NodeAddress* member = members.at(peer)) peer.nodeid = member->nodeid;
        if (generation == at) listener.port_closed(peer);
    }
}

void Transport::Impl::on_group_readable() {
    std::uint64_t at = epoch;
    for (unsigned i = 0; i < kBatchesPerWakeup && epoch == at && read_group(); ++i) {
    }
}

// One batch of the socket; true if there may be more.
bool Transport::Impl::read_bulk(int fd) {
    const std::size_t count = bulk.receive(fd, counters);
    hand_over(bulk, count);
    return bulk.full();
}

bool Transport::Impl::read_group() {
    return read_bulk(sockets.group.fd());
}

void Transport::Impl::read_pending() {
    const int fd = sockets.group ? sockets.group.fd() : sockets.token.fd();
    const std::uint64_t at = epoch;
    for (unsigned i = 0; i < kBatchesPerDrain && epoch == at && read_bulk(fd); ++i) {
    }
}

void Transport::Impl::on_token_readable() {
    std::uint64_t at = epoch;
    if (config.mode == Mode::unicast) {  // everything comes through this socket, in order
        for (unsigned i = 0; i < kBatchesPerWakeup && epoch == at && read_bulk(sockets.token.fd()); ++i) {
        }
        return;
    }
    // The multicasts that were sent before a token must be seen before it (totem-srp.md section 7 step 3).
    // The token is read first: whatever precedes it is then certainly in the other socket.
    std::size_t count = tokens.receive(sockets.token.fd(), counters);
    if (count == 0) return;
    for (unsigned i = 0; i < kBatchesPerDrain && epoch == at && read_group(); ++i) {
    }
    if (epoch == at) {
        hand_over(tokens, count);
    } else {
        counters.discarded += count;
    }
}

void Transport::Impl::hand_over(ReceiveBatch& batch, std::size_t count) {
    const std::uint64_t at = epoch;
    const std::size_t together = suite->at_once();
    for (std::size_t begin = 0; begin < count && epoch == at; begin += together)
        hand_over(batch, begin, std::min(count, begin + together), count);
    if (epoch != at) counters.discarded += behind;
    behind = 0;
}

// Those from `begin` to `end` of `count`, opened together.
void Transport::Impl::hand_over(ReceiveBatch& batch, std::size_t begin, std::size_t end, std::size_t count) {
    const std::uint64_t at = epoch;
    opening.clear();
    for (std::size_t i = begin; i < end; ++i) {
        if (const auto datagram = batch.at(i); !inadmissible(datagram)) opening.push_back({datagram.bytes});
    }
    suite->open_all(opening);
    auto next = opening.begin();
    for (std::size_t i = begin; i < end && epoch == at; ++i) {
        const auto datagram = batch.at(i);
        behind = count - i - 1;
        sender = address_of(datagram.from);
        // What was not opened can't be told from here on by looking again: a message may have changed the member list.
        const bool opened = next != opening.end() && next->datagram.data() == datagram.bytes.data();
        if (opened) {
            take(*next++);
        } else if (datagram.truncated) {
            refuse(Refusal::truncated, counters.drop_truncated, datagram.bytes);
        } else {
            refuse(Refusal::unlisted, counters.drop_unlisted, datagram.bytes);
        }
    }
}

// What is refused without opening it.
bool Transport::Impl::inadmissible(const ReceiveBatch::Datagram& datagram) const {
    return datagram.truncated ||
           (config.mode == Mode::unicast && config.block_unlisted_ips && !members.listed(address_of(datagram.from)));
}

void Transport::Impl::take(const crypto::Suite::Opening& opened) {
    if (opened.reject == crypto::Reject::none) return listener.datagram(opened.message);
    const auto& [reason, counter] = kRefusals.at(static_cast<std::size_t>(opened.reject) - 1);
    refuse(reason, counters.*counter, opened.datagram);
}

void Transport::Impl::refuse(Refusal reason, std::uint64_t& counter, Bytes datagram) {
    ++counter;
    listener.refused(reason, sender, datagram);
}

// Reads and forgets; true if there was anything.
bool Transport::Impl::drain(int fd) {
    std::uint64_t before = counters.discarded;
    std::uint8_t byte;
    for (unsigned i = 0; i < kBatchesPerDrain * bulk.capacity(); ++i) {
        if (::recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0) break;
        ++counters.discarded;
    }
    return counters.discarded != before;
}

void Transport::Impl::defer_to_self(const FrameRef& frame) {
    to_self.push_back(frame);
    if (to_self.size() > 1) return;
    boost::asio::post(io, [self = shared_from_this()] { self->deliver_to_self(); });
}

void Transport::Impl::deliver_to_self() {
    delivering.swap(to_self);
    for (const FrameRef& frame : delivering) {
        if (closed) break;
        ++counters.looped_back;
        if (local) sender = local->address;
        listener.datagram(frame.bytes());
    }
    delivering.clear();
}

}  // namespace totem::net
