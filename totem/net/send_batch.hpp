#pragma once
// Many datagrams per system call on the way out: sendmmsg out of one arena, and where the kernel cuts large sends
// into datagrams itself (UDP_SEGMENT), up to 64 of them as one.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "totem/base/bytes.hpp"
#include "totem/net/counters.hpp"
#include "totem/net/socket.hpp"

namespace totem::net {

class SendBatch {
public:
    // No datagram may be longer than `largest`.
    explicit SendBatch(std::size_t largest);

    // Whether the sockets take UDP_SEGMENT. A path that does not take it after all, because its MTU is smaller than the
    // datagrams, ends it.
    void offload(bool possible) { offload_ = possible; }
    bool offloads() const { return offload_; }

    // Where the next datagram is to be written, at least `wanted` bytes and at most `largest`; empty if the batch must
    // be sent first.
    MutableBytes space(std::size_t wanted);
    // Takes the first `size` bytes of space() as a datagram and returns it; until send() they may be written.
    MutableBytes commit(std::size_t size);
    // Queues `datagram` (from commit()) for all `targets`, which must stay good until send().
    void multicast(int fd, Bytes datagram, std::span<const SocketAddress> targets);
    void token(int fd, Bytes datagram, const SocketAddress& to);
    // Takes back what has been queued with this datagram, which was not sealed after all.
    void withdraw(Bytes datagram);

    bool empty() const { return entries_.empty(); }
    // Sends everything, for each target in the order of queueing, with one call for all that leaves through the same
    // socket, and empties the batch. A token is still tried when the multicasts before it found no buffer space.
    void send(Counters& counters);

private:
    struct Entry {
        int fd;
        bool token;
        Bytes data;
        SocketAddress to;                        // of a token
        std::span<const SocketAddress> targets;  // of a multicast
    };
    // What one mmsghdr carries: a datagram, or several if `segment`, the size of all but the last, is not 0.
    struct Message {
        int fd;
        bool token;
        std::uint16_t segment;
        Bytes data;
        const SocketAddress* to;
        std::uint64_t datagrams() const { return segment == 0 ? 1 : (data.size() + segment - 1) / segment; }
    };

    void plan();
    void plan_block(std::size_t begin, std::size_t end, const SocketAddress& to);
    std::size_t together(std::size_t at, std::size_t end) const;
    std::size_t send_some(std::size_t at, Counters& counters);
    void fill_header(std::size_t index, const Message& message);
    std::size_t after_failure(std::size_t at, int error, Counters& counters);
    void stop_offloading(std::size_t at);

    std::size_t largest_;
    std::size_t arena_size_;
    std::size_t used_ = 0;
    bool offload_ = false;
    bool told_of_another_ = false;
    std::unique_ptr<std::uint8_t[]> arena_;
    std::vector<Entry> entries_;
    std::vector<Message> messages_;
    std::vector<mmsghdr> headers_;
    std::vector<iovec> parts_;
    struct alignas(cmsghdr) Control {
        std::uint8_t bytes[CMSG_SPACE(sizeof(std::uint16_t))];
    };
    std::vector<Control> controls_;
};

}  // namespace totem::net
