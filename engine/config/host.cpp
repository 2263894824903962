#include "engine/config/host.hpp"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace engine::config {
namespace {

using totem::NodeAddress;

std::optional<NodeAddress> from_sockaddr(const sockaddr* address) {
    if (address == nullptr) return std::nullopt;
    NodeAddress result;
    if (address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        result.family = NodeAddress::kIpv4;
        std::memcpy(result.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
        return result;
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, address, sizeof in);
        result.family = NodeAddress::kIpv6;
        std::memcpy(result.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
        return result;
    }
    return std::nullopt;
}

int address_family(Family family) {
    switch (family) {
        case Family::ipv4:
            return AF_INET;
        case Family::ipv6:
            return AF_INET6;
        case Family::any:
            break;
    }
    return AF_UNSPEC;
}

std::optional<NodeAddress> first_of(const std::vector<NodeAddress>& addresses, std::uint16_t family) {
    const auto found = std::find_if(addresses.begin(), addresses.end(),
                                    [family](const NodeAddress& address) { return address.family == family; });
    return found == addresses.end() ? std::nullopt : std::optional<NodeAddress>(*found);
}

bool same_network(const LocalAddress& local, const NodeAddress& network) {
    for (std::size_t i = 0; i < network.bytes.size(); ++i) {
        if (((local.address.bytes[i] ^ network.bytes[i]) & local.netmask.bytes[i]) != 0) return false;
    }
    return true;
}

}  // namespace

std::string SystemHost::name() const {
    utsname system{};
    return uname(&system) == 0 ? system.nodename : "";
}

std::vector<LocalAddress> SystemHost::addresses() const {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, &freeifaddrs);
    std::vector<LocalAddress> result;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        const auto address = from_sockaddr(entry->ifa_addr);
        const auto netmask = from_sockaddr(entry->ifa_netmask);
        if (address && netmask) result.push_back({*address, *netmask});
    }
    return result;
}

std::vector<NodeAddress> SystemHost::resolve(const std::string& name, Family family) const {
    // getaddrinfo takes an empty name for "no name".
    if (name.empty()) return {};
    addrinfo hints{};
    hints.ai_family = address_family(family);
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_protocol = IPPROTO_UDP;
    addrinfo* list = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) return {};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &freeaddrinfo);
    std::vector<NodeAddress> result;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        if (const auto address = from_sockaddr(entry->ai_addr)) result.push_back(*address);
    }
    return result;
}

std::optional<std::string> SystemHost::reverse(const NodeAddress& address) const {
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (address.family == NodeAddress::kIpv4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        std::memcpy(&in.sin_addr, address.bytes.data(), sizeof in.sin_addr);
        std::memcpy(&storage, &in, length = sizeof in);
    } else {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        std::memcpy(&in.sin6_addr, address.bytes.data(), sizeof in.sin6_addr);
        std::memcpy(&storage, &in, length = sizeof in);
    }
    std::array<char, NI_MAXHOST> host{};
    const int error = getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, host.data(), host.size(),
                                  nullptr, 0, NI_NAMEREQD);
    return error == 0 ? std::optional<std::string>(host.data()) : std::nullopt;
}

std::optional<NodeAddress> resolve_one(const Host& host, const std::string& name, IpVersion version) {
    if (version == IpVersion::ipv4) return first_of(host.resolve(name, Family::ipv4), NodeAddress::kIpv4);
    if (version == IpVersion::ipv6) return first_of(host.resolve(name, Family::ipv6), NodeAddress::kIpv6);
    const auto all = host.resolve(name, Family::any);
    const bool prefer_ipv6 = version == IpVersion::ipv6_4;
    if (auto address = first_of(all, prefer_ipv6 ? NodeAddress::kIpv6 : NodeAddress::kIpv4)) return address;
    return first_of(all, prefer_ipv6 ? NodeAddress::kIpv4 : NodeAddress::kIpv6);
}

bool is_local(const std::vector<LocalAddress>& locals, const NodeAddress& address) {
    return std::any_of(locals.begin(), locals.end(),
                       [&](const LocalAddress& local) { return local.address.same_address(address); });
}

std::optional<NodeAddress> match_bind_address(const std::vector<LocalAddress>& locals, const NodeAddress& bindnetaddr) {
    if (is_local(locals, bindnetaddr)) return bindnetaddr;
    for (const LocalAddress& local : locals) {
        if (local.address.family == bindnetaddr.family && same_network(local, bindnetaddr)) return local.address;
    }
    return std::nullopt;
}

}  // namespace engine::config
