#pragma once
// Endpoints as the kernel takes them.

#include <netinet/in.h>
#include <sys/socket.h>

#include "tools/omping/address.hpp"

namespace tools::omping {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    SocketAddress() = default;
    // `interface` goes in as scope where an address needs one and has none.
    explicit SocketAddress(const Endpoint& endpoint, unsigned interface = 0);

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    Endpoint endpoint() const;
};

Address address_from(const sockaddr& address);

}  // namespace tools::omping
