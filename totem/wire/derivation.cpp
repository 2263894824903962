#include "totem/wire/derivation.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "totem/wire/codec.hpp"

namespace totem::wire {

std::uint16_t cluster_id(std::string_view cluster_name, unsigned ring) {
    // Unsigned arithmetic gives the same low bits as the signed sum of the spec, without overflow.
    std::uint32_t value = 0;
    for (const char c : cluster_name)
        value = value * 2 + static_cast<std::uint32_t>(static_cast<signed char>(c));
    return static_cast<std::uint16_t>(value + ring);
}

std::string multicast_ipv4(std::string_view cluster_name, unsigned ring) {
    const unsigned id = cluster_id(cluster_name, ring);
    // Modulo 255, not 256: section 10 step 4.
    return "239.192." + std::to_string(id / 256) + "." + std::to_string(id % 255);
}

std::string multicast_ipv6(std::string_view cluster_name, unsigned ring) {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, cluster_id(cluster_name, ring), 16).ptr;
    return "ff15::" + std::string(digits, end);
}

std::uint16_t default_port(Dialect dialect, unsigned ring, bool broadcast) {
    constexpr unsigned kBase = 5405;
    if (broadcast) return static_cast<std::uint16_t>(kBase + 2 * ring);
    return static_cast<std::uint16_t>(dialect == Dialect::v2 ? kBase : kBase + ring);
}

std::optional<NodeId> automatic_nodeid(const NodeAddress& address, bool clear_high_bit) {
    if (address.family != NodeAddress::kIpv4) return std::nullopt;
    const NodeId id = Reader(address.bytes, ByteOrder::big).u32();
    return clear_high_bit ? id & 0x7FFFFFFFu : id;
}

std::optional<NodeAddress> parse_address(std::string_view text, NodeId nodeid) {
    const std::string terminated(text);
    // An embedded zero byte would hide the rest of the text from inet_pton.
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    NodeAddress address;
    address.nodeid = nodeid;
    for (const std::uint16_t family : {NodeAddress::kIpv4, NodeAddress::kIpv6}) {
        if (inet_pton(family, terminated.c_str(), address.bytes.data()) == 1) {
            address.family = family;
            return address;
        }
    }
    return std::nullopt;
}

std::size_t max_pg_packet(const FrameBudget& budget) {
    // Room for two fixed parts: a recovery message carries a whole mcast (section 8).
    std::size_t reserved = 2 * layout(budget.dialect).mcast;
    // 3.x knows no protection over udp and udpu; with ours the datagram must fit the network, too.
    if (budget.dialect == Dialect::v2 || budget.crypto_overhead != 0) {
        const std::size_t ip_header = budget.ipv6 ? 48 : 28;
        reserved += budget.rings * (budget.crypto_overhead + ip_header);
    }
    return budget.netmtu > reserved ? budget.netmtu - reserved : 0;
}

}  // namespace totem::wire
