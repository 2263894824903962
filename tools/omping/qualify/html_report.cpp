#include "tools/omping/qualify/html_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "tools/common/program.hpp"
#include "tools/omping/qualify/charts.hpp"
#include "tools/omping/qualify/page_style.hpp"
#include "tools/omping/qualify/svg.hpp"

namespace tools::omping::qualify {
namespace {

std::string local_time(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    localtime_r(&time, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &parts);
    return text;
}

// "NOT TESTED" is two classes, of which one has a colour.
std::string badge(Verdict verdict) {
    return fmt::format(R"(<span class="badge {0}">{0}</span>)", name_of(verdict));
}

std::string banner(const Results& results, const Judgement& judgement) {
    const auto count = [&](Verdict verdict) { return std::ranges::count(judgement.checks, verdict, &Check::verdict); };
    std::string first;
    for (const Check& check : judgement.checks) {
        if (check.verdict == judgement.overall && judgement.overall != Verdict::pass) {
            first = fmt::format("<p>{}: {}</p>", escape_html(check.title), escape_html(check.reason));
            break;
        }
    }
    if (judgement.overall == Verdict::pass) first = "<p>This network carries the cluster.</p>";
    if (results.interrupted) first += "<p>The run was interrupted: what was not measured is not judged.</p>";
    return fmt::format(
        R"(<div class="banner {0}"><b>{0}</b><div>{1}<p class="soft">{2} passed, {3} warnings, {4} failed, {5} not tested</p></div></div>)",
        name_of(judgement.overall), first, count(Verdict::pass), count(Verdict::warn), count(Verdict::fail),
        count(Verdict::not_tested));
}

std::string checks_table(const Judgement& judgement) {
    std::string rows;
    for (const Check& check : judgement.checks) {
        std::string more;
        if (!check.reason.empty()) more += fmt::format("<p>{}</p>", escape_html(check.reason));
        if (!check.advice.empty()) more += fmt::format(R"(<p class="soft">{}</p>)", escape_html(check.advice));
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", badge(check.verdict),
                            escape_html(check.title), escape_html(check.value), escape_html(check.limit), more);
    }
    return R"(<div class="card"><table class="checks"><tr><th>Verdict</th><th>Check</th><th>Measured</th><th>Wanted</th>)"
           "<th>Why, and what to do</th></tr>" +
           rows + "</table></div>";
}

// --- pairs

struct Cell {
    double loss = 0, p99_us = 0;
    const char* tone = "NOT";
};

Cell cell_of(const PairReport& report) {
    const auto lost = [](double sent, double received) { return sent > received ? 100 * (sent - received) / sent : 0; };
    Cell cell;
    cell.loss =
        std::max(lost(report.unicast_sent, report.unicast_received), lost(report.group_sent, report.group_received));
    cell.p99_us = std::max(report.unicast_p99_us, report.group_p99_us);
    const bool good = cell.loss == 0 && cell.p99_us < 2000;
    cell.tone = cell.loss >= 1 ? "FAIL" : good ? "PASS" : "WARN";
    return cell;
}

std::optional<Cell> cell_between(const Results& results, const Address& from, const Address& to) {
    if (same_host(from, results.own_address)) {
        const PeerResult* peer = results.peer(to);
        if (peer == nullptr || peer->tests.empty()) return std::nullopt;
        return cell_of(report_of(*peer));
    }
    const PeerResult* peer = results.peer(from);
    if (peer == nullptr) return std::nullopt;
    const auto found =
        std::ranges::find_if(peer->reports, [&](const PairReport& each) { return same_host(each.to, to); });
    return found == peer->reports.end() ? std::nullopt : std::optional(cell_of(*found));
}

std::string matrix(const Results& results) {
    std::vector<std::pair<std::string, Address>> nodes;
    for (const PeerResult& peer : results.peers)
        nodes.emplace_back(peer.name, peer.address);
    nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(results.position),
                 {results.own_name, results.own_address});
    std::string text = R"(<div class="card"><table class="matrix"><tr><th>from \ to</th>)";
    for (const auto& [name, address] : nodes)
        text += fmt::format("<th>{}</th>", escape_html(name));
    text += "</tr>";
    for (const auto& [name, from] : nodes) {
        text += fmt::format("<tr><th>{}</th>", escape_html(name));
        for (const auto& [other, to] : nodes) {
            if (same_host(from, to)) {
                text += "<td></td>";
            } else if (const auto cell = cell_between(results, from, to)) {
                text += fmt::format(R"(<td class="cell {}">{:.2f} %<small>p99 {:.3f} ms</small></td>)", cell->tone,
                                    cell->loss, cell->p99_us / 1000);
            } else {
                text += R"(<td class="soft">not measured</td>)";
            }
        }
        text += "</tr>";
    }
    return text +
           R"(</table><p class="soft">The greater loss of unicast and group, and the greater p99, over all tests. )"
           "A row is what that node measured; only nodes that qualify tell.</p></div>";
}

// --- tests

std::string numbers(const TestResult& test) {
    std::string rows;
    for (const auto& [name, cast] : {std::pair("unicast", &test.unicast), std::pair("group", &test.group)}) {
        rows += fmt::format(R"(<tr><td>{}</td><td class="number">{} / {}</td><td class="number">{:.2f} %</td>)", name,
                            cast->received, cast->sent, cast->loss_percent());
        for (const double us :
             {cast->min_us, cast->p50_us, cast->p90_us, cast->p99_us, cast->p999_us, cast->max_us, cast->jitter_us})
            rows += fmt::format(R"(<td class="number">{:.3f}</td>)", us / 1000);
        rows += fmt::format(R"(<td class="number">{}</td><td class="number">{}</td><td class="number">{}</td></tr>)",
                            cast->duplicates, cast->reordered, cast->longest_gap());
    }
    return "<table><tr><th></th><th>received</th><th>loss</th><th>min ms</th><th>p50</th><th>p90</th><th>p99</th>"
           "<th>p99.9</th><th>max</th><th>jitter</th><th>dups</th><th>reord.</th><th>longest gap</th></tr>" +
           rows + "</table>";
}

std::string tests_of(const PeerResult& peer) {
    std::string text;
    for (const TestResult& test : peer.tests) {
        if (!test.usable()) continue;
        const std::string setup =
            test.group_setup_ms ? fmt::format(", group set up after {:.1f} ms", *test.group_setup_ms) : std::string();
        text += fmt::format(R"(<h2>{}, {} test <span class="soft">{} queries, {:g} ms apart{}</span></h2>)",
                            escape_html(peer.name), test.name, test.unicast.sent, test.interval_ms, setup);
        text += fmt::format(R"(<div class="card">{}</div><br><div class="grid"><div class="card">{}</div>)",
                            numbers(test), histogram_chart(test));
        text += fmt::format(R"(<div class="card">{}</div></div>)", timeline_chart(test));
    }
    return text;
}

std::string section(const std::string& title, const std::string& content) {
    if (content.empty()) return {};
    return fmt::format(R"(<div class="card"><h3>{}</h3>{}</div>)", title, content);
}

std::string parameters(const Results& results) {
    std::string rows;
    const auto row = [&](const char* name, const std::string& value) {
        rows += fmt::format("<tr><td>{}</td><td><code>{}</code></td></tr>", name, escape_html(value));
    };
    row("group and port", fmt::format("{} port {} ({})", results.group.to_string(), results.port, results.method));
    row("from", results.cluster.source.empty() ? "command line" : results.cluster.source);
    row("interface", fmt::format("{}, MTU {}", results.interface, results.interface_mtu));
    row("token timeout", fmt::format("{} ms{}", results.token_ms(), results.cluster.token_ms ? "" : " (default)"));
    row("netmtu, window", fmt::format("{} bytes, {} messages", results.cluster.netmtu, results.cluster.window));
    for (const PeerResult& peer : results.peers) {
        const std::string clock =
            peer.clock_offset_ms ? fmt::format(", clock {:+.1f} ms", *peer.clock_offset_ms) : std::string();
        row("host", fmt::format("{} {}{}{}", peer.name, peer.address.to_string(),
                                peer.qualifies   ? ", qualifies"
                                : peer.reachable ? ", answers only"
                                                 : ", does not answer",
                                clock));
    }
    for (const Bridge& bridge : results.igmp.bridges) {
        row("bridge",
            fmt::format("{} multicast_snooping {} multicast_querier {}{}", bridge.name, bridge.snooping ? 1 : 0,
                        bridge.querier ? 1 : 0, bridge.ours ? ", of this network" : ""));
    }
    return "<table>" + rows + "</table>";
}

}  // namespace

std::string html_report(const Results& results, const TokenEstimate& token, const Judgement& judgement) {
    std::string body =
        fmt::format(R"(<h1>Network qualification of {}</h1><p class="soft">{} hosts, {}; omping of totemd {}</p>)",
                    escape_html(results.own_name), results.nodes(), local_time(results.started), version_number());
    body += banner(results, judgement) + "<h2>Checks</h2>" + checks_table(judgement);
    body += "<h2>Pairs of hosts</h2>" + matrix(results);
    for (const PeerResult& peer : results.peers)
        body += tests_of(peer);
    body += R"(<h2>Network</h2><div class="grid">)";
    body += section("Packet sizes", ladder_chart(results));
    body += section(results.ipv6() ? "MLD queries heard" : "IGMP queries heard", querier_chart(results.igmp));
    body += section("Token rotation, estimated", token_chart(token));
    body += section("Parameters", parameters(results)) + "</div>";
    return fmt::format(
        R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">)"
        R"(<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>{}: {}</title>)"
        "<style>{}</style></head><body><main>{}</main></body></html>\n",
        name_of(judgement.overall), escape_html(results.own_name), kPageStyle, body);
}

}  // namespace tools::omping::qualify
