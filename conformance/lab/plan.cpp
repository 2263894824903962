#include "conformance/lab/plan.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace lab {

std::string to_string(Transport transport) {
    return transport == Transport::udp ? "udp" : "udpu";
}

Transport parse_transport(const std::string& text) {
    if (text == "udp") return Transport::udp;
    if (text == "udpu") return Transport::udpu;
    throw LabError("unknown transport '" + text + "': it is udp (multicast) or udpu (unicast)");
}

std::string to_string(Family family) {
    return family == Family::ipv4 ? "ipv4" : "ipv6";
}

Family parse_family(const std::string& text) {
    if (text == "ipv4") return Family::ipv4;
    if (text == "ipv6") return Family::ipv6;
    throw LabError("unknown address family '" + text + "': it is ipv4 or ipv6");
}

std::string node_name(unsigned node) {
    return fmt::format("node{}", node);
}

std::string node_address(unsigned node, Family family, unsigned ring) {
    return family == Family::ipv4 ? fmt::format("10.{}.0.{}", 77 + ring, node)
                                  : fmt::format("fd{}::{:x}", 77 + ring, node);
}

std::string node_link_address(unsigned node, unsigned ring) {
    return fmt::format("02:{}:00:00:00:{:02x}", 77 + ring, node);
}

namespace {

std::string node_section(unsigned node, const Plan& plan) {
    std::string text = "    node {\n";
    for (unsigned ring = 0; ring < plan.rings; ++ring)
        text += fmt::format("        ring{}_addr: {}\n", ring, node_address(node, plan.family, ring));
    return text + fmt::format("        nodeid: {}\n        name: {}\n    }}\n", node, node_name(node));
}

}  // namespace

void add_totem_keys(Plan& plan, std::string_view pairs) {
    while (!pairs.empty()) {
        const auto comma = std::min(pairs.find(','), pairs.size());
        const auto pair = pairs.substr(0, comma);
        const auto equals = pair.find('=');
        if (equals == 0 || equals == std::string_view::npos || equals + 1 == pair.size())
            throw LabError(fmt::format("'{}' is no key of the totem section with its value, such as offload=no", pair));
        plan.totem.emplace(pair.substr(0, equals), pair.substr(equals + 1));
        pairs.remove_prefix(std::min(comma + 1, pairs.size()));
    }
}

std::string make_configuration(const Plan& plan) {
    if (plan.configuration) return *plan.configuration;
    const auto dialect = plan.totem.find("dialect");
    const bool second = plan.rings > 1 || std::count(plan.nodes.begin(), plan.nodes.end(), DaemonKind::corosync2) > 0 ||
                        (dialect != plan.totem.end() && dialect->second == "2.x");
    std::map<std::string, std::string> totem = {{"version", "2"},
                                                {"cluster_name", plan.cluster_name},
                                                {"transport", to_string(plan.transport)},
                                                {"ip_version", to_string(plan.family)}};
    // Ours must know whom they meet, real ones do not read the key; and 2.x protects packets unless told not to.
    if (second) totem["dialect"] = "2.x";
    if (second) totem["secauth"] = "off";
    if (plan.rings > 1) totem["rrp_mode"] = "passive";
    for (const auto& [key, value] : plan.totem) {
        totem[key] = value;
    }
    std::string text = "totem {\n";
    for (const auto& [key, value] : totem) {
        text += fmt::format("    {}: {}\n", key, value);
    }
    text += "}\nnodelist {\n";
    for (unsigned node = 1; node <= plan.nodes.size(); ++node) {
        text += node_section(node, plan);
    }
    text += "}\n";
    if (plan.votequorum) text += "quorum {\n    provider: corosync_votequorum\n}\n";
    text += fmt::format(
        "logging {{\n    to_stderr: yes\n    to_syslog: no\n    to_logfile: no\n    timestamp: {}\n    debug: {}\n}}\n",
        second ? "on" : "hires", plan.debug ? "on" : "off");
    if (!plan.real_time && !second) text += "system {\n    sched_rr: no\n}\n";
    return text + plan.further_sections;
}

}  // namespace lab
