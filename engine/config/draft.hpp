#pragma once
// A configuration while it is being built: the result so far and what only its validation needs.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/host.hpp"
#include "engine/config/nodelist.hpp"

namespace engine::config {

struct Draft {
    cmap::Map& map;
    const Host& host;
    std::vector<std::string>& warnings;

    ClusterConfig config{};
    IpVersion ip_version = IpVersion::ipv4;
    std::vector<ListedNode> listed{};
    // 3.1: nobody in the list is us. Reported by validation, after the missing of all interfaces.
    bool local_name_missing = false;
    // Node ids that were generated, with the address they come from.
    std::map<std::size_t, std::string> generated{};
    std::optional<unsigned> links{};  // of the local node in the list; 3.1

    totem::Dialect dialect() const { return config.dialect; }
    bool v3() const { return config.dialect == totem::Dialect::v3; }
    bool udp() const { return config.transport == Transport::udp; }
};

}  // namespace engine::config
