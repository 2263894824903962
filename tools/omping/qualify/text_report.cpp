#include "tools/omping/qualify/text_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tools::omping::qualify {
namespace {

std::string cast_lines(const std::string& host, const std::string& cast, const CastSummary& summary) {
    std::string text = fmt::format("{} : {:>9}, xmt/rcv/%loss = {}/{}", host, cast, summary.sent, summary.received);
    if (summary.duplicates != 0) text += fmt::format("+{}", summary.duplicates);
    text += fmt::format("/{:.2f}%", summary.loss_percent());
    if (summary.first > 1) {
        text += fmt::format(" (seq>={} {:.2f}%)", summary.first, summary.loss_since_first_percent());
    }
    text += fmt::format(", min/avg/max/std-dev = {:.3f}/{:.3f}/{:.3f}/{:.3f}\n", summary.min_us / 1000,
                        summary.mean_us / 1000, summary.max_us / 1000, summary.deviation_us / 1000);
    text += fmt::format("{} : {:>9}  p50/p90/p99/p99.9 = {:.3f}/{:.3f}/{:.3f}/{:.3f}, jitter = {:.3f}", host, "",
                        summary.p50_us / 1000, summary.p90_us / 1000, summary.p99_us / 1000, summary.p999_us / 1000,
                        summary.jitter_us / 1000);
    if (summary.reordered != 0) {
        text += fmt::format(", reordered = {} (depth {})", summary.reordered, summary.reorder_depth);
    }
    if (!summary.gaps.empty()) {
        text += fmt::format(", gaps = {} (longest {})", summary.gaps.size(), summary.longest_gap());
    }
    return text + "\n";
}

std::string test_lines(const Results& results, const std::string& name) {
    std::string text;
    std::size_t width = 0;
    for (const PeerResult& peer : results.peers)
        width = std::max(width, peer.name.size());
    for (const PeerResult& peer : results.peers) {
        const TestResult* test = peer.test(name);
        if (test == nullptr) continue;
        if (text.empty()) {
            text = fmt::format("\n{} test: {} queries, {:g} ms apart\n", name, test->wanted, test->interval_ms);
        }
        const std::string host = fmt::format("{:<{}}", peer.name, width);
        text += cast_lines(host, "unicast", test->unicast);
        text += cast_lines(host, results.method == "ipbc" ? "broadcast" : "multicast", test->group);
        if (test->stopped) text += fmt::format("{} : ended before the test did\n", host);
    }
    return text;
}

// What the others measured: only who qualifies tells.
std::string reported_lines(const Results& results) {
    std::string text;
    const auto name_of_host = [&](const Address& address) {
        if (same_host(address, results.own_address)) return results.own_name;
        const PeerResult* peer = results.peer(address);
        return peer != nullptr ? peer->name : address.to_string();
    };
    const auto loss = [](std::uint32_t sent, std::uint32_t received) {
        return received >= sent ? 0.0 : 100.0 * (sent - received) / sent;
    };
    for (const PeerResult& peer : results.peers) {
        for (const PairReport& report : peer.reports) {
            text += fmt::format("{} to {} : loss unicast {:.2f}%, group {:.2f}%; p99 {:.3f}/{:.3f} ms\n", peer.name,
                                name_of_host(report.to), loss(report.unicast_sent, report.unicast_received),
                                loss(report.group_sent, report.group_received), report.unicast_p99_us / 1000.0,
                                report.group_p99_us / 1000.0);
        }
        if (peer.reachable && peer.reports.empty()) {
            text += fmt::format("{} : only answers; this direction is known from our side alone\n", peer.name);
        }
    }
    return text.empty() ? text : "\nmeasured by the others\n" + text;
}

std::string token_lines(const Results& results, const TokenEstimate& token) {
    if (!token.known) return {};
    std::string text = fmt::format(
        "\ntoken rotation, estimated: {:.3f} ms, p99 {:.3f} ms; {:.0f} messages per second at window {}\n"
        "token timeout {:.0f} ms ({}); headroom {:.0f}",
        token.rotation_us / 1000, token.rotation_p99_us / 1000, token.messages_per_second, results.cluster.window,
        token.timeout_ms, results.cluster.token_ms ? "as configured" : "default for this number of nodes",
        token.headroom);
    if (token.suggested_ms > token.timeout_ms) text += fmt::format("; suggested timeout {} ms", token.suggested_ms);
    if (token.measured < token.hops) {
        text += fmt::format("\n{} of {} hops are measured, the others taken like ours", token.measured, token.hops);
    }
    return text + "\n";
}

std::string check_lines(const Judgement& judgement) {
    std::string text = "\n";
    for (const Check& check : judgement.checks) {
        text += fmt::format("{:<10}  {:<38}  {}\n", name_of(check.verdict), check.title, check.value);
        if (!check.reason.empty()) text += fmt::format("{:<12}{}\n", "", check.reason);
        if (!check.advice.empty()) text += fmt::format("{:<12}-> {}\n", "", check.advice);
    }
    return text;
}

}  // namespace

std::string text_report(const Results& results, const TokenEstimate& token, const Judgement& judgement) {
    std::string text =
        fmt::format("{} ({}, {}), group {} port {}{}\n", results.own_name, results.own_address.to_string(),
                    results.interface, results.group.to_string(), results.port,
                    results.cluster.source.empty() ? "" : ", of " + results.cluster.source);
    text += test_lines(results, "burst") + test_lines(results, "long") + reported_lines(results);
    text += token_lines(results, token) + check_lines(judgement);
    if (results.interrupted) text += "\nThe run was interrupted: what was not measured is not judged.\n";
    return text + fmt::format("\nVERDICT: {}\n", name_of(judgement.overall));
}

}  // namespace tools::omping::qualify
