#include "tools/cfgtool/status.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tools::cfgtool {
namespace {

using Node = corosync_cfg_node_status_v1;
using Link = corosync_knet_link_status_v1;

std::string protocol_of(const ClusterStatus& status, unsigned link) {
    const auto found = status.protocols.find(link);
    return found == status.protocols.end() ? std::string() : found->second;
}

std::string brief_line(const ClusterStatus& status, unsigned link) {
    std::string marks;
    for (const Node& node : status.nodes) {
        const Link& state = node.link_status[link];
        marks += node.nodeid == status.local ? 'n' : static_cast<char>('0' + (state.enabled | state.connected << 1));
    }
    return fmt::format("\tstatus\t= {}\n", marks);
}

std::string long_lines(const ClusterStatus& status, unsigned link) {
    std::string text = "\tstatus:\n";
    for (const Node& node : status.nodes) {
        const char* state = node.link_status[link].connected != 0 ? "connected" : "disconnected";
        if (node.nodeid == status.local) state = "localhost";
        text += fmt::format("\t\tnodeid: {:>10}:\t{}\n", node.nodeid, state);
    }
    return text;
}

}  // namespace

std::string links_text(const ClusterStatus& status, bool brief) {
    std::string text;
    for (unsigned link = 0; link < CFG_MAX_LINKS; ++link) {
        // The address is what the last remote node with this link reports, as in the original: with knet that is the
        // local end of the link, with udp(u) the remote node's address.
        const Node* last = nullptr;
        for (const Node& node : status.nodes) {
            if (node.link_status[link].enabled == 0) continue;
            if (last == nullptr || node.nodeid != status.local) last = &node;
        }
        if (last == nullptr) continue;
        text += fmt::format("LINK ID {} {}\n\taddr\t= {}\n", link, protocol_of(status, link),
                            &last->link_status[link].src_ipaddr[0]);
        text += brief ? brief_line(status, link) : long_lines(status, link);
    }
    return text;
}

std::string nodes_text(const ClusterStatus& status) {
    std::string text;
    for (const Node& node : status.nodes) {
        if (node.nodeid == status.local || node.reachable == 0) continue;
        text += fmt::format("nodeid: {} reachable{}{}\n", node.nodeid, node.remote != 0 ? " remote" : "",
                            node.external != 0 ? " external" : "");
        for (unsigned i = 0; i < CFG_MAX_LINKS; ++i) {
            const Link& link = node.link_status[i];
            if (link.enabled == 0) continue;
            text += fmt::format("   LINK: {} {} ({}{}{}) enabled{}{} mtu: {}\n", i, protocol_of(status, i),
                                &link.src_ipaddr[0], link.dst_ipaddr[0] != '\0' ? "->" : "", &link.dst_ipaddr[0],
                                link.connected != 0 ? " connected" : "", link.dynconnected != 0 ? " dynconnected" : "",
                                link.mtu);
        }
        text += "\n";
    }
    return text;
}

nlohmann::json json_of(const ClusterStatus& status) {
    nlohmann::json nodes = nlohmann::json::array();
    for (const Node& node : status.nodes) {
        nlohmann::json links = nlohmann::json::array();
        for (unsigned i = 0; i < CFG_MAX_LINKS; ++i) {
            const Link& link = node.link_status[i];
            if (link.enabled == 0) continue;
            links.push_back({{"id", i},
                             {"protocol", protocol_of(status, i)},
                             {"enabled", true},
                             {"connected", link.connected != 0},
                             {"dynconnected", link.dynconnected != 0},
                             {"mtu", link.mtu},
                             {"source", &link.src_ipaddr[0]},
                             {"destination", &link.dst_ipaddr[0]}});
        }
        nodes.push_back({{"nodeid", node.nodeid},
                         {"local", node.nodeid == status.local},
                         {"reachable", node.reachable != 0},
                         {"remote", node.remote != 0},
                         {"external", node.external != 0},
                         {"links", links}});
    }
    return {{"local_nodeid", status.local}, {"transport", status.transport}, {"nodes", nodes}};
}

}  // namespace tools::cfgtool
