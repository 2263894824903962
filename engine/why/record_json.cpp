#include <nlohmann/json.hpp>

#include "engine/why/record.hpp"

namespace engine::why {

using nlohmann::json;

// The first of each list stands for what a reader does not know.
NLOHMANN_JSON_SERIALIZE_ENUM(
    Kind, {{Kind::membership, "membership"}, {Kind::quorum, "quorum"}, {Kind::votes, "votes"}, {Kind::stop, "stop"}})

NLOHMANN_JSON_SERIALIZE_ENUM(CauseKind, {{CauseKind::unknown, "unknown"},
                                         {CauseKind::killed, "killed"},
                                         {CauseKind::config_version, "config_version"},
                                         {CauseKind::stopped, "stopped"},
                                         {CauseKind::start_up, "start_up"},
                                         {CauseKind::own_pause, "own_pause"},
                                         {CauseKind::self_failed_to_receive, "self_failed_to_receive"},
                                         {CauseKind::peer_failed_to_receive, "peer_failed_to_receive"},
                                         {CauseKind::forced, "forced"},
                                         {CauseKind::interface_changed, "interface_changed"},
                                         {CauseKind::left_announced, "left_announced"},
                                         {CauseKind::network_split, "network_split"},
                                         {CauseKind::peer_silent, "peer_silent"},
                                         {CauseKind::excluded, "excluded"},
                                         {CauseKind::token_lost, "token_lost"},
                                         {CauseKind::peer_started, "peer_started"},
                                         {CauseKind::rings_merged, "rings_merged"},
                                         {CauseKind::peer_joined, "peer_joined"},
                                         {CauseKind::expected_votes_set, "expected_votes_set"},
                                         {CauseKind::node_votes_set, "node_votes_set"},
                                         {CauseKind::wait_for_all_cancelled, "wait_for_all_cancelled"},
                                         {CauseKind::device_changed, "device_changed"},
                                         {CauseKind::reloaded, "reloaded"},
                                         {CauseKind::keys_changed, "keys_changed"},
                                         {CauseKind::peer_votes_changed, "peer_votes_changed"}})

NLOHMANN_JSON_SERIALIZE_ENUM(EvidenceKind, {{EvidenceKind::unknown, "unknown"},
                                            {EvidenceKind::token_lost, "token_lost"},
                                            {EvidenceKind::token_received, "token_received"},
                                            {EvidenceKind::token_passed, "token_passed"},
                                            {EvidenceKind::token_kept, "token_kept"},
                                            {EvidenceKind::token_reached, "token_reached"},
                                            {EvidenceKind::token_late, "token_late"},
                                            {EvidenceKind::own_pause, "own_pause"},
                                            {EvidenceKind::leave_announced, "leave_announced"},
                                            {EvidenceKind::joined_alone, "joined_alone"},
                                            {EvidenceKind::named_failed, "named_failed"},
                                            {EvidenceKind::cannot_receive, "cannot_receive"},
                                            {EvidenceKind::port_closed, "port_closed"},
                                            {EvidenceKind::foreign_ring, "foreign_ring"},
                                            {EvidenceKind::previous_ring, "previous_ring"},
                                            {EvidenceKind::gather, "gather"},
                                            {EvidenceKind::forced_gather, "forced_gather"},
                                            {EvidenceKind::interface_changed, "interface_changed"},
                                            {EvidenceKind::killed, "killed"},
                                            {EvidenceKind::config_version, "config_version"},
                                            {EvidenceKind::shut_down, "shut_down"},
                                            {EvidenceKind::reload_requested, "reload_requested"},
                                            {EvidenceKind::expected_votes_set, "expected_votes_set"},
                                            {EvidenceKind::node_votes_set, "node_votes_set"},
                                            {EvidenceKind::wait_for_all_cancelled, "wait_for_all_cancelled"},
                                            {EvidenceKind::device_operation, "device_operation"},
                                            {EvidenceKind::keys_changed, "keys_changed"},
                                            {EvidenceKind::votes_announced, "votes_announced"}})

namespace {

template <typename Value>
void put(json& out, const char* key, const Value& value, const Value& nothing = {}) {
    if (value != nothing) out[key] = value;
}

void put(json& out, const char* key, const NodeIds& nodes) {
    if (!nodes.empty()) out[key] = nodes;
}

template <typename Value>
void put(json& out, const char* key, const std::optional<Value>& value) {
    if (value) out[key] = *value;
}

// Absent keys leave what is there; wrong types throw.
template <typename Value>
void take(const json& in, const char* key, Value& value) {
    if (const auto found = in.find(key); found != in.end()) found->get_to(value);
}

template <typename Value>
void take(const json& in, const char* key, std::optional<Value>& value) {
    if (const auto found = in.find(key); found != in.end()) value = found->get<Value>();
}

// Nothing unless it is an object whose numbers are all counts, as a record has no others.
json object_of_counts(const std::string& line) {
    bool other_numbers = false;
    const auto look = [&other_numbers](int, json::parse_event_t event, const json& value) {
        if (event == json::parse_event_t::value && value.is_number()) {
            other_numbers = other_numbers || !value.is_number_unsigned();
        }
        return true;
    };
    json out = json::parse(line, look, false);
    return other_numbers || !out.is_object() ? json() : out;
}

}  // namespace

void to_json(json& out, const Cause& cause) {
    out = json{{"kind", cause.kind}};
    put(out, "nodes", cause.nodes);
    put(out, "suspects", cause.suspects);
    put(out, "milliseconds", cause.milliseconds);
}

void from_json(const json& in, Cause& cause) {
    in.at("kind").get_to(cause.kind);
    take(in, "nodes", cause.nodes);
    take(in, "suspects", cause.suspects);
    take(in, "milliseconds", cause.milliseconds);
}

void to_json(json& out, const Evidence& evidence) {
    out = json{{"kind", evidence.kind}, {"at", evidence.at}};
    put(out, "node", evidence.node);
    put(out, "nodes", evidence.nodes);
    put(out, "milliseconds", evidence.milliseconds);
    put(out, "count", evidence.count);
    put(out, "times", evidence.times, std::uint64_t{1});
    put(out, "detail", evidence.detail);
}

void from_json(const json& in, Evidence& evidence) {
    in.at("kind").get_to(evidence.kind);
    in.at("at").get_to(evidence.at);
    take(in, "node", evidence.node);
    take(in, "nodes", evidence.nodes);
    take(in, "milliseconds", evidence.milliseconds);
    take(in, "count", evidence.count);
    take(in, "times", evidence.times);
    take(in, "detail", evidence.detail);
}

void to_json(json& out, const Votes& votes) {
    out = json{{"quorate", votes.quorate},
               {"votes", votes.votes},
               {"expected", votes.expected},
               {"quorum", votes.quorum},
               {"waiting_for_all", votes.waiting_for_all}};
    if (!votes.device_registered) return;
    out["device"] = {{"alive", votes.device_alive}, {"casts_vote", votes.device_casts}};
}

void from_json(const json& in, Votes& votes) {
    in.at("quorate").get_to(votes.quorate);
    in.at("votes").get_to(votes.votes);
    in.at("expected").get_to(votes.expected);
    in.at("quorum").get_to(votes.quorum);
    take(in, "waiting_for_all", votes.waiting_for_all);
    const auto device = in.find("device");
    votes.device_registered = device != in.end();
    if (!votes.device_registered) return;
    device->at("alive").get_to(votes.device_alive);
    device->at("casts_vote").get_to(votes.device_casts);
}

void to_json(json& out, const Counters& counters) {
    out = json{{"retransmit_tokens", counters.retransmit_tokens},
               {"retransmit_requests", counters.retransmit_requests},
               {"malformed", counters.malformed},
               {"refused", counters.refused},
               {"unsent", counters.unsent}};
}

void from_json(const json& in, Counters& counters) {
    take(in, "retransmit_tokens", counters.retransmit_tokens);
    take(in, "retransmit_requests", counters.retransmit_requests);
    take(in, "malformed", counters.malformed);
    take(in, "refused", counters.refused);
    take(in, "unsent", counters.unsent);
}

json to_json_value(const Record& record) {
    json out{{"sequence", record.sequence}, {"at", record.at},         {"kind", record.kind},
             {"self", record.self},         {"outage", record.outage}, {"synchronized", record.synchronized},
             {"old_ring", record.old_ring}, {"ring", record.new_ring}, {"members", record.members},
             {"joined", record.joined},     {"left", record.left},     {"left_silently", record.left_silently},
             {"cause", record.cause},       {"also", record.also},     {"evidence", record.evidence}};
    put(out, "before", record.before);
    put(out, "after", record.after);
    put(out, "evidence_dropped", record.evidence_dropped);
    if (record.counters.any()) out["counters"] = record.counters;
    return out;
}

std::string to_line(const Record& record) {
    // Reasons come from other nodes and need not be UTF-8.
    return to_json_value(record).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Record> from_line(const std::string& line) {
    const json in = object_of_counts(line);
    if (in.is_null()) return std::nullopt;
    try {
        Record record;
        take(in, "sequence", record.sequence);
        in.at("at").get_to(record.at);
        in.at("kind").get_to(record.kind);
        in.at("cause").get_to(record.cause);
        take(in, "self", record.self);
        take(in, "outage", record.outage);
        take(in, "synchronized", record.synchronized);
        take(in, "old_ring", record.old_ring);
        take(in, "ring", record.new_ring);
        take(in, "members", record.members);
        take(in, "joined", record.joined);
        take(in, "left", record.left);
        take(in, "left_silently", record.left_silently);
        take(in, "before", record.before);
        take(in, "after", record.after);
        take(in, "also", record.also);
        take(in, "evidence", record.evidence);
        take(in, "evidence_dropped", record.evidence_dropped);
        take(in, "counters", record.counters);
        return record;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace engine::why
