#include "totem/net/host_interface.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace totem::net {
namespace {

// Copies the address bytes of `from`; false for families that are neither IPv4 nor IPv6.
bool read_address(const sockaddr* from, std::uint16_t& family, std::array<std::uint8_t, 16>& bytes) {
    bytes.fill(0);
    if (!from) return false;
    if (from->sa_family == AF_INET) {
        family = NodeAddress::kIpv4;
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(from)->sin_addr, 4);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        family = NodeAddress::kIpv6;
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr, 16);
        return true;
    }
    return false;
}

bool same_network(const HostAddress& candidate, const NodeAddress& wanted) {
    std::size_t size = wanted.family == NodeAddress::kIpv4 ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        std::uint8_t mask = candidate.netmask[i];
        if ((candidate.address.bytes[i] & mask) != (wanted.bytes[i] & mask)) return false;
    }
    return true;
}

}  // namespace

std::vector<HostAddress> host_addresses() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) throw std::system_error(errno, std::generic_category(), "getifaddrs");
    std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);

    std::vector<HostAddress> out;
    for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
        HostAddress host;
        std::uint16_t mask_family = 0;
        if (!read_address(entry->ifa_addr, host.address.family, host.address.bytes)) continue;
        if (!read_address(entry->ifa_netmask, mask_family, host.netmask)) host.netmask.fill(0xff);
        host.interface = entry->ifa_name;
        host.index = if_nametoindex(entry->ifa_name);
        host.up = (entry->ifa_flags & IFF_UP) != 0;
        out.push_back(std::move(host));
    }
    return out;
}

std::optional<HostAddress> find_address(std::span<const HostAddress> candidates, const NodeAddress& wanted) {
    for (const HostAddress& candidate : candidates) {
        if (candidate.address.same_address(wanted)) return candidate;
    }
    for (const HostAddress& candidate : candidates) {
        if (candidate.address.family == wanted.family && same_network(candidate, wanted)) return candidate;
    }
    return std::nullopt;
}

}  // namespace totem::net
