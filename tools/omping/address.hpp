#pragma once
// Addresses of hosts and groups, and where datagrams go. Values; no sockets.

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <vector>

#include "totem/base/bytes.hpp"

namespace tools::omping {

using Address = boost::asio::ip::address;

struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    bool operator==(const Endpoint&) const = default;
};

std::vector<std::uint8_t> address_bytes(const Address& address);  // 4 or 16
Address address_from(totem::Bytes bytes);                         // of 4 or 16 bytes
// Peers are known by their bytes alone: what a scope is called differs from host to host.
bool same_host(const Address& a, const Address& b);
// Do the first `bits` agree? False if the families differ.
bool same_network(const Address& a, const Address& b, unsigned bits);

}  // namespace tools::omping
