#include "bench/side_by_side/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/side_by_side/chart.hpp"
#include "bench/side_by_side/report.hpp"
#include "bench/side_by_side/targets.hpp"

namespace bench {
namespace {

constexpr const char* kHead = R"page(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>totemd side by side with corosync</title>
<style>
body { font: 14px/1.45 sans-serif; margin: 2em auto; max-width: 1450px; padding: 0 1em; color: #222; }
table { border-collapse: collapse; margin: .5em 0 1.5em; }
th, td { padding: .15em .6em; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; }
tr.met td:first-child { background: #cfe8d5; }
tr.missed td:first-child { background: #f3cfc6; }
tr.open { color: #999; }
tr.best td { font-weight: bold; }
figure { display: inline-block; margin: .5em 1em .5em 0; vertical-align: top; }
pre { white-space: pre-wrap; background: #f5f5f5; padding: .6em; }
small { color: #666; }
</style></head><body>
<h1>totemd side by side with corosync</h1>
<p>Medians of runs in turn, the same client on all. Ratios are ours divided by the best real peer of the cell;
a mixed ring is compared with rings of its real member's engine over the same transport.</p>
)page";

std::string section_of_machine(const Results& results) {
    std::string out = "<h2>Measured with</h2>\n<pre>" + escaped(results.command) + "</pre>\n<table>\n";
    out += fmt::format("<tr><td>clients</td><td class=\"text\">{}</td></tr>\n", escaped(results.clients));
    for (const auto& [what, value] : results.machine)
        out += fmt::format("<tr><td>{}</td><td class=\"text\">{}</td></tr>\n", escaped(what), escaped(value));
    for (const auto& [contestant, version] : results.versions)
        out += fmt::format("<tr><td>{}</td><td class=\"text\">{}</td></tr>\n", escaped(contestant), escaped(version));
    out += "</table>\n";
    for (const auto& failure : results.failures)
        out += "<h3>A run that failed</h3>\n<pre>" + escaped(failure) + "</pre>\n";
    return out;
}

std::string target_row(const Verdict& verdict) {
    const auto& target = *verdict.target;
    const char* sign = target.at_least ? "≥" : "≤";
    const std::string begin = fmt::format("<td>{}</td><td class=\"text\">{}</td><td>{} {}</td>", escaped(target.what),
                                          in_words(target.cell), sign, target.bound);
    if (!verdict.ratio) return fmt::format("<tr class=\"open\">{}<td colspan=\"7\">not measured</td></tr>\n", begin);
    const auto& ratio = *verdict.ratio;
    return fmt::format(
        "<tr class=\"{}\">{}<td><b>{:.2f}</b></td><td>{:.2f} – {:.2f}</td><td>{}</td>"
        "<td>{}</td><td class=\"text\">{}</td><td>{}</td><td class=\"text\">{}</td></tr>\n",
        verdict.met ? "met" : "missed", begin, ratio.value, ratio.low, ratio.high,
        ratio.ceiling ? number(*ratio.ceiling) : "", number(*ratio.ours->median(target.figure)),
        escaped(ratio.ours->contestant), number(*ratio.best->median(target.figure)), escaped(ratio.best->contestant));
}

std::string section_of_targets(const Results& results) {
    const auto verdicts = judge(results);
    const auto measured = std::count_if(verdicts.begin(), verdicts.end(),
                                        [](const Verdict& verdict) { return verdict.ratio.has_value(); });
    const auto met =
        std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.met; });
    std::string out = fmt::format(
        "<h2>Targets: {} of {} measured are met</h2>\n<table>\n<tr><th>figure</th><th>cell</th><th>target</th>"
        "<th>ratio</th><th>of single rounds</th><th>if only clients worked</th>"
        "<th colspan=\"2\">ours</th><th colspan=\"2\">best real peer</th></tr>\n",
        met, measured);
    for (const auto& verdict : verdicts)
        out += target_row(verdict);
    return out + "</table>\n";
}

std::string cell_table(const Results& results, const Cell& cell) {
    const auto& names = figure_names(cell.kind);
    std::string out = fmt::format("<h4>{}</h4>\n<table><tr><th></th>", in_words(cell));
    for (const auto& name : names)
        out += fmt::format("<th>{}, {}</th>", name.title, name.unit);
    out += "<th>load average</th></tr>\n";
    for (const auto& result : results.results) {
        if (!(result.cell == cell)) continue;
        out += fmt::format("<tr><td>{}</td>", escaped(result.contestant));
        for (const auto& name : names) {
            const auto median = result.median(name.name);
            const auto ratio = ratio_to_best(results, result, name.name, name.more_is_better);
            const bool peer = ratio && ratio->ours != ratio->best;
            out += fmt::format("<td>{}{}</td>", median ? number(*median) : "–",
                               peer ? fmt::format(" <small>({:.2f})</small>", ratio->value) : "");
        }
        out += fmt::format("<td>{}</td></tr>\n", number(result.median("load_average").value_or(0)));
    }
    return out + "</table>\n";
}

// Which figures are drawn; the others are in the tables.
std::vector<FigureName> drawn(const std::string& kind) {
    auto names = figure_names(kind);
    if (kind == "throughput") names = {names[0], names[3]};
    if (kind == "latency" || kind == "wake" || kind == "loaded") names.resize(3);
    return names;
}

// The cells that share a picture: those that differ in the size of the messages only.
std::vector<std::vector<Cell>> families(const Results& results) {
    std::vector<std::vector<Cell>> out;
    for (const auto& result : results.results) {
        const auto family = std::find_if(out.begin(), out.end(), [&](const std::vector<Cell>& cells) {
            Cell same = result.cell;
            same.size = cells.front().size;
            return same == cells.front();
        });
        if (family == out.end())
            out.push_back({result.cell});
        else if (std::find(family->begin(), family->end(), result.cell) == family->end())
            family->push_back(result.cell);
    }
    for (auto& cells : out)
        std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.size < b.size; });
    return out;
}

void add_bar(Chart& chart, const std::string& group, const Results& results, const Result& result,
             const FigureName& figure) {
    const auto median = result.median(figure.name);
    const auto ratio = ratio_to_best(results, result, figure.name, figure.more_is_better);
    if (!median || !ratio) return;
    const auto label = fmt::format("{}, {}: {} {}", result.contestant, group, number(*median), figure.unit);
    chart.add(group, result.contestant, {ratio->value, ratio->low, ratio->high, label});
}

std::string charts(const Results& results, const std::vector<Cell>& cells) {
    std::string out;
    const bool by_size = cells.front().size > 0;
    Chart all("relative to the best real peer, lower is better");
    for (const auto& figure : drawn(cells.front().kind)) {
        Chart one(fmt::format("{}, relative to the best real peer, {} is better", figure.title,
                              figure.more_is_better ? "higher" : "lower"));
        for (const auto& cell : cells) {
            for (const auto& result : results.results) {
                if (result.cell == cell)
                    add_bar(by_size ? one : all, by_size ? in_words(cell.size) : figure.title, results, result, figure);
            }
        }
        out += one.svg();
    }
    return out + all.svg();
}

}  // namespace

std::string page(const Results& results) {
    std::string out = kHead + section_of_targets(results);
    for (const auto& cells : families(results)) {
        Cell title = cells.front();
        title.size = 0;
        out += fmt::format("<h2>{}</h2>\n{}", in_words(title), charts(results, cells));
        out += "<details><summary>All figures</summary>\n";
        for (const auto& cell : cells)
            out += cell_table(results, cell);
        out += "</details>\n";
    }
    return out + section_of_machine(results) + "</body></html>\n";
}

}  // namespace bench
