#include "engine/config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/error.hpp"
#include "engine/config/rrp.hpp"
#include "totem/srp/parameters.hpp"

namespace engine::config {
namespace {

using totem::NodeAddress;

// 3.1 says which interface: "No multicast port specified for interface 0".
Error interface_error(const Draft& draft, const Interface& interface, std::string text) {
    if (!draft.v3()) return validation_error(text);
    if (text.ends_with('.')) text.pop_back();
    return validation_error(fmt::format("{} for interface {}", text, interface.ring));
}

bool multicast(const NodeAddress& address) {
    if (address.family == NodeAddress::kIpv4) return (address.bytes[0] & 0xF0U) == 0xE0U;
    return address.bytes[0] == 0xFF;
}

void check_group(const Draft& draft, const Interface& interface) {
    if (!draft.udp() || interface.broadcast) return;
    if (interface.bindnetaddr.family != interface.group.family) {
        throw interface_error(draft, interface, "Multicast address family does not match bind address family");
    }
    if (!multicast(interface.group)) {
        throw interface_error(draft, interface, "mcastaddr is not a correct multicast address.");
    }
}

void check_interface(const Draft& draft, const Interface& interface) {
    if (draft.udp() && interface.group.family == NodeAddress::kUnused) {
        throw interface_error(draft, interface, "No multicast address specified");
    }
    if (interface.port == 0) throw interface_error(draft, interface, "No multicast port specified");
    if (interface.ttl != 1 && !draft.udp()) {
        throw interface_error(draft, interface, "Can only set ttl on multicast transport types");
    }
    if (interface.bindnetaddr.family == NodeAddress::kIpv6 && draft.config.local_nodeid == 0) {
        throw interface_error(draft, interface, "An IPV6 network requires that a node ID be specified.");
    }
    check_group(draft, interface);
    const auto priority =
        draft.map.get_number<std::uint8_t>(fmt::format("totem.interface.{}.knet_link_priority", interface.ring));
    if (draft.v3() && priority.value_or(1) != 1) {
        throw interface_error(draft, interface, "Can only set link priority on knet transport type");
    }
}

void check_rings_together(const Draft& draft) {
    const auto& interfaces = draft.config.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        for (std::size_t j = i + 1; j < interfaces.size(); ++j) {
            const Interface &a = interfaces[i], &b = interfaces[j];
            if (a.bindnetaddr.family != b.bindnetaddr.family) {
                throw validation_error("Not all bind address belong to the same IP family");
            }
            const int distance = int{a.port} - int{b.port};
            if (draft.udp() && a.group.same_address(b.group) && distance >= -1 && distance <= 1) {
                throw validation_error("Interfaces multicast address/port pair must differ");
            }
        }
    }
}

void check_rrp(const Draft& draft) {
    for (std::size_t i = 0; i < draft.config.interfaces.size(); ++i) {
        if (draft.config.interfaces[i].ring == i) continue;
        throw validation_error(fmt::format("Interface {} has no bind address: ring numbers must start at 0.", i));
    }
    if (const auto text = rrp_violation(draft.config.rrp_parameters)) throw validation_error(*text);
    const std::size_t rings = draft.config.interfaces.size();
    if (read_rrp_mode(draft.map) != totem::rrp::Mode::none || rings <= 1) return;
    throw validation_error(fmt::format("{} is too many configured interfaces for the rrp_mode setting none.", rings));
}

void check_links(const Draft& draft) {
    const std::size_t links = draft.config.interfaces.size();
    if (links > 1 && std::any_of(draft.listed.begin(), draft.listed.end(),
                                 [](const ListedNode& node) { return node.name.empty(); })) {
        throw validation_error("for a multi-link configuration, all nodes must have a 'name' attribute");
    }
    if (std::any_of(draft.listed.begin(), draft.listed.end(),
                    [&](const ListedNode& node) { return node.links() != draft.links; })) {
        throw validation_error("Not all nodes have the same number of links");
    }
    for (std::size_t link = 0; link < links; ++link) {
        const auto& members = draft.config.interfaces[link].members;
        for (std::size_t i = 1; i < members.size(); ++i) {
            if (members[i].family == members[0].family) continue;
            throw validation_error(fmt::format("Nodes for link {} have different IP families (compared {} with {})",
                                               draft.config.interfaces[link].ring, members[i].text(),
                                               members[0].text()));
        }
    }
}

void check_link_mode(const Draft& draft) {
    const std::string mode = draft.map.get_string("totem.link_mode").value_or("passive");
    if (mode == "active" || mode == "passive" || mode == "rr") return;
    throw validation_error(
        fmt::format("The Knet link mode \"{}\" specified is invalid.  It must be active, passive or rr.", mode));
}

// Each sender has its place, and its own packets are known by its id.
void check_native(const Draft& draft) {
    const ClusterConfig& config = draft.config;
    if (!config.protection.native) return;
    const bool numbered =
        std::all_of(config.nodes.begin(), config.nodes.end(), [](const Node& node) { return node.nodeid != 0; });
    if (config.local_node && numbered) return;
    throw validation_error(
        fmt::format("crypto_cipher {} needs a nodelist with a nodeid for every node, this one among them.",
                    name_of(*config.protection.native)));
}

}  // namespace

void validate(const Draft& draft) {
    const ClusterConfig& config = draft.config;
    // With a list that does not have us, what interfaces there are says nothing.
    if (config.interfaces.empty() && (draft.listed.empty() || !draft.v3())) {
        throw validation_error("No interfaces defined");
    }
    if (draft.local_name_missing) throw validation_error("No valid name found for local host");
    if (config.interfaces.empty()) throw validation_error("No interfaces defined");
    if (draft.map.get_number<std::uint32_t>("totem.version") != 2U) {
        throw validation_error("This totem parser can only parse version 2 configurations.");
    }
    if (draft.v3()) check_links(draft);
    for (const Interface& interface : config.interfaces)
        check_interface(draft, interface);
    if (!draft.v3()) check_rings_together(draft);
    check_native(draft);
    if (const auto text = totem::srp::violation(config.parameters, config.settings, config.dialect)) {
        throw validation_error(*text);
    }
    if (!draft.v3()) {
        check_rrp(draft);
        return;
    }
    check_link_mode(draft);
    if (config.interfaces.size() > 1) {
        throw validation_error(
            fmt::format("{} is too many configured interfaces for non-Knet transport.", config.interfaces.size()));
    }
    if (config.protection.enabled() && !config.protection.native) {
        throw validation_error("crypto_cipher & crypto_hash are only valid for the Knet transport.");
    }
}

}  // namespace engine::config
