#include "engine/config/scalars.hpp"

#include <fmt/format.h>

#include <charconv>

#include "engine/config/error.hpp"

namespace engine::config {
namespace {

std::optional<std::uint32_t> number(const cmap::Map& map, const char* key) {
    return map.get_number<std::uint32_t>(fmt::format("totem.{}", key));
}

std::optional<bool> yes_no(const cmap::Map& map, const char* key) {
    const auto text = map.get_string(fmt::format("totem.{}", key));
    if (text == "yes") return true;
    if (text == "no") return false;
    return std::nullopt;
}

constexpr char kNoKnet[] =
    "totemd speaks transport udp and udpu, not knet: set 'transport: udpu' (or udp) in the totem section of "
    "every node.";
// What was multicast with corosync 2.
constexpr char kNoTransport[] =
    "totemd speaks transport udp and udpu, not knet, which dialect 3.x takes if nothing is said: set 'transport: udpu' "
    "(or udp) in the totem section of every node, or 'dialect: 2.x' if the file is of corosync 2.";

Transport transport_v3(const cmap::Map& map) {
    const auto name = map.get_string("totem.transport");
    if (!name) throw Error(kNoTransport);
    if (name == "udp") return Transport::udp;
    if (name == "udpu") return Transport::udpu;
    if (name == "knet") throw Error(kNoKnet);
    throw Error("Invalid transport type. Should be udpu, udp or knet");
}

Transport transport_v2(const cmap::Map& map, std::vector<std::string>& warnings) {
    const std::string name = map.get_string("totem.transport").value_or("udp");
    if (name == "udpu") return Transport::udpu;
    if (name == "iba") throw Error("totemd speaks transport udp and udpu, not iba (RDMA).");
    if (name == "knet") throw Error(kNoKnet);
    if (name != "udp") warnings.push_back(fmt::format("transport '{}' is not known, udp is used.", name));
    return Transport::udp;
}

// The reader has refused other spellings.
IpVersion ip_version(const Draft& draft) {
    const auto text = draft.map.get_string("totem.ip_version");
    if (text == "ipv4") return IpVersion::ipv4;
    if (text == "ipv6") return IpVersion::ipv6;
    if (text == "ipv6-4") return IpVersion::ipv6_4;
    if (text == "ipv4-6") return IpVersion::ipv4_6;
    return draft.v3() && !draft.udp() ? IpVersion::ipv6_4 : IpVersion::ipv4;
}

void refuse_long_modes(const Draft& draft) {
    constexpr std::size_t kMaxMode = 63;
    const char* key = draft.v3() ? "totem.link_mode" : "totem.rrp_mode";
    if (draft.map.get_string(key).value_or("").size() > kMaxMode) throw Error(fmt::format("{} is too long", key));
}

void check_priority(const std::string& priority) {
    int value = 0;
    const auto [end, error] = std::from_chars(priority.data(), priority.data() + priority.size(), value);
    const bool is_number = error == std::errc() && end == priority.data() + priority.size();
    if (!is_number && priority != "max" && priority != "min") {
        throw Error(fmt::format("Priority value {} is invalid", priority));
    }
}

// 3.1 only; 2.4 has options instead.
void read_system(Draft& draft) {
    ClusterConfig& config = draft.config;
    config.ipc_type = draft.map.get_string(draft.v3() ? "system.qb_ipc_type" : "qb.ipc_type").value_or("native");
    if (!draft.v3()) return;
    config.sched_rr = draft.map.get_string("system.sched_rr").value_or("yes") == "yes";
    config.move_to_root_cgroup = draft.map.get_string("system.move_to_root_cgroup").value_or("auto");
    if (const auto priority = draft.map.get_string("system.priority")) {
        check_priority(*priority);
        config.priority = *priority;
    }
}

}  // namespace

void read_scalars(Draft& draft) {
    const cmap::Map& map = draft.map;
    ClusterConfig& config = draft.config;
    refuse_long_modes(draft);
    config.transport = draft.v3() ? transport_v3(map) : transport_v2(map, draft.warnings);
    draft.ip_version = ip_version(draft);
    config.cluster_name = map.get_string("totem.cluster_name").value_or("");
    config.config_version = map.get_number<std::uint64_t>("totem.config_version").value_or(0);
    config.clear_node_high_bit = yes_no(map, "clear_node_high_bit").value_or(false);
    if (const auto netmtu = number(map, "netmtu").value_or(0); netmtu != 0) config.netmtu = netmtu;
    config.block_unlisted_ips = yes_no(map, "block_unlisted_ips").value_or(true);
    config.settings = read_settings(map);
    read_system(draft);
}

totem::srp::Settings read_settings(const cmap::Map& map) {
    totem::srp::Settings settings;
    settings.token = number(map, "token");
    settings.token_coefficient = number(map, "token_coefficient");
    settings.token_warning = number(map, "token_warning");
    settings.token_retransmits_before_loss_const = number(map, "token_retransmits_before_loss_const");
    settings.token_retransmit = number(map, "token_retransmit");
    settings.hold = number(map, "hold");
    settings.join = number(map, "join");
    settings.send_join = number(map, "send_join");
    settings.consensus = number(map, "consensus");
    settings.merge = number(map, "merge");
    settings.downcheck = number(map, "downcheck");
    settings.fail_recv_const = number(map, "fail_recv_const");
    settings.seqno_unchanged_const = number(map, "seqno_unchanged_const");
    settings.heartbeat_failures_allowed = number(map, "heartbeat_failures_allowed");
    settings.max_network_delay = number(map, "max_network_delay");
    settings.window_size = number(map, "window_size");
    settings.max_messages = number(map, "max_messages");
    settings.miss_count_const = number(map, "miss_count_const");
    settings.cancel_token_hold_on_retransmit = yes_no(map, "cancel_token_hold_on_retransmit");
    return settings;
}

std::size_t scaling_members(const ClusterConfig& config) {
    return config.interfaces.empty() ? 0 : config.interfaces.front().members.size();
}

}  // namespace engine::config
