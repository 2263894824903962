#pragma once
// The links of a node as text and JSON. Spec corosync-conf.md section 15.2.

#include <corosync/cfg.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tools::cfgtool {

struct ClusterStatus {
    std::uint32_t local = 0;
    std::string transport;
    std::map<unsigned, std::string> protocols;       // of links that name one
    std::vector<corosync_cfg_node_status_v1> nodes;  // ascending node ids, the local one too
};

std::string links_text(const ClusterStatus& status, bool brief);
std::string nodes_text(const ClusterStatus& status);
// {"local_nodeid", "transport", "nodes": [{"nodeid", "local", "reachable", "remote", "external", "links": [{"id",
// "protocol", "enabled", "connected", "dynconnected", "mtu", "source", "destination"}]}]}, enabled links only.
nlohmann::json json_of(const ClusterStatus& status);

}  // namespace tools::cfgtool
