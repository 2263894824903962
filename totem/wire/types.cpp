#include "totem/wire/types.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace totem {

namespace {

// Address bytes that mean something (section 3.1).
std::size_t significant_bytes(std::uint16_t family) {
    if (family == NodeAddress::kIpv4) return 4;
    if (family == NodeAddress::kIpv6) return 16;
    return 0;
}

int compare_bytes(const NodeAddress& a, const NodeAddress& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), significant_bytes(a.family));
}

template <typename Number>
std::string digits(Number value, int base) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, base).ptr;
    return std::string(buffer, end);
}

}  // namespace

std::string NodeAddress::text() const {
    if (family != kIpv4 && family != kIpv6) return {};
    static_assert(kIpv4 == AF_INET && kIpv6 == AF_INET6);
    char buffer[INET6_ADDRSTRLEN];
    return inet_ntop(family, bytes.data(), buffer, sizeof buffer) ? buffer : std::string{};
}

std::strong_ordering Identity::operator<=>(const Identity& other) const {
    const NodeAddress& mine = addr[0];
    const NodeAddress& theirs = other.addr[0];
    if (mine.family != theirs.family) return mine.family <=> theirs.family;
    if (mine.family == NodeAddress::kUnused) return nodeid <=> other.nodeid;
    return compare_bytes(mine, theirs) <=> 0;
}

std::string Identity::text() const {
    return addr[0].family == NodeAddress::kUnused ? digits(nodeid, 10) : addr[0].text();
}

std::string RingId::text(Dialect dialect) const {
    if (dialect == Dialect::v2) return rep.text() + ":" + digits(seq, 10);
    return digits(rep.nodeid, 16) + "." + digits(seq, 16);
}

}  // namespace totem
