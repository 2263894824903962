#pragma once
// The addresses of this host and the one a ring is bound to. Spec totem-wire.md section 9.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::net {

struct HostAddress {
    NodeAddress address;  // nodeid 0
    std::array<std::uint8_t, 16> netmask{};
    unsigned index = 0;  // of the interface; scope of link-local addresses
    bool up = false;     // IFF_UP
    std::string interface;
};

// Every IPv4 and IPv6 address of this host in the kernel's order. Throws std::system_error.
std::vector<HostAddress> host_addresses();

// The address a ring binds to: the one equal to `wanted`, else the first whose network `wanted` lies in.
std::optional<HostAddress> find_address(std::span<const HostAddress> candidates, const NodeAddress& wanted);

}  // namespace totem::net
