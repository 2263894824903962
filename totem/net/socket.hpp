#pragma once
// A UDP socket and its address, as thin owners of what the kernel wants to see.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "totem/wire/types.hpp"

namespace totem::net {

// A socket could not be made, set up or bound; what() is a complete sentence for the administrator.
class NetError : public std::runtime_error {
public:
    NetError(const std::string& what, int error);
    int error() const { return error_; }

private:
    int error_;
};

class SocketAddress {
public:
    SocketAddress() = default;
    // `scope` counts for IPv6 only.
    SocketAddress(const NodeAddress& address, std::uint16_t port, unsigned scope);

    const sockaddr* get() const { return &storage_.any; }
    socklen_t size() const { return size_; }
    std::string text() const;  // "10.77.0.1:5405", "[fd00::1]:5405"

private:
    union Storage {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    } storage_{};
    socklen_t size_ = 0;
};

// The address a datagram came from; family kUnused if it is neither IPv4 nor IPv6.
NodeAddress address_of(const sockaddr_storage& from);

// A non-blocking, close-on-exec datagram socket. `purpose` names it in errors.
class Socket {
public:
    Socket() = default;
    Socket(std::uint16_t family, std::string purpose);
    Socket(Socket&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), family_(other.family_), purpose_(std::move(other.purpose_)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd_, other.fd_);
        std::swap(family_, other.family_);
        std::swap(purpose_, other.purpose_);
        return *this;
    }
    ~Socket();

    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

    void bind(const SocketAddress& address);
    void reuse_address();
    void allow_broadcast();
    void priority(int value);
    // Where we may not pass net.core.{r,w}mem_max, the kernel silently caps these there.
    void receive_buffer(int bytes);
    void send_buffer(int bytes);
    std::size_t receive_buffer() const;  // as the kernel counts it, its own needs included
    // Multicasts leave through, and groups are joined on, the interface with this address and index.
    void multicast_interface(const NodeAddress& address, unsigned index);
    void join_group(const NodeAddress& group, const NodeAddress& address, unsigned index);
    void multicast_ttl(int value);
    void multicast_loop(bool on);
    // ICMP answers to what is sent are kept (error_queue.hpp), and the next call on the socket fails with them.
    void keep_errors();
    // False if the kernel does not know how to cut large sends into datagrams (UDP_SEGMENT).
    bool can_segment() const;
    // Datagrams may come joined (UDP_GRO), where the kernel knows how.
    void accept_joined();

private:
    template <typename T>
    void set(int level, int name, const T& value, const char* what);

    int fd_ = -1;
    std::uint16_t family_ = 0;
    std::string purpose_;
};

}  // namespace totem::net
