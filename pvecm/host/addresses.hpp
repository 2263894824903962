#pragma once
// Names and addresses of this machine. Spec pvecm.md sections 3.1, 6.1 and 12.

#include <string>
#include <vector>

namespace pvecm {

std::string short_host_name();

// What the resolver has for a name, numbers, in its order. Throws Error in pve-cluster's words.
std::vector<std::string> resolve(const std::string& name);
// The first that is no loopback address. Throws Error.
std::string resolve_node(const std::string& name);

// The addresses of all interfaces, in the kernel's order.
struct LocalAddress {
    std::string address;
    bool up = false;
};
std::vector<LocalAddress> local_addresses();
bool in_network(const std::string& address, const std::string& cidr);

}  // namespace pvecm
