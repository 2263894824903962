#pragma once
// What the cluster that is to run here will use: group, port, timeouts, packet size.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/omping/options.hpp"

namespace tools::omping::qualify {

struct Cluster {
    std::string source;  // where this is from, for the report
    std::string name;
    std::string group;  // empty: omping's default
    std::optional<std::uint16_t> port;
    std::vector<std::string> hosts;
    bool broadcast = false;
    bool needs_group = true;  // false for a cluster that talks unicast alone
    std::optional<std::uint32_t> token_ms;
    std::uint32_t netmtu = 1500, window = 50;
};

// Of --cluster, --conf, --netmtu and --token. Throws Failure.
Cluster find_cluster(const QualifyOptions& options, bool ipv6);
// Fills in what the command line leaves open.
void apply(const Cluster& cluster, Options& options);

// Token timeout of a node list of this length with the defaults of corosync 2.
std::uint32_t default_token_ms(std::size_t nodes);

}  // namespace tools::omping::qualify
