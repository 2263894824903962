#include "pvecm/host/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <memory>

#include "pvecm/error.hpp"

namespace pvecm {
namespace {

std::string numeric(const sockaddr* address) {
    const socklen_t length = address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(address, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
    std::string result = text.data();
    return result.substr(0, result.find('%'));  // without the interface of a link-local one
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1";
}

// Network byte order; the length is that of the family, 0 if it is no address.
std::string bytes_of(const std::string& address) {
    std::string bytes(sizeof(in6_addr), '\0');
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return bytes.substr(0, sizeof(in_addr));
    return ::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 ? bytes : std::string();
}

}  // namespace

std::string short_host_name() {
    utsname names{};
    ::uname(&names);
    const std::string name = static_cast<const char*>(names.nodename);
    return name.substr(0, name.find('.'));
}

std::vector<std::string> resolve(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
    if (error != 0)
        throw Error(fmt::format("hostname lookup '{0}' failed - failed to get address info for: {0}: {1}", name,
                                ::gai_strerror(error)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::vector<std::string> result;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
        result.push_back(numeric(each->ai_addr));
    return result;
}

std::string resolve_node(const std::string& name) {
    const auto found = resolve(name);
    const auto first = std::find_if_not(found.begin(), found.end(), is_loopback);
    if (first == found.end())
        throw Error(fmt::format("hostname lookup '{}' failed - got local IP address '{}'", name, found.front()));
    return *first;
}

std::vector<LocalAddress> local_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    std::vector<LocalAddress> result;
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) continue;
        if (each->ifa_addr->sa_family != AF_INET && each->ifa_addr->sa_family != AF_INET6) continue;
        result.push_back({.address = numeric(each->ifa_addr), .up = (each->ifa_flags & IFF_UP) != 0});
    }
    return result;
}

bool in_network(const std::string& address, const std::string& cidr) {
    const auto slash = cidr.find('/');
    const std::string own = bytes_of(address), network = bytes_of(cidr.substr(0, slash));
    if (own.empty() || own.size() != network.size() || slash == std::string::npos) return false;
    const int prefix = std::stoi(cidr.substr(slash + 1));
    for (int bit = 0; bit < prefix; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const int mask = 0x80 >> (bit % 8);
        if (((own[byte] ^ network[byte]) & mask) != 0) return false;
    }
    return true;
}

}  // namespace pvecm
