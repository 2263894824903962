#pragma once
// What keeps the quorum service from starting. Spec corosync-conf.md section 7.

#include <optional>
#include <string>

#include "engine/config/cluster_config.hpp"

namespace engine::config {

// The reason as it is logged, nullopt if the service can start. Not part of build(): corosync checks it
// when the service loads (exit code 20), and not with -t.
std::optional<std::string> quorum_violation(const ClusterConfig& config);

}  // namespace engine::config
