#include "tools/omping/qualify/json_report.hpp"

#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "tools/common/program.hpp"

namespace tools::omping::qualify {
namespace {

using nlohmann::ordered_json;

std::string utc(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
    return value ? ordered_json(*value) : ordered_json();
}

ordered_json cast_json(const CastSummary& cast) {
    ordered_json gaps = ordered_json::array(), histogram = ordered_json::array();
    for (const Gap& gap : cast.gaps)
        gaps.push_back({{"from_seq", gap.from}, {"length", gap.length}});
    for (const auto& bucket : cast.histogram.buckets())
        histogram.push_back({bucket.upper_us, bucket.count});
    return {{"sent", cast.sent},
            {"received", cast.received},
            {"loss_percent", cast.loss_percent()},
            {"loss_since_first_percent", cast.loss_since_first_percent()},
            {"first_seq", cast.first},
            {"dups", cast.duplicates},
            {"reordered", cast.reordered},
            {"reorder_depth", cast.reorder_depth},
            {"gaps", gaps},
            {"longest_gap", cast.longest_gap()},
            {"rtt_min_us", cast.min_us},
            {"rtt_mean_us", cast.mean_us},
            {"rtt_max_us", cast.max_us},
            {"rtt_stddev_us", cast.deviation_us},
            {"rtt_p50_us", cast.p50_us},
            {"rtt_p90_us", cast.p90_us},
            {"rtt_p99_us", cast.p99_us},
            {"rtt_p999_us", cast.p999_us},
            {"jitter_us", cast.jitter_us},
            {"jitter_p99_p50_us", cast.p99_us - cast.p50_us},
            {"histogram", histogram}};
}

ordered_json test_json(const TestResult& test) {
    ordered_json silence;
    if (test.silence) {
        silence = {{"from_seq", test.silence->from},
                   {"length", test.silence->length},
                   {"to_the_end", test.silence->to_the_end}};
    }
    return {{"name", test.name},
            {"interval_ms", test.interval_ms},
            {"queries", test.wanted},
            {"started_after_join_s", test.started_s},
            {"complete", test.complete()},
            {"group_setup_ms", or_null(test.group_setup_ms)},
            {"group_silence", silence},
            {"unicast", cast_json(test.unicast)},
            {"group", cast_json(test.group)}};
}

ordered_json nodes_json(const Results& results) {
    ordered_json nodes = ordered_json::array();
    const ordered_json own = {{"name", results.own_name},
                              {"address", results.own_address.to_string()},
                              {"local", true},
                              {"interface", results.interface},
                              {"interface_mtu", results.interface_mtu},
                              {"turnaround_us", results.turnaround_us}};
    for (std::size_t i = 0; i <= results.peers.size(); ++i) {
        if (i == results.position) nodes.push_back(own);
        if (i == results.peers.size()) break;
        const PeerResult& peer = results.peers[i];
        nodes.push_back({{"name", peer.name},
                         {"address", peer.address.to_string()},
                         {"local", false},
                         {"reachable", peer.reachable},
                         {"same_subnet", peer.same_subnet},
                         {"qualifies", peer.qualifies},
                         {"limits_rate", peer.limits_rate},
                         {"clock_offset_ms", or_null(peer.clock_offset_ms)}});
    }
    return nodes;
}

// What another node measured: all its tests together.
ordered_json reported_json(const PeerResult& from, const PairReport& report) {
    const auto cast = [](std::uint32_t sent, std::uint32_t received, std::uint32_t p50, std::uint32_t p99,
                         std::uint32_t max) -> ordered_json {
        const double loss = received >= sent ? 0 : 100.0 * (sent - received) / sent;
        return {{"sent", sent},      {"received", received}, {"loss_percent", loss},
                {"rtt_p50_us", p50}, {"rtt_p99_us", p99},    {"rtt_max_us", max}};
    };
    return {{"from", from.address.to_string()},
            {"to", report.to.to_string()},
            {"link", 0},
            {"measured_by", from.name},
            {"unicast", cast(report.unicast_sent, report.unicast_received, report.unicast_p50_us, report.unicast_p99_us,
                             report.unicast_max_us)},
            {"group", cast(report.group_sent, report.group_received, report.group_p50_us, report.group_p99_us,
                           report.group_max_us)}};
}

ordered_json pairs_json(const Results& results) {
    ordered_json pairs = ordered_json::array();
    for (const PeerResult& peer : results.peers) {
        ordered_json tests = ordered_json::array();
        for (const TestResult& test : peer.tests)
            tests.push_back(test_json(test));
        pairs.push_back({{"from", results.own_address.to_string()},
                         {"to", peer.address.to_string()},
                         {"link", 0},
                         {"measured_by", results.own_name},
                         {"tests", tests}});
    }
    for (const PeerResult& peer : results.peers) {
        for (const PairReport& report : peer.reports)
            pairs.push_back(reported_json(peer, report));
    }
    return pairs;
}

ordered_json igmp_json(const IgmpResult& igmp) {
    ordered_json queriers = ordered_json::array(), bridges = ordered_json::array();
    for (const Querier& querier : igmp.queriers) {
        queriers.push_back({{"address", querier.address.to_string()},
                            {"version", querier.version},
                            {"first_s", querier.first_s},
                            {"general_queries_s", querier.general_s},
                            {"answers_to_leaves", querier.specific}});
    }
    for (const Bridge& bridge : igmp.bridges) {
        bridges.push_back({{"name", bridge.name},
                           {"multicast_snooping", bridge.snooping},
                           {"multicast_querier", bridge.querier},
                           {"carries_this_network", bridge.ours}});
    }
    const char* flooding = igmp.flooding == Flooding::flooded  ? "flooded"
                           : igmp.flooding == Flooding::pruned ? "pruned"
                                                               : "unknown";
    return {{"listened", igmp.listened},
            {"listened_s", igmp.listened_s},
            {"unjoined_group", flooding},
            {"queriers", queriers},
            {"bridges", bridges}};
}

ordered_json mtu_json(const Results& results) {
    ordered_json out = ordered_json::array();
    for (const PeerResult& peer : results.peers) {
        ordered_json ladder = ordered_json::array();
        for (const MtuStep& step : peer.mtu.ladder)
            ladder.push_back({{"payload_bytes", step.payload}, {"unicast", step.unicast}, {"group", step.group}});
        out.push_back({{"to", peer.address.to_string()},
                       {"tested", peer.mtu.tested},
                       {"path_mtu_bytes", or_null(peer.mtu.path_mtu)},
                       {"ladder", ladder}});
    }
    return out;
}

ordered_json checks_json(const Judgement& judgement) {
    ordered_json out = ordered_json::array();
    for (const Check& check : judgement.checks) {
        out.push_back({{"id", check.id},
                       {"title", check.title},
                       {"value", check.value},
                       {"limit", check.limit},
                       {"verdict", name_of(check.verdict)},
                       {"reason", check.reason},
                       {"advice", check.advice}});
    }
    return out;
}

}  // namespace

ordered_json json_report(const Results& results, const TokenEstimate& token, const Judgement& judgement) {
    const Cluster& cluster = results.cluster;
    const ordered_json links = {{"link", 0}, {"interface", results.interface}, {"mtu_bytes", results.interface_mtu}};
    return {{"tool", "omping"},
            {"version", version_number()},
            {"started", utc(results.started)},
            {"interrupted", results.interrupted},
            {"options",
             {{"method", results.method},
              {"group", results.group.to_string()},
              {"port", results.port},
              {"cluster", cluster.name},
              {"source", cluster.source},
              {"netmtu_bytes", cluster.netmtu},
              {"window_messages", cluster.window},
              {"token_ms", results.token_ms()},
              {"token_configured", cluster.token_ms.has_value()}}},
            {"nodes", nodes_json(results)},
            {"links", {{{"link", 0}, {"interface", results.interface}, {"mtu_bytes", results.interface_mtu}}}},
            {"pairs", pairs_json(results)},
            {"igmp", igmp_json(results.igmp)},
            {"mtu", mtu_json(results)},
            {"token_estimate",
             {{"known", token.known},
              {"rotation_us", token.rotation_us},
              {"rotation_p99_us", token.rotation_p99_us},
              {"hops", token.hops},
              {"measured_hops", token.measured},
              {"timeout_ms", token.timeout_ms},
              {"headroom", token.headroom},
              {"messages_per_second", token.messages_per_second},
              {"suggested_timeout_ms", token.suggested_ms}}},
            {"checks", checks_json(judgement)},
            {"verdict", name_of(judgement.overall)}};
}

}  // namespace tools::omping::qualify
