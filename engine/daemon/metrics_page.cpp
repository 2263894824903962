#include "engine/daemon/metrics_page.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <unordered_map>

#include "engine/daemon/metrics_families.hpp"
#include "engine/daemon/process_usage.hpp"

namespace engine {

using metrics::Exposition;
using metrics::Type;
using Values = StatsMap::Values;
using std::uint64_t;

namespace {

double in_seconds(totem::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

Values net_values(const totem::net::Counters& c) {
    return {{"datagrams_in", c.datagrams_in},
            {"bytes_in", c.bytes_in},
            {"datagrams_out", c.datagrams_out},
            {"bytes_out", c.bytes_out},
            {"receive_calls", c.receive_calls},
            {"send_calls", c.send_calls},
            {"offloaded_out", c.offloaded_out},
            {"joined_in", c.joined_in},
            {"offload_refused", c.offload_refused},
            {"ports_closed", c.ports_closed},
            {"looped_back", c.looped_back},
            {"drop_truncated", c.drop_truncated},
            {"drop_unlisted", c.drop_unlisted},
            {"drop_too_short", c.drop_too_short},
            {"drop_unsupported_prefix", c.drop_unsupported_prefix},
            {"drop_different_hash", c.drop_different_hash},
            {"drop_bad_digest", c.drop_bad_digest},
            {"drop_bad_reserved", c.drop_bad_reserved},
            {"drop_undecipherable", c.drop_undecipherable},
            {"drop_other_suite", c.drop_other_suite},
            {"drop_other_ring", c.drop_other_ring},
            {"drop_own_packet", c.drop_own_packet},
            {"drop_unknown_sender", c.drop_unknown_sender},
            {"drop_unknown_key", c.drop_unknown_key},
            {"drop_old_session", c.drop_old_session},
            {"drop_replayed", c.drop_replayed},
            {"discarded", c.discarded},
            {"send_no_buffer", c.send_no_buffer},
            {"send_failed", c.send_failed},
            {"send_too_big", c.send_too_big},
            {"send_no_address", c.send_no_address}};
}

// Those of the statistics map, and those it has no keys for.
Values client_values(const ipc::ConnectionInfo& connection) {
    Values values = StatsMap::connection_values(connection);
    const ipc::ConnectionStats& s = connection.stats;
    values.emplace_back("held", s.held);
    values.emplace_back("held_now", s.held_now);
    values.emplace_back("dropped_events", s.dropped_events);
    values.emplace_back("queued_events", s.backlog_events);
    values.emplace_back("queued_bytes", s.backlog_bytes);
    return values;
}

}  // namespace

std::string MetricsPage::make() const {
    Exposition page;
    write_node(page);
    write_ring(page);
    write_groups(page);
    write_net(page);
    write_quorum(page);
    write_clients(page);
    write_process(page);
    return page.take();
}

void MetricsPage::write_node(Exposition& page) const {
    const totem::srp::Ring& ring = sources_.stack.ring();
    page.family("totemd_info", Type::gauge, "Always 1; the labels say what runs here.")
        .sample(uint64_t{1}, {{"version", sources_.version},
                              {"cluster", sources_.cluster_name},
                              {"nodeid", std::to_string(ring.self().nodeid)}});
}

void MetricsPage::write_ring(Exposition& page) const {
    using totem::srp::State;
    const totem::srp::Ring& ring = sources_.stack.ring();
    constexpr std::array kStates = {std::pair{State::operational, "operational"}, std::pair{State::gather, "gather"},
                                    std::pair{State::commit, "commit"}, std::pair{State::recovery, "recovery"}};
    page.family("totemd_ring_state", Type::gauge, "1 for the state the ring is in, 0 for the others.");
    for (const auto& [state, name] : kStates)
        page.sample(uint64_t{ring.state() == state}, {{"state", name}});
    page.family("totemd_ring_members", Type::gauge, "Nodes of the last operational ring.")
        .sample(uint64_t{ring.members().size()});
    page.family("totemd_ring_sequence", Type::gauge, "Sequence number of the ring id.").sample(ring.ring_id().seq);
    page.family("totemd_ring_representative", Type::gauge, "1 if this node represents the last operational ring.")
        .sample(uint64_t{ring.is_representative()});
    page.family("totemd_sync_in_progress", Type::gauge, "1 while the services synchronise after a membership change.")
        .sample(uint64_t{sources_.stack.sync_in_progress()});

    auto& faulty = page.family("totemd_ring_faulty", Type::gauge,
                               "1 for a redundant network that is not sent to; ring is its number.");
    for (unsigned i = 0; i < sources_.stack.redundancy().networks(); ++i)
        faulty.sample(uint64_t{sources_.stack.redundancy().faulty(i)}, {{"ring", std::to_string(i)}});

    const totem::srp::Statistics statistics = ring.statistics(std::chrono::steady_clock::now());
    Values values = sources_.statistics.ring_values();
    values.emplace_back("rx_malformed", statistics.rx_malformed);
    values.emplace_back("rx_implausible", statistics.rx_implausible);
    write_families(page, ring_families(), std::array{MetricSubject{std::move(values)}});
    write_rotation(page, statistics.rotation);
}

void MetricsPage::write_rotation(Exposition& page, const totem::srp::RotationHistogram& rotation) const {
    std::array<double, totem::srp::RotationHistogram::kBounds.size()> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i)
        bounds[i] = rotation.kBounds[i] / 1e6;
    page.family("totemd_ring_token_rotation_seconds", Type::histogram,
                "Time the token took to come round, holds of an idle ring included.")
        .histogram(bounds, rotation.counts, in_seconds(rotation.sum));
}

void MetricsPage::write_groups(Exposition& page) const {
    const totem::pg::PgStatistics s = sources_.stack.groups().statistics();
    Values values = sources_.statistics.group_values();
    values.emplace_back("level", static_cast<std::uint32_t>(s.level));
    values.emplace_back("packets_sent", s.packets_sent);
    values.emplace_back("packets_received", s.packets_received);
    values.emplace_back("messages_delivered", s.messages_delivered);
    values.emplace_back("dropped_malformed", s.dropped_malformed);
    values.emplace_back("dropped_oversized", s.dropped_oversized);
    values.emplace_back("dropped_out_of_sequence", s.dropped_out_of_sequence);
    write_families(page, group_families(), std::array{MetricSubject{std::move(values)}});

    const cpg::CpgService::Counts cpg = sources_.cpg.counts();
    page.family("totemd_cpg_groups", Type::gauge, "Closed process groups in the cluster.").sample(uint64_t{cpg.groups});
    page.family("totemd_cpg_members", Type::gauge, "Memberships of processes in groups, in the whole cluster.")
        .sample(uint64_t{cpg.processes});
    page.family("totemd_cpg_local_members", Type::gauge, "Memberships of processes of this node in groups.")
        .sample(uint64_t{cpg.local_processes});
}

void MetricsPage::write_net(Exposition& page) const {
    write_families(page, net_families(), std::array{MetricSubject{net_values(sources_.net())}});
}

void MetricsPage::write_quorum(Exposition& page) const {
    page.family("totemd_quorum_quorate", Type::gauge, "1 if this node is quorate.")
        .sample(uint64_t{sources_.quorum.quorate()});
    const auto* votequorum = sources_.votequorum();
    const auto info = votequorum != nullptr ? votequorum->machine().info(0) : std::nullopt;
    if (!info) return;
    const auto gauge = [&page](std::string_view name, std::string_view help, uint64_t value) {
        page.family(name, Type::gauge, help).sample(value);
    };
    gauge("totemd_quorum_node_votes", "Votes of this node.", info->record.votes);
    gauge("totemd_quorum_expected_votes", "Votes of the whole cluster.", info->record.expected_votes);
    gauge("totemd_quorum_total_votes", "Votes of the nodes that are there.", info->total_votes);
    gauge("totemd_quorum_needed_votes", "Votes it takes to be quorate.", info->quorum);
    gauge("totemd_quorum_members", "Nodes of the last synchronisation.", votequorum->machine().members().size());
    constexpr std::array kFlags = {std::pair{vote::kInfoTwoNode, "two_node"},
                                   std::pair{vote::kInfoWaitForAll, "wait_for_all"},
                                   std::pair{vote::kInfoLastManStanding, "last_man_standing"},
                                   std::pair{vote::kInfoTieBreaker, "auto_tie_breaker"},
                                   std::pair{vote::kInfoDownscale, "allow_downscale"},
                                   std::pair{vote::kInfoDeviceRegistered, "qdevice_registered"},
                                   std::pair{vote::kInfoDeviceAlive, "qdevice_alive"},
                                   std::pair{vote::kInfoDeviceCastVote, "qdevice_cast_vote"},
                                   std::pair{vote::kInfoDeviceMasterWins, "qdevice_master_wins"}};
    page.family("totemd_quorum_flag", Type::gauge, "Options of the quorum service and the state of its device.");
    for (const auto& [flag, name] : kFlags)
        page.sample(uint64_t{(info->flags & flag) != 0}, {{"flag", name}});
    gauge("totemd_quorum_waiting_for_all", "1 until all nodes were seen once, with wait_for_all.",
          votequorum->machine().waiting_for_all());
}

void MetricsPage::write_clients(Exposition& page) const {
    const ipc::Server* server = sources_.server();
    if (server == nullptr) return;
    page.family("totemd_ipc_closed_connections_total", Type::counter, "Connections of clients that have ended.")
        .sample(server->global_stats().closed);

    std::vector<MetricSubject> subjects;
    std::unordered_map<std::uint32_t, std::string> names;
    for (const ipc::ServiceInfo& service : server->services()) {
        Values values = client_values({.service = service.id, .process_name = {}, .stats = service.stats});
        values.emplace_back("connections", service.connections);
        values.emplace_back("throttled", std::uint32_t{service.throttled});
        values.emplace_back("given_up", service.given_up);
        subjects.push_back({std::move(values), {{"service", service.name}}});
        names[service.id] = service.name;
    }
    write_families(page, service_families(), subjects);

    subjects.clear();
    for (const ipc::ConnectionInfo& connection : server->connections()) {
        subjects.push_back({client_values(connection),
                            {{"service", names[connection.service]},
                             {"pid", std::to_string(connection.pid)},
                             {"process", connection.process_name},
                             {"connection", fmt::format("{:#x}", connection.id)}}});
    }
    write_families(page, connection_families(), subjects);
}

void MetricsPage::write_process(Exposition& page) const {
    const StatsMap::Misses misses = sources_.statistics.misses();
    page.family("totemd_not_scheduled_total", Type::counter, "Times the process did not run in time.")
        .sample(misses.count);
    page.family("totemd_not_scheduled_seconds_total", Type::counter, "How long it did not run then.")
        .sample(misses.seconds);
    const ProcessUsage usage = process_usage();
    page.family("totemd_cpu_seconds_total", Type::counter, "Processor time used.").sample(usage.cpu_seconds);
    page.family("totemd_resident_memory_bytes", Type::gauge, "Memory in use.").sample(usage.resident_bytes);
    page.family("totemd_virtual_memory_bytes", Type::gauge, "Address space in use.").sample(usage.virtual_bytes);
    page.family("totemd_open_descriptors", Type::gauge, "File descriptors in use.").sample(usage.open_descriptors);
    const metrics::ListenerCounters& listener = sources_.listener;
    page.family("totemd_metrics_requests_total", Type::counter, "Requests for metrics before this page was made.")
        .sample(listener.served, {{"outcome", "served"}})
        .sample(listener.refused, {{"outcome", "refused"}})
        .sample(listener.dropped, {{"outcome", "dropped"}});
}

}  // namespace engine
