#include "totem/net/receive_batch.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace totem::net {
namespace {

constexpr std::size_t kLargestJoined = 65536, kUsualPieces = 64;

// What the kernel says of the datagrams in a buffer: the size of all but the last; 0 for one datagram.
std::size_t segment_size(msghdr& header) {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) continue;
        int size = 0;
        std::memcpy(&size, CMSG_DATA(control), sizeof size);
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    return 0;
}

}  // namespace

ReceiveBatch::ReceiveBatch(std::size_t count, std::size_t largest, bool joined)
    : largest_(largest),
      buffer_size_(joined ? std::max(largest, kLargestJoined) : largest),
      buffers_(new std::uint8_t[count * buffer_size_]),
      from_(count),
      parts_(count),
      headers_(count),
      controls_(joined ? count : 0) {
    pieces_.reserve(joined ? count * kUsualPieces : count);
    for (std::size_t i = 0; i < count; ++i) {
        parts_[i] = {buffers_.get() + i * buffer_size_, buffer_size_};
        headers_[i] = {};
        headers_[i].msg_hdr.msg_name = &from_[i];
        headers_[i].msg_hdr.msg_iov = &parts_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
    }
}

void ReceiveBatch::prepare() {
    for (std::size_t i = 0; i < headers_.size(); ++i) {
        msghdr& header = headers_[i].msg_hdr;
        header.msg_namelen = sizeof(sockaddr_storage);
        header.msg_flags = 0;
        if (controls_.empty()) continue;
        header.msg_control = controls_[i].bytes;
        header.msg_controllen = sizeof controls_[i].bytes;
    }
    pieces_.clear();
    full_ = false;
}

std::size_t ReceiveBatch::receive(int fd, Counters& counters) {
    prepare();
    int got;
    do {
        got = ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(headers_.size()), MSG_DONTWAIT, nullptr);
        ++counters.receive_calls;
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return 0;
    const auto filled = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < filled; ++i)
        cut(i, counters);
    full_ = filled == headers_.size();
    counters.datagrams_in += pieces_.size();
    return pieces_.size();
}

// The datagrams in a buffer.
void ReceiveBatch::cut(std::size_t buffer, Counters& counters) {
    mmsghdr& header = headers_[buffer];
    const std::size_t total = std::min<std::size_t>(header.msg_len, buffer_size_);
    const std::size_t segment = segment_size(header.msg_hdr);
    counters.bytes_in += header.msg_len;
    if (segment != 0 && segment < total) counters.joined_in += (total + segment - 1) / segment;
    std::size_t at = 0;
    do {
        const std::size_t size = segment == 0 ? total : std::min(segment, total - at);
        // Of joined datagrams only the last can have been cut short.
        const bool cut_short = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0 && at + size == total;
        pieces_.push_back({static_cast<std::uint32_t>(buffer), static_cast<std::uint32_t>(at),
                           static_cast<std::uint32_t>(std::min(size, largest_)), cut_short || size > largest_});
        at += size;
    } while (at < total);
}

ReceiveBatch::Datagram ReceiveBatch::at(std::size_t index) {
    const Piece& piece = pieces_[index];
    std::uint8_t* const begin = buffers_.get() + piece.buffer * buffer_size_ + piece.offset;
    return {{begin, piece.size}, piece.truncated, from_[piece.buffer]};
}

}  // namespace totem::net
