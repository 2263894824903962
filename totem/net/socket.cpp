#include "totem/net/socket.hpp"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace totem::net {

NetError::NetError(const std::string& what, int error)
    : std::runtime_error(what + ": " + std::generic_category().message(error)), error_(error) {}

SocketAddress::SocketAddress(const NodeAddress& address, std::uint16_t port, unsigned scope) {
    if (address.family == NodeAddress::kIpv6) {
        storage_.v6.sin6_family = AF_INET6;
        storage_.v6.sin6_port = htons(port);
        storage_.v6.sin6_scope_id = scope;
        std::memcpy(&storage_.v6.sin6_addr, address.bytes.data(), 16);
        size_ = sizeof(sockaddr_in6);
    } else {
        storage_.v4.sin_family = AF_INET;
        storage_.v4.sin_port = htons(port);
        std::memcpy(&storage_.v4.sin_addr, address.bytes.data(), 4);
        size_ = sizeof(sockaddr_in);
    }
}

std::string SocketAddress::text() const {
    char host[INET6_ADDRSTRLEN] = "";
    if (storage_.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &storage_.v6.sin6_addr, host, sizeof(host));
        return "[" + std::string(host) + "]:" + std::to_string(ntohs(storage_.v6.sin6_port));
    }
    inet_ntop(AF_INET, &storage_.v4.sin_addr, host, sizeof(host));
    return std::string(host) + ":" + std::to_string(ntohs(storage_.v4.sin_port));
}

NodeAddress address_of(const sockaddr_storage& from) {
    NodeAddress out;
    if (from.ss_family == AF_INET) {
        out.family = NodeAddress::kIpv4;
        std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in&>(from).sin_addr, 4);
    } else if (from.ss_family == AF_INET6) {
        out.family = NodeAddress::kIpv6;
        std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, 16);
    }
    return out;
}

Socket::Socket(std::uint16_t family, std::string purpose) : family_(family), purpose_(std::move(purpose)) {
    int domain = family == NodeAddress::kIpv6 ? AF_INET6 : AF_INET;
    fd_ = ::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) throw NetError("Unable to create the " + purpose_ + " socket", errno);
}

Socket::~Socket() {
    if (fd_ >= 0) ::close(fd_);
}

void Socket::bind(const SocketAddress& address) {
    if (::bind(fd_, address.get(), address.size()) == 0) return;
    throw NetError("Unable to bind the " + purpose_ + " socket to " + address.text(), errno);
}

template <typename T>
void Socket::set(int level, int name, const T& value, const char* what) {
    if (::setsockopt(fd_, level, name, &value, sizeof(value)) == 0) return;
    throw NetError("Unable to set " + std::string(what) + " on the " + purpose_ + " socket", errno);
}

void Socket::reuse_address() {
    set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
}
void Socket::allow_broadcast() {
    set(SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST");
}
void Socket::priority(int value) {
    set(SOL_SOCKET, SO_PRIORITY, value, "SO_PRIORITY");
}
void Socket::receive_buffer(int bytes) {
    if (::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
    set(SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
}
void Socket::send_buffer(int bytes) {
    if (::setsockopt(fd_, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) == 0) return;
    set(SOL_SOCKET, SO_SNDBUF, bytes, "SO_SNDBUF");
}
std::size_t Socket::receive_buffer() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    const bool told = ::getsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0 && bytes > 0;
    return told ? static_cast<std::size_t>(bytes) : 0;
}

void Socket::multicast_interface(const NodeAddress& address, unsigned index) {
    if (family_ == NodeAddress::kIpv6) {
        set(IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index), "IPV6_MULTICAST_IF");
        return;
    }
    in_addr local{};
    std::memcpy(&local, address.bytes.data(), 4);
    set(IPPROTO_IP, IP_MULTICAST_IF, local, "IP_MULTICAST_IF");
}

void Socket::join_group(const NodeAddress& group, const NodeAddress& address, unsigned index) {
    if (family_ == NodeAddress::kIpv6) {
        ipv6_mreq request{};
        std::memcpy(&request.ipv6mr_multiaddr, group.bytes.data(), 16);
        request.ipv6mr_interface = index;
        set(IPPROTO_IPV6, IPV6_JOIN_GROUP, request, "IPV6_JOIN_GROUP");
        return;
    }
    ip_mreq request{};
    std::memcpy(&request.imr_multiaddr, group.bytes.data(), 4);
    std::memcpy(&request.imr_interface, address.bytes.data(), 4);
    set(IPPROTO_IP, IP_ADD_MEMBERSHIP, request, "IP_ADD_MEMBERSHIP");
}

void Socket::multicast_ttl(int value) {
    if (family_ == NodeAddress::kIpv6) {
        set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, value, "IPV6_MULTICAST_HOPS");
    } else {
        set(IPPROTO_IP, IP_MULTICAST_TTL, static_cast<unsigned char>(value), "IP_MULTICAST_TTL");
    }
}

void Socket::multicast_loop(bool on) {
    if (family_ == NodeAddress::kIpv6) {
        set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, on ? 1u : 0u, "IPV6_MULTICAST_LOOP");
    } else {
        set(IPPROTO_IP, IP_MULTICAST_LOOP, static_cast<unsigned char>(on), "IP_MULTICAST_LOOP");
    }
}

void Socket::keep_errors() {
    if (family_ == NodeAddress::kIpv6) {
        set(IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR");
    } else {
        set(IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR");
    }
}

bool Socket::can_segment() const {
    int size = 0;
    socklen_t length = sizeof size;
    return ::getsockopt(fd_, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void Socket::accept_joined() {
    const int on = 1;
    (void)::setsockopt(fd_, SOL_UDP, UDP_GRO, &on, sizeof on);
}

}  // namespace totem::net
