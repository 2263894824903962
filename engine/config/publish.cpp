#include "engine/config/publish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace engine::config {
namespace {

using totem::Dialect;

std::uint32_t configured(const cmap::Map& map, std::string_view key, std::uint32_t fallback) {
    const auto value = map.get_number<std::uint32_t>(fmt::format("totem.{}", key)).value_or(0);
    return value != 0 ? value : fallback;
}

void publish(cmap::Map& map, std::string_view key, cmap::Value value) {
    map.set(fmt::format("runtime.config.totem.{}", key), std::move(value));
}

void publish_common(const ClusterConfig& config, cmap::Map& map) {
    const totem::srp::Parameters& p = config.parameters;
    publish(map, "token", p.token);
    publish(map, "token_retransmit", p.token_retransmit);
    publish(map, "token_retransmits_before_loss_const", p.token_retransmits_before_loss_const);
    publish(map, "hold", p.hold);
    publish(map, "join", p.join);
    publish(map, "send_join", p.send_join);
    publish(map, "consensus", p.consensus);
    publish(map, "merge", p.merge);
    publish(map, "downcheck", p.downcheck);
    publish(map, "fail_recv_const", p.fail_recv_const);
    publish(map, "seqno_unchanged_const", p.seqno_unchanged_const);
    publish(map, "heartbeat_failures_allowed", p.heartbeat_failures_allowed);
    publish(map, "max_network_delay", p.max_network_delay);
    publish(map, "window_size", p.window_size);
    publish(map, "max_messages", p.max_messages);
    publish(map, "miss_count_const", p.miss_count_const);
    publish(map, "block_unlisted_ips", std::uint32_t{config.block_unlisted_ips});
    publish(map, "cancel_token_hold_on_retransmit", std::uint32_t{p.cancel_token_hold_on_retransmit});
}

void publish_v2(const ClusterConfig& config, cmap::Map& map) {
    const totem::rrp::Parameters& p = config.rrp_parameters;
    publish(map, "rrp_problem_count_timeout", p.problem_count_timeout);
    publish(map, "rrp_problem_count_threshold", p.problem_count_threshold);
    publish(map, "rrp_problem_count_mcast_threshold", p.problem_count_mcast_threshold);
    publish(map, "rrp_token_expired_timeout", p.token_expired_timeout);
    publish(map, "rrp_autorecovery_check_timeout", p.autorecovery_check_timeout);
}

// 3.1 publishes knet's values with every transport; exporters expect them.
void publish_v3(const ClusterConfig& config, cmap::Map& map) {
    publish(map, "token_warning", config.parameters.token_warning);
    publish(map, "knet_pmtud_interval", configured(map, "knet_pmtud_interval", 30));
    publish(map, "knet_mtu", configured(map, "knet_mtu", 0));
    publish(map, "knet_compression_threshold", configured(map, "knet_compression_threshold", 0));
    publish(map, "knet_compression_level",
            map.get_number<std::int32_t>("totem.knet_compression_level").value_or(std::int32_t{0}));
    publish(map, "knet_compression_model", map.get_string("totem.knet_compression_model").value_or("none"));
    for (const Interface& interface : config.interfaces) {
        const std::string ring = fmt::format("interface.{}.", interface.ring);
        const std::uint32_t pongs = std::max(1U, configured(map, ring + "knet_pong_count", 2));
        const std::uint32_t timeout = config.parameters.token / pongs;
        publish(map, ring + "knet_ping_timeout", configured(map, ring + "knet_ping_timeout", timeout));
        publish(map, ring + "knet_ping_interval",
                configured(map, ring + "knet_ping_interval", config.parameters.token / pongs / 2));
    }
}

}  // namespace

void make_read_only(cmap::Map& map, Dialect dialect) {
    using cmap::Scope;
    for (const char* prefix : {"internal_configuration.", "runtime.services.", "runtime.config.", "runtime.totem.",
                               "uidgid.config.", "metrics."}) {
        map.make_read_only(prefix, Scope::prefix);
    }
    for (const char* key :
         {"totem.crypto_cipher", "totem.crypto_hash", "totem.secauth", "totem.ip_version", "totem.rrp_mode",
          "totem.transport", "totem.cluster_name", "totem.netmtu", "totem.threads", "totem.version", "totem.nodeid",
          "totem.clear_node_high_bit", "totem.dialect", "totem.key_id", "totem.next_keyfile", "totem.next_key_id",
          "config.reload_in_progress", "config.totemconfig_reload_in_progress", "nodelist.local_node_pos"}) {
        map.make_read_only(key, Scope::exact);
    }
    if (dialect == Dialect::v2) {
        map.make_read_only("runtime.connections.", Scope::prefix);
        map.make_read_only("qb.ipc_type", Scope::exact);
        return;
    }
    map.make_read_only("system.", Scope::prefix);
    map.make_read_only("nodelist.", Scope::prefix);
    for (const char* key : {"totem.crypto_model", "totem.keyfile", "totem.key"}) {
        map.make_read_only(key, Scope::exact);
    }
}

void publish_parameters(const ClusterConfig& config, cmap::Map& map) {
    publish_common(config, map);
    if (config.dialect == Dialect::v2) {
        publish_v2(config, map);
    } else {
        publish_v3(config, map);
    }
}

}  // namespace engine::config
