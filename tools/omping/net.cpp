#include "tools/omping/net.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "tools/common/program.hpp"
#include "tools/omping/socket_address.hpp"

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

void check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

template <typename T>
void set(int fd, int level, int name, const T& value, const char* what) {
    check(setsockopt(fd, level, name, &value, sizeof value), what);
}

FileDescriptor open_udp(const Address& address) {
    const int family = address.is_v4() ? AF_INET : AF_INET6;
    FileDescriptor fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    check(fd.get(), "socket");
    constexpr int on = 1;
    if (address.is_v4()) {
        set(fd.get(), IPPROTO_IP, IP_RECVTTL, on, "IP_RECVTTL");
    } else {
        set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, on, "IPV6_V6ONLY");
        set(fd.get(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT, on, "IPV6_RECVHOPLIMIT");
    }
    set(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, on, "SO_TIMESTAMPNS");
    return fd;
}

// The kernel doubles what it is asked for, and cuts it to a bound of its own.
void set_buffer(int fd, int name, const std::optional<int>& size) {
    if (!size) return;
    set(fd, SOL_SOCKET, name, *size, "buffer");
    int granted = 0;
    socklen_t length = sizeof granted;
    check(getsockopt(fd, SOL_SOCKET, name, &granted, &length), "buffer");
    if (granted / 2 < *size) throw std::system_error(ENOBUFS, std::generic_category());
}

WallTime to_wall(const timespec& time) {
    return WallTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

bool passing(int error) {
    // Too long is an answer to a query of the greatest size.
    return error == EHOSTUNREACH || error == EHOSTDOWN || error == ENETDOWN || error == ENOBUFS || error == EMSGSIZE;
}

std::uint8_t received_ttl(msghdr& message) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        const bool v4 = each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_TTL;
        const bool v6 = each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_HOPLIMIT;
        if (!v4 && !v6) continue;
        int value = 0;
        std::memcpy(&value, CMSG_DATA(each), sizeof value);
        return static_cast<std::uint8_t>(value);
    }
    return 0;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
}

Now clock_now() {
    // Both of the same moment: what is computed from one and the other must not contain a pause in between.
    constexpr Duration kTogether = 5us;
    Now now;
    for (int tries = 0; tries < 4; ++tries) {
        const Instant before = std::chrono::steady_clock::now();
        now.wall = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
        now.monotonic = std::chrono::steady_clock::now();
        if (now.monotonic - before < kTogether) break;
    }
    return now;
}

Now kernel_time(const msghdr& message) {
    Now now = clock_now();
    auto& header = const_cast<msghdr&>(message);  // the macros want it so
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
        // The wall clock may have been set in between; then the time of reading has to do.
        const Duration age = now.wall - to_wall(stamp);
        if (age < Duration::zero() || age > 10s) break;
        now.wall -= age;
        now.monotonic -= age;
    }
    return now;
}

Sockets::Sockets(const Options& options, const Selection& hosts, std::uint16_t port)
    : options_(options), hosts_(hosts), port_(port), buffer_(kLargestMessage) {
    try {
        open_unicast();
    } catch (const std::system_error& error) {
        throw Failure(fmt::format("Can't create/bind unicast socket: {}", std::strerror(error.code().value())));
    }
    SocketAddress bound;
    if (options.client_only) {
        getsockname(unicast_.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.size);
        port = bound.endpoint().port;
    }
    try {
        open_group(port);
    } catch (const std::system_error& error) {
        throw Failure(fmt::format("Can't create/bind multicast socket: {}", std::strerror(error.code().value())));
    }
}

void Sockets::set_buffers(int fd) const {
    set_buffer(fd, SO_RCVBUF, options_.receive_buffer);
    set_buffer(fd, SO_SNDBUF, options_.send_buffer);
}

void Sockets::set_sending(int fd) const {
    const int ttl = options_.ttl;
    const int loop = hosts_.single ? 1 : 0;
    if (hosts_.local.address.is_v4()) {
        set(fd, IPPROTO_IP, IP_TTL, ttl, "IP_TTL");
        if (options_.method == Method::broadcast) return set(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST");
        ip_mreqn interface {};
        interface.imr_ifindex = static_cast<int>(hosts_.local.index);
        set(fd, IPPROTO_IP, IP_MULTICAST_IF, interface, "IP_MULTICAST_IF");
        set(fd, IPPROTO_IP, IP_MULTICAST_TTL, ttl, "IP_MULTICAST_TTL");
        set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, loop, "IP_MULTICAST_LOOP");
    } else {
        set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, "IPV6_UNICAST_HOPS");
        set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(hosts_.local.index), "IPV6_MULTICAST_IF");
        set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl, "IPV6_MULTICAST_HOPS");
        set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop, "IPV6_MULTICAST_LOOP");
    }
}

void Sockets::open_unicast() {
    unicast_ = open_udp(hosts_.local.address);
    set_buffers(unicast_.get());
    set_sending(unicast_.get());
    dont_fragment(false);
    const SocketAddress own({hosts_.local.address, options_.client_only ? std::uint16_t{0} : port_},
                            hosts_.local.index);
    check(bind(unicast_.get(), own.get(), own.size), "bind");
}

void Sockets::open_group(std::uint16_t port) {
    group_ = open_udp(hosts_.group);
    constexpr int on = 1, off = 0;
    set(group_.get(), SOL_SOCKET, SO_REUSEADDR, on, "SO_REUSEADDR");
    set(group_.get(), SOL_SOCKET, SO_REUSEPORT, on, "SO_REUSEPORT");
    set_buffers(group_.get());
    // Only what was asked for on this socket, not what another program joined on another interface.
    if (hosts_.group.is_v4()) {
        set(group_.get(), IPPROTO_IP, IP_MULTICAST_ALL, off, "IP_MULTICAST_ALL");
    } else {
        set(group_.get(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, off, "IPV6_MULTICAST_ALL");
    }
    const SocketAddress own({hosts_.group, port}, hosts_.local.index);
    check(bind(group_.get(), own.get(), own.size), "bind");
}

void Sockets::join() {
    if (!joined_) change_membership(true);
    joined_ = true;
}

void Sockets::leave() {
    if (joined_) change_membership(false);
    joined_ = false;
}

void Sockets::change_membership(bool join) {
    if (options_.method == Method::broadcast) return;
    const int level = hosts_.group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6;
    const SocketAddress group({hosts_.group, 0});
    try {
        if (options_.method == Method::asm_) {
            group_req request{};
            request.gr_interface = hosts_.local.index;
            request.gr_group = group.storage;
            set(group_.get(), level, join ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, request, "join");
            return;
        }
        for (const Remote& remote : hosts_.remotes) {
            group_source_req request{};
            request.gsr_interface = hosts_.local.index;
            request.gsr_group = group.storage;
            request.gsr_source = SocketAddress({remote.address, 0}).storage;
            set(group_.get(), level, join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP, request, "join");
        }
    } catch (const std::system_error& error) {
        throw Failure(fmt::format("Can't create/bind multicast socket: {}", std::strerror(error.code().value())));
    }
}

void Sockets::dont_fragment(bool on) {
    dont_fragment_ = on;
    if (hosts_.local.address.is_v4()) {
        set(unicast_.get(), IPPROTO_IP, IP_MTU_DISCOVER, on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT, "MTU_DISCOVER");
    } else {
        set(unicast_.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, on ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT,
            "MTU_DISCOVER");
        set(unicast_.get(), IPPROTO_IPV6, IPV6_DONTFRAG, on ? 1 : 0, "IPV6_DONTFRAG");
    }
}

void Sockets::send(const Endpoint& to, Bytes message) {
    const SocketAddress target(to, hosts_.local.index);
    while (sendto(unicast_.get(), message.data(), message.size(), 0, target.get(), target.size) < 0) {
        if (errno == EINTR) continue;
        if (errno == EMSGSIZE && dont_fragment_) return;
        const std::string reason = std::strerror(errno);
        if (!passing(errno)) throw Failure("Cannot send message: " + reason, kExitNetwork);
        return complain("omping: Send message error: " + reason);
    }
}

void Sockets::send_to_group(std::uint16_t port, Bytes message) {
    send({hosts_.group, port}, message);
}

std::optional<Reception> Sockets::receive(bool group) {
    SocketAddress from;
    iovec space{buffer_.data(), buffer_.size()};
    alignas(cmsghdr) char control[256];
    msghdr message{};
    message.msg_name = &from.storage;
    message.msg_namelen = sizeof from.storage;
    message.msg_iov = &space;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(group ? group_.get() : unicast_.get(), &message, MSG_DONTWAIT);
    if (size < 0) {
        if (errno == EINTR || errno == EAGAIN) return std::nullopt;
        const std::string text = fmt::format("Cannot receive message: {}", std::strerror(errno));
        if (errno != ECONNRESET && !passing(errno)) throw Failure(text, kExitNetwork);
        complain("omping: " + text);
        return std::nullopt;
    }
    Reception out;
    out.bytes = Bytes(buffer_.data(), static_cast<std::size_t>(size));
    out.from = from.endpoint();
    out.group = group;
    out.ttl = received_ttl(message);
    out.at = kernel_time(message);
    return out;
}

}  // namespace tools::omping
