#pragma once
// From arguments to addresses: which is this host's, which are the others', and which IP version they all speak. Spec
// omping.md section 2. A function of values; looking up is done by net.

#include <optional>
#include <string>
#include <vector>

#include "tools/omping/address.hpp"
#include "tools/omping/node.hpp"
#include "tools/omping/options.hpp"

namespace tools::omping {

// One address of an interface of this host.
struct Interface {
    std::string name;
    unsigned index = 0;
    Address address;
    unsigned prefix = 0;  // bits
    bool up = false, loopback = false, multicast = false, broadcast = false;
    std::optional<Address> broadcast_address;
    unsigned mtu = 0;
};

struct Argument {
    std::string text;
    std::vector<Address> addresses;  // in the resolver's order, at least one
};

struct Selection {
    Interface local;
    std::string local_name;  // as it was written
    std::vector<Remote> remotes;
    std::size_t position = 0;  // of the local host among all, in the order of the arguments
    bool single = false;       // this host alone: it pings itself
    Address group;             // or the broadcast address
};

// `group`: what -m stands for; empty for the default. Throws Failure.
Selection select_hosts(const Options& options, const std::vector<Argument>& hosts, const std::optional<Argument>& group,
                       const std::vector<Interface>& interfaces);

}  // namespace tools::omping
