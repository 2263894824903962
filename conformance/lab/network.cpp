#include "conformance/lab/network.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "conformance/lab/process.hpp"

namespace lab {

namespace {

constexpr milliseconds tool_limit{20000};

void run_tool(const ProcessId& host, const Arguments& command, const std::string& input) {
    const auto finished = run_in(HostEntry(host), Inside::network, command, tool_limit, input);
    if (finished.status != 0) {
        throw LabError(fmt::format("'{}' failed with {}: {}", join(command), finished.status, finished.err));
    }
}

void set_ipv6_ready(const ProcessId& host) {
    // Addresses are usable at once instead of after duplicate address detection.
    run_tool(host, {"sysctl", "-q", "-w", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"}, {});
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        ++found;
    }
    return found;
}

// A port forwards some time after its link was set up; packets before that are lost.
void wait_for_ports(const ProcessId& hub, std::size_t ports) {
    const HostEntry entry(hub);
    const bool ready = wait_until(milliseconds(10000), [&] {
        return count(run_in(entry, Inside::network, {"bridge", "link"}, tool_limit).out, "state forwarding") == ports;
    });
    if (!ready) throw LabError("the ports of the bridge do not begin to forward");
}

}  // namespace

std::string bridge_name(unsigned ring) {
    return fmt::format("br{}", ring);
}

std::string interface_name(unsigned ring) {
    return fmt::format("eth{}", ring);
}

namespace {

void build_network(const ProcessId& hub, const std::vector<ProcessId>& nodes, unsigned ring) {
    const auto bridge = bridge_name(ring), interface = interface_name(ring);
    std::string script = fmt::format(
        "link set lo up\n"
        "link add {0} type bridge mcast_snooping 0 stp_state 0 forward_delay 0\n"
        "link set {0} up\n",
        bridge);
    for (unsigned node = 1; node <= nodes.size(); ++node) {
        script += fmt::format(
            "link add port{0}-{1} type veth peer name {2} address {3} netns {4}\n"
            "link set port{0}-{1} master {5} up\n",
            ring, node, interface, node_link_address(node, ring), nodes[node - 1].pid, bridge);
    }
    run_tool(hub, {"ip", "-batch", "-"}, script);
    for (unsigned node = 1; node <= nodes.size(); ++node) {
        run_tool(
            nodes[node - 1], {"ip", "-batch", "-"},
            fmt::format("link set lo up\n"
                        "link set {0} up\n"
                        "addr add {1}/24 dev {0}\n"
                        "addr add {2}/64 dev {0} nodad\n",
                        interface, node_address(node, Family::ipv4, ring), node_address(node, Family::ipv6, ring)));
    }
}

std::string rules_of(const Reception& reception, unsigned ring) {
    std::string rules;
    for (const auto other : reception.cut) {
        rules += fmt::format("        ether saddr {} drop\n", node_link_address(other, ring));
    }
    // nft takes no comparison that is always true.
    if (reception.loss >= 1) {
        rules += "        meta l4proto udp drop\n";
    } else if (reception.loss > 0) {
        const auto millionths = std::clamp(std::lround(reception.loss * 1000000), 1l, 999999l);
        rules += fmt::format("        meta l4proto udp numgen random mod 1000000 < {} drop\n", millionths);
    }
    return rules;
}

}  // namespace

void build_networks(const ProcessId& hub, const std::vector<ProcessId>& nodes, unsigned rings) {
    for (const auto& node : nodes)
        set_ipv6_ready(node);
    for (unsigned ring = 0; ring < rings; ++ring)
        build_network(hub, nodes, ring);
    for (const auto& node : nodes)
        run_tool(node, {"ip", "-batch", "-"}, fmt::format("route add 224.0.0.0/4 dev {}\n", interface_name(0)));
    wait_for_ports(hub, nodes.size() * rings);
}

void set_reception(const ProcessId& node, const Receptions& receptions, unsigned rings) {
    std::string chains;
    for (unsigned ring = 0; ring < rings; ++ring) {
        chains += fmt::format(
            "    chain received{0} {{\n"
            "        type filter hook ingress device {1} priority 0;\n"
            "        ether type arp accept\n"
            "        icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept\n"
            "{2}"
            "    }}\n",
            ring, interface_name(ring), rules_of(receptions[ring], ring));
    }
    // One transaction: the table is there, is removed, is made anew.
    run_tool(node, {"nft", "-f", "-"},
             fmt::format("table netdev lab {{\n}}\n"
                         "delete table netdev lab\n"
                         "table netdev lab {{\n{}}}\n",
                         chains));
}

}  // namespace lab
