#include "tools/omping/lookup.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>

#include "tools/omping/socket_address.hpp"

namespace tools::omping {
namespace {

unsigned mtu_of(const char* name) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    ifreq request{};
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    const bool known = ioctl(fd, SIOCGIFMTU, &request) == 0;
    close(fd);
    return known ? static_cast<unsigned>(request.ifr_mtu) : 0;
}

unsigned prefix_of(const sockaddr* mask) {
    unsigned bits = 0;
    if (mask == nullptr) return bits;
    for (const std::uint8_t byte : address_bytes(address_from(*mask)))
        bits += static_cast<unsigned>(std::popcount(byte));
    return bits;
}

}  // namespace

Argument look_up(const std::string& text, int version) {
    addrinfo hints{};
    hints.ai_family = version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(text.c_str(), nullptr, &hints, &found); error != 0) {
        const char* reason = error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error);
        throw Failure(fmt::format("Can't get addr info for {}: {}", text, reason));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    Argument out{text, {}};
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (each->ai_family == AF_INET || each->ai_family == AF_INET6) {
            out.addresses.push_back(address_from(*each->ai_addr));
        }
    }
    if (out.addresses.empty()) throw Failure(fmt::format("Can't get addr info for {}: no address", text));
    return out;
}

std::vector<Interface> list_interfaces() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) throw Failure(fmt::format("Can't list interfaces: {}", std::strerror(errno)));
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
    std::vector<Interface> out;
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) continue;
        const int family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        const auto has = [&](unsigned flag) { return (each->ifa_flags & flag) != 0; };
        Interface interface;
        interface.name = each->ifa_name;
        interface.address = address_from(*each->ifa_addr);
        // A label (eth0:1) is no interface of its own.
        const std::string device = interface.name.substr(0, interface.name.find(':'));
        interface.index = if_nametoindex(device.c_str());
        interface.prefix = prefix_of(each->ifa_netmask);
        interface.up = has(IFF_UP);
        interface.loopback = has(IFF_LOOPBACK);
        interface.multicast = has(IFF_MULTICAST);
        interface.broadcast = has(IFF_BROADCAST);
        // Without a configured one the kernel names the address itself, or none.
        if (interface.broadcast && family == AF_INET && each->ifa_broadaddr != nullptr) {
            const Address broadcast = address_from(*each->ifa_broadaddr);
            if (!broadcast.is_unspecified() && broadcast != interface.address) {
                interface.broadcast_address = broadcast;
            }
        }
        interface.mtu = mtu_of(device.c_str());
        out.push_back(std::move(interface));
    }
    return out;
}

}  // namespace tools::omping
