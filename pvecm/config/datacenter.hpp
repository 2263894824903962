#pragma once
// The cluster-wide settings, datacenter.cfg, and those of one node. Spec pvecm.md sections 17 and 18.1.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvecm::config {

struct Migration {
    std::string type;  // secure or insecure
    std::optional<std::string> network;
};

struct Datacenter {
    std::optional<Migration> migration;    // also what the deprecated migration_unsecure says
    std::optional<Migration> replication;  // pve-cluster 9
    std::optional<long> max_workers;

    // Sentences about settings that are wrong, and so without effect.
    std::vector<std::string> wrong;
    // About those that belong to other programs: nobody here knows what they may be.
    std::vector<std::string> unknown;
};

Datacenter read_datacenter(std::string_view text);

// Seconds a node waits at boot before it starts guests, of its own configuration. What is wrong with it is added to
// `warnings`.
long start_delay(std::string_view node_config, std::vector<std::string>& warnings);

}  // namespace pvecm::config
