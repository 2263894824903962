#include "engine/daemon/stats_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace engine {

using cmap::Value;

namespace {

constexpr std::size_t kMisses = 10;
constexpr std::uint32_t kMaxContinuousGather = 3;
constexpr std::uint64_t kMaxSendFailures = 30;
constexpr std::string_view kRing = "stats.srp.", kGroups = "stats.pg.", kClients = "stats.ipcs.",
                           kMissed = "stats.schedmiss.";

Value u32(std::uint64_t number) {
    return static_cast<std::uint32_t>(number);
}

template <typename Values>
std::optional<Value> find(const Values& values, std::string_view name) {
    for (const auto& [key, value] : values) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::string connection_prefix(const ipc::ConnectionInfo& connection) {
    return fmt::format("{}service{}.{}.{:#x}.", kClients, connection.service, connection.pid, connection.id);
}

// "stats.ipcs.service0.6.0x1." and what follows, or nothing.
std::optional<ipc::ConnectionId> connection_id(std::string_view key) {
    const auto begin = key.find(".0x");
    if (begin == std::string_view::npos) return std::nullopt;
    ipc::ConnectionId id = 0;
    const std::string_view digits = key.substr(begin + 3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
    return error == std::errc() ? std::optional(id) : std::nullopt;
}

// What a key may not contain becomes "_" (section 12.2).
std::string connection_prefix_v2(const ipc::ConnectionInfo& connection) {
    std::string name = connection.process_name;
    for (char& c : name)
        c = cmap::valid_key(std::string(3, c)) ? c : '_';
    return fmt::format("runtime.connections.{}:{}:{:#x}.", name, connection.pid, connection.id);
}

}  // namespace

StatsMap::Values StatsMap::ring_values() const {
    const totem::srp::Statistics s = sources_.ring();
    const std::uint64_t failures = sources_.sendmsg_failures();
    return {{"orf_token_tx", s.orf_token_tx},
            {"orf_token_rx", s.orf_token_rx},
            {"memb_merge_detect_tx", s.memb_merge_detect_tx},
            {"memb_merge_detect_rx", s.memb_merge_detect_rx},
            {"memb_join_tx", s.memb_join_tx},
            {"memb_join_rx", s.memb_join_rx},
            {"mcast_tx", s.mcast_tx},
            {"mcast_retx", s.mcast_retx},
            {"mcast_rx", s.mcast_rx},
            {"memb_commit_token_tx", s.memb_commit_token_tx},
            {"memb_commit_token_rx", s.memb_commit_token_rx},
            {"token_hold_cancel_tx", s.token_hold_cancel_tx},
            {"token_hold_cancel_rx", s.token_hold_cancel_rx},
            {"operational_entered", s.operational_entered},
            {"operational_token_lost", s.operational_token_lost},
            {"gather_entered", s.gather_entered},
            {"gather_token_lost", s.gather_token_lost},
            {"commit_entered", s.commit_entered},
            {"commit_token_lost", s.commit_token_lost},
            {"recovery_entered", s.recovery_entered},
            {"recovery_token_lost", s.recovery_token_lost},
            {"consensus_timeouts", s.consensus_timeouts},
            {"rx_msg_dropped", s.rx_msg_dropped},
            {"continuous_gather", s.continuous_gather},
            {"continuous_sendmsg_failures", u32(failures)},
            {"mtt_rx_token", s.mtt_rx_token},
            {"avg_token_workload", s.avg_token_workload},
            {"avg_backlog_calc", s.avg_backlog_calc},
            {"firewall_enabled_or_nic_failure",
             static_cast<std::uint8_t>(s.continuous_gather > kMaxContinuousGather || failures > kMaxSendFailures)},
            {"time_since_token_last_received", s.time_since_token_last_received}};
}

StatsMap::Values StatsMap::group_values() const {
    const totem::pg::PgStatistics s = sources_.groups();
    return {{"msg_queue_avail", s.msg_queue_avail}, {"msg_reserved", s.msg_reserved}};
}

StatsMap::Values StatsMap::connection_values(const ipc::ConnectionInfo& connection) {
    const ipc::ConnectionStats& s = connection.stats;
    return {{"procname", connection.process_name},
            {"requests", s.requests},
            {"responses", s.responses},
            {"dispatched", s.dispatched},
            {"send_retries", s.send_retries},
            {"recv_retries", s.recv_retries},
            {"flow_control_count", s.flow_control_count},
            {"invalid_request", s.invalid_request},
            {"overload", s.overload},
            {"flow_control", s.flow_control},
            {"queued", s.queued},
            {"sent", s.sent},
            {"queueing", s.queueing}};
}

std::optional<Value> StatsMap::connection_value(std::string_view key) const {
    if (server_ == nullptr) return std::nullopt;
    if (key == "stats.ipcs.global.active") return server_->global_stats().active;
    if (key == "stats.ipcs.global.closed") return server_->global_stats().closed;
    const auto id = connection_id(key);
    const auto connection = id ? server_->connection(*id) : std::nullopt;
    if (!connection) return std::nullopt;
    const std::string prefix = connection_prefix(*connection);
    return key.starts_with(prefix) ? find(connection_values(*connection), key.substr(prefix.size())) : std::nullopt;
}

std::optional<Value> StatsMap::get(std::string_view key) const {
    if (key.starts_with(kRing)) return find(ring_values(), key.substr(kRing.size()));
    if (key.starts_with(kGroups)) return find(group_values(), key.substr(kGroups.size()));
    if (key.starts_with(kClients)) return connection_value(key);
    return key.starts_with(kMissed) ? find(all(), key) : std::nullopt;
}

StatsMap::Values StatsMap::all() const {
    Values values;
    const auto add = [&values](const std::string& prefix, const Values& more) {
        for (const auto& [name, value] : more)
            values.emplace_back(prefix + name, value);
    };
    add(std::string(kRing), ring_values());
    add(std::string(kGroups), group_values());
    for (std::size_t i = 0; i < misses_.size(); ++i)
        add(fmt::format("{}{}.", kMissed, i), {{"timestamp", misses_[i].timestamp}, {"delay", misses_[i].delay}});
    if (server_ == nullptr) return values;
    const ipc::GlobalStats global = server_->global_stats();
    add(std::string(kClients) + "global.", {{"active", global.active}, {"closed", global.closed}});
    for (const ipc::ConnectionInfo& connection : server_->connections())
        add(connection_prefix(connection), connection_values(connection));
    return values;
}

namespace {

cmap::Statistics::Entry entry_of(const std::string& key, const Value& value) {
    return {key, value.type(), value.type() == cmap::Type::string ? 0 : value.length()};
}

}  // namespace

std::vector<cmap::Statistics::Entry> StatsMap::list(std::string_view prefix) const {
    std::vector<Entry> entries;
    for (const auto& [key, value] : all()) {
        if (key.starts_with(prefix)) entries.push_back(entry_of(key, value));
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return entries;
}

std::vector<cmap::Statistics::Entry> StatsMap::entries_of(const ipc::ConnectionInfo& connection) const {
    std::vector<Entry> entries;
    const std::string prefix = connection_prefix(connection);
    for (const auto& [name, value] : connection_values(connection))
        entries.push_back(entry_of(prefix + name, value));
    return entries;
}

bool StatsMap::clear(std::string_view key) {
    const std::string_view what = key.substr(std::string_view("stats.clear.").size());
    const bool everything = what.starts_with("all");
    bool known = everything || what.starts_with("knet");  // of which there is nothing
    if (everything || what.starts_with("ipc")) {
        if (server_ != nullptr) server_->clear_statistics();
        known = true;
    }
    if (everything || what.starts_with("totem")) {
        sources_.clear_ring();
        known = true;
    }
    if (everything || what.starts_with("schedmiss")) {
        misses_.clear();
        known = true;
    }
    return known;
}

void StatsMap::schedule_missed(ScheduleMiss miss) {
    misses_.push_front(miss);
    ++all_misses_.count;
    all_misses_.seconds += static_cast<double>(miss.delay) / 1000;
    if (misses_.size() > kMisses) misses_.pop_back();
}

std::optional<std::string_view> StatsMap::network_fault() const {
    if (sources_.ring().continuous_gather > kMaxContinuousGather) return "totem is continuously in gather state";
    if (sources_.sendmsg_failures() > kMaxSendFailures)
        return "number of multicast sendmsg failures is above threshold";
    return std::nullopt;
}

// --- 2.x ---

void StatsMap::publish_v2(cmap::Map& map) const {
    for (const auto& [name, value] : group_values())
        map.set("runtime.totem.pg." + name, value);
    for (const auto& [name, value] : ring_values()) {
        if (name != "time_since_token_last_received") map.set("runtime.totem.pg.mrp.srp." + name, value);
    }
    const std::vector<bool> faulty = sources_.faulty_networks();
    for (std::size_t i = 0; i < faulty.size(); ++i)
        map.set(fmt::format("runtime.totem.pg.mrp.rrp.{}.faulty", i), std::uint8_t{faulty[i]});
    if (server_ == nullptr) return;
    const ipc::GlobalStats global = server_->global_stats();
    map.set("runtime.connections.active", global.active);
    map.set("runtime.connections.closed", global.closed);
    std::set<std::string> current = {"runtime.connections.active", "runtime.connections.closed"};
    for (const ipc::ConnectionInfo& connection : server_->connections()) {
        const std::string prefix = connection_prefix_v2(connection);
        const auto set = [&](const std::string& name, const Value& value) {
            map.set(prefix + name, value);
            current.insert(prefix + name);
        };
        set("client_pid", u32(static_cast<std::uint64_t>(connection.pid)));
        set("service_id", u32(connection.service));
        set("name", connection.process_name);
        set("queue_size", u32(connection.stats.queued));
        for (const auto& [name, value] : connection_values(connection)) {
            if (name != "procname" && !name.starts_with("queue") && name != "sent") set(name, value);
        }
    }
    for (const std::string& key : map.keys("runtime.connections.")) {
        if (!current.contains(key)) map.erase(key);
    }
}

void StatsMap::publish_miss_v2(cmap::Map& map) const {
    if (misses_.empty()) return;
    map.set("runtime.schedmiss.timestamp", misses_.front().timestamp);
    map.set("runtime.schedmiss.delay", misses_.front().delay);
}

}  // namespace engine
