#include "engine/config/quorum.hpp"

namespace engine::config {

std::optional<std::string> quorum_violation(const ClusterConfig& config) {
    if (config.quorum.provider.empty()) return std::nullopt;
    if (config.quorum.provider != "corosync_votequorum") return "Invalid quorum provider";
    if (!config.local_node && !config.quorum.expected_votes) {
        return "configuration error: nodelist or quorum.expected_votes must be configured!";
    }
    return std::nullopt;
}

}  // namespace engine::config
