#include "cfs/daemon/identity.hpp"

#include <grp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace cfs::daemon {
namespace {

std::optional<std::string> node_name() {
    utsname names{};
    if (::uname(&names) != 0) return std::nullopt;
    std::string name(static_cast<const char*>(names.nodename));
    name.resize(std::min(name.find('.'), name.size()));
    if (name.empty()) return std::nullopt;
    return name;
}

// The first that the resolver has; a loopback address counts as none.
std::optional<std::string> address_of(const std::string& node) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(node.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
        return std::nullopt;
    std::string address(text.data());
    if (address.starts_with("127.") || address == "::1") return std::nullopt;
    return address;
}

}  // namespace

Or<Identity> find_identity() {
    Identity identity;
    const auto node = node_name();
    if (!node) return Failure{"Unable to read local node name"};
    identity.node = *node;
    const auto address = address_of(identity.node);
    if (!address) return Failure{"Unable to get local IP address"};
    identity.address = *address;
    const group* const www_data = ::getgrnam("www-data");
    if (!www_data) return Failure{"Unable to get www-data group ID"};
    identity.group = www_data->gr_gid;
    return identity;
}

}  // namespace cfs::daemon
