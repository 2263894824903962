#include "tools/omping/socket_address.hpp"

#include <algorithm>
#include <cstring>

namespace tools::omping {

SocketAddress::SocketAddress(const Endpoint& endpoint, unsigned interface) {
    const auto bytes = address_bytes(endpoint.address);
    if (endpoint.address.is_v4()) {
        sockaddr_in out{};
        out.sin_family = AF_INET;
        out.sin_port = htons(endpoint.port);
        std::memcpy(&out.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&storage, &out, sizeof out);
        size = sizeof out;
        return;
    }
    const auto v6 = endpoint.address.to_v6();
    sockaddr_in6 out{};
    out.sin6_family = AF_INET6;
    out.sin6_port = htons(endpoint.port);
    std::memcpy(&out.sin6_addr, bytes.data(), bytes.size());
    out.sin6_scope_id = static_cast<std::uint32_t>(v6.scope_id());
    const bool scoped = v6.is_link_local() || v6.is_multicast_link_local() || v6.is_multicast_node_local();
    if (scoped && out.sin6_scope_id == 0) out.sin6_scope_id = interface;
    std::memcpy(&storage, &out, sizeof out);
    size = sizeof out;
}

Endpoint SocketAddress::endpoint() const {
    const bool v4 = storage.ss_family == AF_INET;
    const auto& as_v4 = reinterpret_cast<const sockaddr_in&>(storage);
    const auto& as_v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return {address_from(*get()), ntohs(v4 ? as_v4.sin_port : as_v6.sin6_port)};
}

Address address_from(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        return boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    boost::asio::ip::address_v6::bytes_type bytes{};
    std::copy_n(std::begin(v6.sin6_addr.s6_addr), bytes.size(), bytes.begin());
    return boost::asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

}  // namespace tools::omping
