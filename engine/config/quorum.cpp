#include "engine/config/quorum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/config/nodelist.hpp"

namespace engine::config {
namespace {

std::optional<vote::Keys::NodeList> node_list(const cmap::Map& map, totem::Dialect dialect) {
    const auto own = map.get_number<std::uint32_t>("nodelist.local_node_pos");
    if (!own) return std::nullopt;
    vote::Keys::NodeList out;
    std::uint64_t sum = 0;
    for (const ListedNode& node : listed_nodes(map, 0)) {
        // 2.x counts entries by their first address, 3.x every position.
        const bool addressed = map.contains(fmt::format("nodelist.node.{}.ring0_addr", node.position));
        if (dialect == totem::Dialect::v2 && !addressed) continue;
        sum += node.quorum_votes;
        ++out.nodes;
        if (node.position == *own) out.own_votes = node.quorum_votes;
    }
    out.votes_sum = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
    return out;
}

}  // namespace

vote::Keys quorum_keys(const cmap::Map& map, totem::Dialect dialect) {
    const auto number = [&](const char* key) { return map.get_number<std::uint32_t>(fmt::format("quorum.{}", key)); };
    const auto byte = [&](const char* key) { return map.get_number<std::uint8_t>(fmt::format("quorum.{}", key)); };
    const auto on = [&](const char* key) { return byte(key).value_or(0) != 0; };
    vote::Keys out;
    out.nodelist = node_list(map, dialect);
    out.expected_votes = number("expected_votes");
    out.votes = number("votes");
    out.two_node = on("two_node");
    if (byte("wait_for_all")) out.wait_for_all = on("wait_for_all");
    out.last_man_standing = on("last_man_standing");
    out.last_man_standing_window = number("last_man_standing_window").value_or(out.last_man_standing_window);
    out.auto_tie_breaker = on("auto_tie_breaker");
    out.auto_tie_breaker_node = map.get_string("quorum.auto_tie_breaker_node").value_or(out.auto_tie_breaker_node);
    out.allow_downscale = on("allow_downscale");
    out.expected_votes_tracking = on("expected_votes_tracking");
    out.device_model = map.get_string("quorum.device.model").value_or("");
    out.device_votes = number("device.votes");
    out.device_timeout = number("device.timeout").value_or(out.device_timeout);
    out.device_sync_timeout = number("device.sync_timeout").value_or(out.device_sync_timeout);
    return out;
}

Quorum read_quorum(const cmap::Map& map, totem::Dialect dialect) {
    return {map.get_string("quorum.provider").value_or(""), quorum_keys(map, dialect)};
}

std::optional<std::string> quorum_violation(const ClusterConfig& config) {
    if (config.quorum.provider.empty()) return std::nullopt;
    if (config.quorum.provider != "corosync_votequorum") return "Invalid quorum provider";
    return vote::read(config.quorum.keys).failure;
}

void make_quorum_read_only(cmap::Map& map) {
    for (const char* key : {"allow_downscale", "wait_for_all", "last_man_standing", "last_man_standing_window",
                            "expected_votes_tracking", "auto_tie_breaker", "auto_tie_breaker_node"}) {
        map.make_read_only(fmt::format("quorum.{}", key), cmap::Scope::exact);
    }
}

}  // namespace engine::config
