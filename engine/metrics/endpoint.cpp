#include "engine/metrics/endpoint.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>

namespace engine::metrics {

namespace asio = boost::asio;

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && port != 0 ? std::optional(port) : std::nullopt;
}

asio::ip::address address_of(const std::string& text) {
    boost::system::error_code ignored;
    return asio::ip::make_address(text, ignored);
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with('/')) {
        if (text.size() >= sizeof(sockaddr_un{}.sun_path) || text.ends_with('/')) return std::nullopt;
        return Endpoint{.path = std::string(text)};
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code bad;
    const auto address = asio::ip::make_address(std::string(host), bad);
    if (bad || !port || address.is_v6() != bracketed) return std::nullopt;
    return Endpoint{.address = address.to_string(), .port = *port};
}

bool Endpoint::confined() const {
    return local() || address_of(address).is_loopback();
}

std::string Endpoint::text() const {
    if (local()) return path;
    return address_of(address).is_v6() ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

asio::generic::stream_protocol::endpoint Endpoint::socket_address() const {
    if (local()) return asio::local::stream_protocol::endpoint(path);
    return asio::ip::tcp::endpoint(address_of(address), port);
}

}  // namespace engine::metrics
