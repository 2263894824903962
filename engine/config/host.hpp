#pragma once
// What building a configuration asks of the machine: its name, its addresses, name resolution.
// Spec corosync-conf.md section 6.

#include <optional>
#include <string>
#include <vector>

#include "totem/wire/types.hpp"

namespace engine::config {

struct LocalAddress {
    totem::NodeAddress address;
    totem::NodeAddress netmask;  // same family
};

enum class Family : std::uint8_t { any, ipv4, ipv6 };

class Host {
public:
    virtual ~Host() = default;
    virtual std::string name() const = 0;  // uname's node name
    // Of all interfaces, those that are down too, in the system's order.
    virtual std::vector<LocalAddress> addresses() const = 0;
    // Host name or number, in the resolver's order; empty if there is no such address.
    virtual std::vector<totem::NodeAddress> resolve(const std::string& name, Family family) const = 0;
    virtual std::optional<std::string> reverse(const totem::NodeAddress& address) const = 0;
};

// The machine this runs on. Lookups of numbers need no name server.
class SystemHost final : public Host {
public:
    std::string name() const override;
    std::vector<LocalAddress> addresses() const override;
    std::vector<totem::NodeAddress> resolve(const std::string& name, Family family) const override;
    std::optional<std::string> reverse(const totem::NodeAddress& address) const override;
};

// totem.ip_version (section 6.3).
enum class IpVersion : std::uint8_t { ipv4, ipv6, ipv6_4, ipv4_6 };

// The one address a name stands for under that rule; nodeid 0.
std::optional<totem::NodeAddress> resolve_one(const Host& host, const std::string& name, IpVersion version);

// Is it one of the machine's own addresses?
bool is_local(const std::vector<LocalAddress>& locals, const totem::NodeAddress& address);

// The own address a bindnetaddr means: an exact match, else the first in the same network (section 6.1
// step 3).
std::optional<totem::NodeAddress> match_bind_address(const std::vector<LocalAddress>& locals,
                                                     const totem::NodeAddress& bindnetaddr);

}  // namespace engine::config
