#pragma once
// Where metrics are served: a TCP address or the path of a UNIX socket.

#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::metrics {

struct Endpoint {
    std::string path = {};     // of a UNIX socket, absolute; empty for TCP
    std::string address = {};  // numeric, IPv4 or IPv6
    std::uint16_t port = 0;

    bool local() const { return !path.empty(); }
    // Nobody outside of this host can connect.
    bool confined() const;
    std::string text() const;  // as it is configured
    boost::asio::generic::stream_protocol::endpoint socket_address() const;
    bool operator==(const Endpoint&) const = default;
};

// "127.0.0.1:9105", "[::1]:9105" or "/run/totemd/metrics.sock". Nothing if it is none of these.
std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace engine::metrics
