#include "totem/net/send_batch.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace totem::net {
namespace {

constexpr std::size_t kMaxMessages = 1024;  // what one sendmmsg takes (UIO_MAXIOV)
constexpr std::size_t kMaxEntries = 4096;
// Some token visits' worth of messages; a batch that outgrows it just takes another call.
constexpr std::size_t kArena = 256 * 1024;
// The kernel's bounds of a send that it cuts: 64 datagrams (128 since Linux 6.7), and the largest IP packet.
constexpr std::size_t kMaxSegments = 64, kMaxSegmented = 65000;

bool no_buffer(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

}  // namespace

SendBatch::SendBatch(std::size_t largest)
    : largest_(largest), arena_size_(std::max(kArena, largest)), arena_(new std::uint8_t[arena_size_]) {
    entries_.reserve(kMaxEntries);
    messages_.reserve(kMaxEntries);
    headers_.resize(kMaxMessages);
    parts_.resize(kMaxMessages);
    controls_.resize(kMaxMessages);
}

MutableBytes SendBatch::space(std::size_t wanted) {
    const std::size_t room = std::min(largest_, arena_size_ - used_);
    if (room < std::min(wanted, largest_) || entries_.size() == kMaxEntries) return {};
    return {arena_.get() + used_, room};
}

MutableBytes SendBatch::commit(std::size_t size) {
    const MutableBytes datagram(arena_.get() + used_, size);
    used_ += size;
    return datagram;
}

void SendBatch::multicast(int fd, Bytes datagram, std::span<const SocketAddress> targets) {
    entries_.push_back({fd, false, datagram, {}, targets});
}

void SendBatch::token(int fd, Bytes datagram, const SocketAddress& to) {
    entries_.push_back({fd, true, datagram, to, {}});
}

void SendBatch::withdraw(Bytes datagram) {
    std::erase_if(entries_, [datagram](const Entry& entry) { return entry.data.data() == datagram.data(); });
}

void SendBatch::send(Counters& counters) {
    plan();
    for (std::size_t at = 0; at < messages_.size();)
        at = send_some(at, counters);
    messages_.clear();
    entries_.clear();
    used_ = 0;
}

// Multicasts in a row with the same targets go to one target after the other: so they can leave together, and a token
// is still behind all of them.
void SendBatch::plan() {
    for (std::size_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
        const Entry& first = entries_[begin];
        const auto like_first = [&](const Entry& entry) {
            return !entry.token && entry.fd == first.fd && entry.targets.data() == first.targets.data() &&
                   entry.targets.size() == first.targets.size();
        };
        end = begin + 1;
        if (first.token) {
            plan_block(begin, end, first.to);
            continue;
        }
        while (end < entries_.size() && like_first(entries_[end]))
            ++end;
        for (const SocketAddress& to : first.targets)
            plan_block(begin, end, to);
    }
}

void SendBatch::plan_block(std::size_t begin, std::size_t end, const SocketAddress& to) {
    while (begin < end) {
        const Entry& first = entries_[begin];
        const std::size_t count = together(begin, end);
        const Bytes last = entries_[begin + count - 1].data;
        const Bytes all(first.data.data(), last.data() + last.size());
        const auto segment = static_cast<std::uint16_t>(count > 1 ? first.data.size() : 0);
        messages_.push_back({first.fd, first.token, segment, all, &to});
        begin += count;
    }
}

// How many of the entries from `at` on can leave as one: adjacent in the arena, all of one size but the last, which
// may be smaller.
std::size_t SendBatch::together(std::size_t at, std::size_t end) const {
    const std::size_t size = entries_[at].data.size();
    std::size_t count = 1, total = size;
    if (!offload_) return count;
    for (; at + count < end && count < kMaxSegments; ++count) {
        const Bytes before = entries_[at + count - 1].data, next = entries_[at + count].data;
        total += next.size();
        const bool adjacent = before.data() + before.size() == next.data();
        if (before.size() != size || next.size() > size || !adjacent || total > kMaxSegmented) break;
    }
    return count;
}

void SendBatch::fill_header(std::size_t index, const Message& message) {
    msghdr& header = headers_[index].msg_hdr;
    header = {};
    parts_[index] = {const_cast<std::uint8_t*>(message.data.data()), message.data.size()};
    header.msg_name = const_cast<sockaddr*>(message.to->get());
    header.msg_namelen = message.to->size();
    header.msg_iov = &parts_[index];
    header.msg_iovlen = 1;
    if (message.segment == 0) return;
    header.msg_control = controls_[index].bytes;
    header.msg_controllen = sizeof controls_[index].bytes;
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof message.segment);
    std::memcpy(CMSG_DATA(control), &message.segment, sizeof message.segment);
}

// One call; returns where to go on.
std::size_t SendBatch::send_some(std::size_t at, Counters& counters) {
    std::size_t count = 0;
    while (at + count < messages_.size() && count < kMaxMessages && messages_[at + count].fd == messages_[at].fd) {
        fill_header(count, messages_[at + count]);
        ++count;
    }
    const int sent =
        ::sendmmsg(messages_[at].fd, headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    ++counters.send_calls;
    if (sent < 0) {
        const int error = errno;
        // What an earlier datagram met is told to the next, which has not been tried then.
        const bool of_another = error == ECONNREFUSED && !told_of_another_;
        told_of_another_ = of_another;
        return error == EINTR || of_another ? at : after_failure(at, error, counters);
    }
    told_of_another_ = false;
    counters.continuous_sendmsg_failures = 0;
    for (const std::size_t end = at + static_cast<std::size_t>(sent); at < end; ++at) {
        const Message& message = messages_[at];
        counters.datagrams_out += message.datagrams();
        if (message.segment != 0) counters.offloaded_out += message.datagrams();
        counters.bytes_out += message.data.size();
    }
    return at;
}

// Counts the failure and returns where to go on.
std::size_t SendBatch::after_failure(std::size_t at, int error, Counters& counters) {
    if (messages_[at].segment != 0 && !no_buffer(error)) {
        ++counters.offload_refused;
        stop_offloading(at);
        return at;
    }
    const int fd = messages_[at].fd;
    std::uint64_t lost = messages_[at++].datagrams();
    if (no_buffer(error)) {  // the multicasts behind it would only meet the same full buffer
        for (; at < messages_.size() && messages_[at].fd == fd && !messages_[at].token; ++at)
            lost += messages_[at].datagrams();
    }
    (no_buffer(error) ? counters.send_no_buffer : counters.send_failed) += lost;
    counters.continuous_sendmsg_failures += lost;
    return at;
}

// What has not been sent leaves one by one, and so does everything later.
void SendBatch::stop_offloading(std::size_t at) {
    offload_ = false;
    const std::vector<Message> planned(messages_.begin() + static_cast<std::ptrdiff_t>(at), messages_.end());
    messages_.resize(at);
    for (const Message& message : planned) {
        Message single = message;
        const std::size_t size = std::exchange(single.segment, 0) != 0 ? message.segment : message.data.size();
        Bytes rest = message.data;
        do {
            single.data = rest.first(std::min(size, rest.size()));
            rest = rest.subspan(single.data.size());
            messages_.push_back(single);
        } while (!rest.empty());
    }
}

}  // namespace totem::net
