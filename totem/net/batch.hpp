#pragma once
// Many datagrams per system call: recvmmsg into buffers allocated once, sendmmsg out of one arena.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "totem/base/bytes.hpp"
#include "totem/net/counters.hpp"
#include "totem/net/socket.hpp"

namespace totem::net {

class ReceiveBatch {
public:
    struct Datagram {
        MutableBytes bytes;
        bool truncated;
        const sockaddr_storage& from;
    };

    // `count` buffers of `capacity` bytes.
    ReceiveBatch(std::size_t count, std::size_t capacity);

    // Reads what waits in `fd`, at most capacity() datagrams, and overwrites the last reading. Returns
    // how many; less than capacity() means that the socket was empty.
    std::size_t receive(int fd, Counters& counters);
    std::size_t capacity() const { return headers_.size(); }
    // `index` below the last receive()'s result. Valid until the next one.
    Datagram at(std::size_t index);

private:
    std::size_t buffer_size_;
    std::unique_ptr<std::uint8_t[]> buffers_;
    std::vector<sockaddr_storage> from_;
    std::vector<iovec> parts_;
    std::vector<mmsghdr> headers_;
};

class SendBatch {
public:
    enum class Kind : std::uint8_t { multicast, token };

    // No datagram may be longer than `largest`.
    explicit SendBatch(std::size_t largest);

    // Where the next datagram is to be written, `largest` bytes; empty if the batch must be sent first.
    MutableBytes space();
    // Takes the first `size` bytes of space() as a datagram and returns it.
    Bytes commit(std::size_t size);
    // Queues `datagram` (from commit()) for one target; several targets may share it. False if the batch
    // must be sent first.
    bool add(int fd, Kind kind, Bytes datagram, const SocketAddress& to);

    bool empty() const { return entries_.empty(); }
    // Sends everything in order of add(), one call per run of entries with the same socket, and empties
    // the batch. A token is still tried when the multicasts before it found no buffer space.
    void send(Counters& counters);
    // The same, but datagrams from commit() stay good.
    void send_and_keep(Counters& counters);

private:
    struct Entry {
        int fd;
        Kind kind;
        iovec data;
        SocketAddress to;
    };
    void send_run(std::size_t begin, std::size_t end, Counters& counters);
    std::size_t after_failure(std::size_t at, std::size_t end, int error, Counters& counters) const;

    std::size_t largest_;
    std::size_t arena_size_;
    std::size_t used_ = 0;
    std::unique_ptr<std::uint8_t[]> arena_;
    std::vector<Entry> entries_;
    std::vector<mmsghdr> headers_;
};

}  // namespace totem::net
