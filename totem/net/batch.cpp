#include "totem/net/batch.hpp"

#include <algorithm>
#include <cerrno>

namespace totem::net {
namespace {

constexpr std::size_t kMaxEntries = 1024;  // what one sendmmsg takes (UIO_MAXIOV)
// Some token visits' worth of messages; a batch that outgrows it just takes another call.
constexpr std::size_t kArena = 256 * 1024;

}  // namespace

ReceiveBatch::ReceiveBatch(std::size_t count, std::size_t capacity)
    : buffer_size_(capacity),
      buffers_(new std::uint8_t[count * capacity]),
      from_(count),
      parts_(count),
      headers_(count) {
    for (std::size_t i = 0; i < count; ++i) {
        parts_[i] = {buffers_.get() + i * capacity, capacity};
        headers_[i] = {};
        headers_[i].msg_hdr.msg_name = &from_[i];
        headers_[i].msg_hdr.msg_iov = &parts_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
    }
}

std::size_t ReceiveBatch::receive(int fd, Counters& counters) {
    for (mmsghdr& header : headers_) {
        header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        header.msg_hdr.msg_flags = 0;
    }
    int got;
    do {
        got = ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(headers_.size()), MSG_DONTWAIT, nullptr);
        ++counters.receive_calls;
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return 0;
    counters.datagrams_in += static_cast<std::uint64_t>(got);
    for (int i = 0; i < got; ++i)
        counters.bytes_in += headers_[static_cast<std::size_t>(i)].msg_len;
    return static_cast<std::size_t>(got);
}

ReceiveBatch::Datagram ReceiveBatch::at(std::size_t index) {
    const mmsghdr& header = headers_[index];
    std::size_t size = std::min<std::size_t>(header.msg_len, buffer_size_);
    return {{buffers_.get() + index * buffer_size_, size}, (header.msg_hdr.msg_flags & MSG_TRUNC) != 0, from_[index]};
}

SendBatch::SendBatch(std::size_t largest)
    : largest_(largest), arena_size_(std::max(kArena, largest)), arena_(new std::uint8_t[arena_size_]) {
    entries_.reserve(kMaxEntries);
    headers_.resize(kMaxEntries);
}

MutableBytes SendBatch::space() {
    if (arena_size_ - used_ < largest_) return {};
    return {arena_.get() + used_, largest_};
}

Bytes SendBatch::commit(std::size_t size) {
    Bytes datagram(arena_.get() + used_, size);
    used_ += size;
    return datagram;
}

bool SendBatch::add(int fd, Kind kind, Bytes datagram, const SocketAddress& to) {
    if (entries_.size() == kMaxEntries) return false;
    entries_.push_back({fd, kind, {const_cast<std::uint8_t*>(datagram.data()), datagram.size()}, to});
    return true;
}

void SendBatch::send(Counters& counters) {
    send_and_keep(counters);
    used_ = 0;
}

void SendBatch::send_and_keep(Counters& counters) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        Entry& entry = entries_[i];
        msghdr& header = headers_[i].msg_hdr;
        header = {};
        header.msg_name = const_cast<sockaddr*>(entry.to.get());
        header.msg_namelen = entry.to.size();
        header.msg_iov = &entry.data;
        header.msg_iovlen = 1;
    }
    std::size_t begin = 0;
    while (begin < entries_.size()) {
        std::size_t end = begin;
        while (end < entries_.size() && entries_[end].fd == entries_[begin].fd)
            ++end;
        send_run(begin, end, counters);
        begin = end;
    }
    entries_.clear();
}

void SendBatch::send_run(std::size_t begin, std::size_t end, Counters& counters) {
    while (begin < end) {
        int sent = ::sendmmsg(entries_[begin].fd, &headers_[begin], static_cast<unsigned>(end - begin),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
        ++counters.send_calls;
        if (sent < 0) {
            if (errno != EINTR) begin = after_failure(begin, end, errno, counters);
            continue;
        }
        counters.continuous_sendmsg_failures = 0;
        counters.datagrams_out += static_cast<std::uint64_t>(sent);
        for (int i = 0; i < sent; ++i)
            counters.bytes_out += entries_[begin++].data.iov_len;
    }
}

// Counts the failure and returns where to go on.
std::size_t SendBatch::after_failure(std::size_t at, std::size_t end, int error, Counters& counters) const {
    std::size_t next = at + 1;
    bool no_buffer = error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
    if (no_buffer) {  // the multicasts behind it would only meet the same full buffer
        while (next < end && entries_[next].kind == Kind::multicast)
            ++next;
    }
    (no_buffer ? counters.send_no_buffer : counters.send_failed) += next - at;
    counters.continuous_sendmsg_failures += next - at;
    return next;
}

}  // namespace totem::net
