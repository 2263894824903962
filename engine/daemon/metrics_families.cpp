#include "engine/daemon/metrics_families.hpp"

#include <algorithm>
#include <type_traits>

namespace engine {

using metrics::Type;

std::span<const MetricFamily> ring_families() {
    static const std::vector<MetricFamily> families = {
        {"totemd_ring_packets_sent_total",
         Type::counter,
         "Packets of the ring sent, by type.",
         {{"orf_token_tx", "token"},
          {"memb_merge_detect_tx", "merge_detect"},
          {"memb_join_tx", "join"},
          {"mcast_tx", "message"},
          {"memb_commit_token_tx", "commit_token"},
          {"token_hold_cancel_tx", "hold_cancel"}},
         "type"},
        {"totemd_ring_packets_received_total",
         Type::counter,
         "Packets of the ring received, by type.",
         {{"orf_token_rx", "token"},
          {"memb_merge_detect_rx", "merge_detect"},
          {"memb_join_rx", "join"},
          {"mcast_rx", "message"},
          {"memb_commit_token_rx", "commit_token"},
          {"token_hold_cancel_rx", "hold_cancel"}},
         "type"},
        {"totemd_ring_retransmits_total",
         Type::counter,
         "Messages sent again because another node missed them.",
         {{"mcast_retx"}}},
        {"totemd_ring_state_entered_total",
         Type::counter,
         "Times the ring came into a state; operational: a membership was formed.",
         {{"operational_entered", "operational"},
          {"gather_entered", "gather"},
          {"commit_entered", "commit"},
          {"recovery_entered", "recovery"}},
         "state"},
        {"totemd_ring_token_lost_total",
         Type::counter,
         "Times the token was lost, by the state it was lost in.",
         {{"operational_token_lost", "operational"},
          {"gather_token_lost", "gather"},
          {"commit_token_lost", "commit"},
          {"recovery_token_lost", "recovery"}},
         "state"},
        {"totemd_ring_consensus_timeouts_total",
         Type::counter,
         "Times the nodes did not agree on a membership in time.",
         {{"consensus_timeouts"}}},
        {"totemd_ring_packets_dropped_total",
         Type::counter,
         "Packets received and dropped: messages of no use, packets that could not be read, packets that make no "
         "sense.",
         {{"rx_msg_dropped", "unusable"}, {"rx_malformed", "malformed"}, {"rx_implausible", "implausible"}},
         "reason"},
        {"totemd_ring_continuous_gather",
         Type::gauge,
         "Attempts in a row to form a membership without success.",
         {{"continuous_gather"}}},
        {"totemd_ring_token_interval_mean_seconds",
         Type::gauge,
         "Mean time between the last up to 100 tokens, whole milliseconds.",
         {{"mtt_rx_token"}},
         {},
         0.001},
        {"totemd_ring_token_workload_mean_seconds",
         Type::gauge,
         "Mean time the last up to 100 tokens were kept here, whole milliseconds.",
         {{"avg_token_workload"}},
         {},
         0.001},
        {"totemd_ring_backlog_mean",
         Type::gauge,
         "Mean number of messages that waited when the last up to 100 tokens came.",
         {{"avg_backlog_calc"}}},
        {"totemd_ring_token_age_seconds",
         Type::gauge,
         "Time since the last token came, whole milliseconds.",
         {{"time_since_token_last_received"}},
         {},
         0.001},
        {"totemd_ring_network_fault",
         Type::gauge,
         "1 if it looks as if a firewall or the network keeps the node from forming a ring.",
         {{"firewall_enabled_or_nic_failure"}}},
        {"totemd_net_continuous_send_failures",
         Type::gauge,
         "Datagrams in a row that could not be sent.",
         {{"continuous_sendmsg_failures"}}},
    };
    return families;
}

std::span<const MetricFamily> group_families() {
    static const std::vector<MetricFamily> families = {
        {"totemd_send_queue_free", Type::gauge, "Packets the send queue has room for.", {{"msg_queue_avail"}}},
        {"totemd_send_queue_reserved",
         Type::gauge,
         "Packets of the send queue that are reserved for requests being handled.",
         {{"msg_reserved"}}},
        {"totemd_send_queue_level",
         Type::gauge,
         "How full the send queue was when last looked at: 0 low, 1 good, 2 high, 3 critical (clients are stopped).",
         {{"level"}}},
        {"totemd_group_packets_total",
         Type::counter,
         "Packets of process groups given to and taken from the ring.",
         {{"packets_sent", "sent"}, {"packets_received", "received"}},
         "direction"},
        {"totemd_group_messages_delivered_total",
         Type::counter,
         "Whole messages delivered from the ring.",
         {{"messages_delivered"}}},
        {"totemd_group_dropped_total",
         Type::counter,
         "Packets and messages of process groups dropped.",
         {{"dropped_malformed", "malformed"},
          {"dropped_oversized", "oversized"},
          {"dropped_out_of_sequence", "out_of_sequence"}},
         "reason"},
    };
    return families;
}

std::span<const MetricFamily> net_families() {
    static const std::vector<MetricFamily> families = {
        {"totemd_net_datagrams_received_total", Type::counter, "Datagrams read.", {{"datagrams_in"}}},
        {"totemd_net_received_bytes_total", Type::counter, "Bytes of datagrams read.", {{"bytes_in"}}},
        {"totemd_net_datagrams_sent_total", Type::counter, "Datagrams the kernel took.", {{"datagrams_out"}}},
        {"totemd_net_sent_bytes_total", Type::counter, "Bytes of datagrams the kernel took.", {{"bytes_out"}}},
        {"totemd_net_calls_total",
         Type::counter,
         "System calls for datagrams; one can carry many.",
         {{"receive_calls", "receive"}, {"send_calls", "send"}},
         "call"},
        {"totemd_net_offloaded_datagrams_total",
         Type::counter,
         "Datagrams that the kernel cut out of larger sends, or joined to larger readings.",
         {{"offloaded_out", "sent"}, {"joined_in", "received"}},
         "direction"},
        {"totemd_net_offload_refused_total",
         Type::counter,
         "Larger sends that the kernel would not cut; datagrams leave one by one since.",
         {{"offload_refused"}}},
        {"totemd_net_ports_closed_total",
         Type::counter,
         "ICMP answers to tokens: no process has the port open there.",
         {{"ports_closed"}}},
        {"totemd_net_looped_back_total",
         Type::counter,
         "Tokens of a ring of one, which need no network.",
         {{"looped_back"}}},
        {"totemd_net_receive_dropped_total",
         Type::counter,
         "Datagrams read and dropped unopened.",
         {{"drop_truncated", "truncated"},
          {"drop_unlisted", "unlisted_sender"},
          {"drop_too_short", "too_short"},
          {"drop_unsupported_prefix", "unsupported_prefix"},
          {"drop_different_hash", "different_hash"},
          {"drop_bad_digest", "bad_digest"},
          {"drop_bad_reserved", "bad_reserved"},
          {"drop_undecipherable", "undecipherable"},
          {"drop_other_suite", "other_suite"},
          {"drop_other_ring", "other_ring"},
          {"drop_own_packet", "own_packet"},
          {"drop_unknown_sender", "unknown_sender"},
          {"drop_unknown_key", "unknown_key"},
          {"drop_old_session", "old_session"},
          {"drop_replayed", "replayed"},
          {"discarded", "outdated"}},
         "reason"},
        {"totemd_net_send_dropped_total",
         Type::counter,
         "Datagrams that did not leave.",
         {{"send_no_buffer", "no_buffer"},
          {"send_failed", "failed"},
          {"send_too_big", "too_big"},
          {"send_no_address", "no_address"}},
         "reason"},
    };
    return families;
}

std::span<const MetricFamily> service_families() {
    static const std::vector<MetricFamily> families = {
        {"totemd_ipc_connections", Type::gauge, "Clients connected.", {{"connections"}}},
        {"totemd_ipc_throttled",
         Type::gauge,
         "1 while flow control is on: requests of all clients of the service are left unread.",
         {{"throttled"}}},
        {"totemd_ipc_given_up_total",
         Type::counter,
         "Clients disconnected because they read nothing for too long.",
         {{"given_up"}}},
        {"totemd_ipc_requests_total", Type::counter, "Requests of clients.", {{"requests"}}},
        {"totemd_ipc_responses_total", Type::counter, "Responses to clients.", {{"responses"}}},
        {"totemd_ipc_events_total", Type::counter, "Events put into rings of clients.", {{"dispatched"}}},
        {"totemd_ipc_try_again_total",
         Type::counter,
         "Requests refused with TRY_AGAIN, or lost if they have no answer.",
         {{"overload"}}},
        {"totemd_ipc_held_total", Type::counter, "Requests that had to wait for room in the send queue.", {{"held"}}},
        {"totemd_ipc_invalid_requests_total", Type::counter, "Requests that made no sense.", {{"invalid_request"}}},
        {"totemd_ipc_retries_total",
         Type::counter,
         "Failed attempts of libqb to write to and read from clients.",
         {{"send_retries", "send"}, {"recv_retries", "receive"}},
         "direction"},
        {"totemd_ipc_flow_control_changes_total",
         Type::counter,
         "Times clients were stopped or let go on.",
         {{"flow_control_count"}}},
        {"totemd_ipc_flow_controlled",
         Type::gauge,
         "Clients that are told to wait before they send more.",
         {{"flow_control"}}},
        {"totemd_ipc_dropped_events_total", Type::counter, "Events that could not be sent.", {{"dropped_events"}}},
        {"totemd_ipc_queueing", Type::gauge, "Clients that do not keep up: events are queued.", {{"queueing"}}},
        {"totemd_ipc_queued_events",
         Type::gauge,
         "Events queued for clients that do not keep up.",
         {{"queued_events"}}},
        {"totemd_ipc_queued_bytes", Type::gauge, "Bytes of these events.", {{"queued_bytes"}}},
        {"totemd_ipc_held", Type::gauge, "Requests that wait for room in the send queue.", {{"held_now"}}},
    };
    return families;
}

std::span<const MetricFamily> connection_families() {
    static const std::vector<MetricFamily> families = {
        {"totemd_ipc_connection_requests_total", Type::counter, "Requests of a client.", {{"requests"}}},
        {"totemd_ipc_connection_events_total", Type::counter, "Events put into its ring.", {{"dispatched"}}},
        {"totemd_ipc_connection_try_again_total",
         Type::counter,
         "Its requests refused with TRY_AGAIN, or lost if they have no answer.",
         {{"overload"}}},
        {"totemd_ipc_connection_flow_control",
         Type::gauge,
         "0: it may send; 1: all its calls are refused, 2: cpg messages are.",
         {{"flow_control"}}},
        {"totemd_ipc_connection_queued_events", Type::gauge, "Events queued for it.", {{"queued_events"}}},
        {"totemd_ipc_connection_queued_bytes", Type::gauge, "Bytes of these events.", {{"queued_bytes"}}},
    };
    return families;
}

namespace {

void write_number(metrics::Exposition& page, const cmap::Value& value, double scale,
                  std::span<const metrics::Label> labels) {
    std::visit(
        [&](const auto& number) {
            using Number = std::decay_t<decltype(number)>;
            if constexpr (std::is_unsigned_v<Number>) {
                if (scale == 1) {
                    page.sample(std::uint64_t{number}, labels);
                    return;
                }
            }
            if constexpr (std::is_arithmetic_v<Number>) page.sample(static_cast<double>(number) * scale, labels);
        },
        value.data());
}

}  // namespace

void write_families(metrics::Exposition& page, std::span<const MetricFamily> families,
                    std::span<const MetricSubject> subjects) {
    std::vector<metrics::Label> labels;
    for (const MetricFamily& family : families) {
        page.family(family.name, family.type, family.help);
        for (const MetricSubject& subject : subjects) {
            for (const MetricSeries& series : family.series) {
                const auto found = std::find_if(subject.values.begin(), subject.values.end(),
                                                [&series](const auto& value) { return value.first == series.key; });
                if (found == subject.values.end()) continue;
                labels.clear();
                for (const auto& [name, value] : subject.labels)
                    labels.push_back({name, value});
                if (!family.label.empty()) labels.push_back({family.label, series.label});
                write_number(page, found->second, family.scale, labels);
            }
        }
    }
}

}  // namespace engine
