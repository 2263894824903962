#pragma once
// Many datagrams per system call on the way in: recvmmsg into buffers allocated once, and where the kernel joins
// datagrams of one sender (UDP_GRO), many in one buffer.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "totem/base/bytes.hpp"
#include "totem/net/counters.hpp"

namespace totem::net {

class ReceiveBatch {
public:
    struct Datagram {
        MutableBytes bytes;
        bool truncated;
        const sockaddr_storage& from;
    };

    // `count` buffers for datagrams of up to `largest` bytes; with `joined`, for what UDP_GRO makes of them.
    ReceiveBatch(std::size_t count, std::size_t largest, bool joined = false);

    // Reads what waits in `fd`, as much as the buffers take, and overwrites the last reading. Returns the number of
    // datagrams.
    std::size_t receive(int fd, Counters& counters);
    // The last reading filled all buffers: more may be waiting.
    bool full() const { return full_; }
    // How many buffers there are.
    std::size_t capacity() const { return headers_.size(); }
    // `index` below the last receive()'s result. Valid until the next one.
    Datagram at(std::size_t index);

private:
    struct Piece {
        std::uint32_t buffer, offset, size;
        bool truncated;
    };
    void prepare();
    void cut(std::size_t buffer, Counters& counters);

    std::size_t largest_, buffer_size_;
    bool full_ = false;
    std::unique_ptr<std::uint8_t[]> buffers_;
    std::vector<sockaddr_storage> from_;
    std::vector<iovec> parts_;
    std::vector<mmsghdr> headers_;
    struct alignas(cmsghdr) Control {
        std::uint8_t bytes[CMSG_SPACE(sizeof(int))];
    };
    std::vector<Control> controls_;  // none without `joined`
    std::vector<Piece> pieces_;
};

}  // namespace totem::net
