#pragma once
// Values derived from names and addresses: multicast groups, ports, node ids, frame sizes.
// Spec totem-wire.md sections 8 to 11.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "totem/wire/types.hpp"

namespace totem::wire {

// 16-bit cluster id of a name plus ring number, modulo 65536 (section 10 steps 1-3). Bytes above
// 0x7f count as signed, as on x86.
std::uint16_t cluster_id(std::string_view cluster_name, unsigned ring);
std::string multicast_ipv4(std::string_view cluster_name, unsigned ring);  // "239.192.3.20"
std::string multicast_ipv6(std::string_view cluster_name, unsigned ring);  // "ff15::311"

// Default mcastport of a ring (section 9).
std::uint16_t default_port(Dialect dialect, unsigned ring, bool broadcast);

// Automatic node id of an IPv4 address (section 11); nullopt for IPv6.
std::optional<NodeId> automatic_nodeid(const NodeAddress& address, bool clear_high_bit);

// Parses "10.77.0.1" or "fd00::1"; nullopt if it is neither.
std::optional<NodeAddress> parse_address(std::string_view text, NodeId nodeid = 0);

// M, the largest totempg packet (section 8). `crypto_overhead` is the suite's: for none/none 4 in v2, 0 in v3.
struct FrameBudget {
    Dialect dialect;
    std::uint32_t netmtu = 1500;
    unsigned rings = 1;
    bool ipv6 = false;
    std::size_t crypto_overhead = 4;
};
std::size_t max_pg_packet(const FrameBudget& budget);

}  // namespace totem::wire
