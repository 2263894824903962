#pragma once
// What corosync.conf says about names and places. A file that is missing or wrong says nothing.

#include <map>
#include <string>

#include "engine/why/text.hpp"

namespace tools::why {

struct Cluster {
    std::map<engine::why::NodeId, std::string> names;
    std::string state_directory = "/var/lib/corosync";

    engine::why::Names naming() const;  // "node NAME", else "node ID"; refers to this object
};

Cluster read_cluster(const std::string& path = "/etc/corosync/corosync.conf");

}  // namespace tools::why
