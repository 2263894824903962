#include "bench/side_by_side/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/side_by_side/contestant.hpp"
#include "bench/side_by_side/targets.hpp"

namespace bench {
namespace {

std::vector<Cell> cells_of(const Results& results) {
    std::vector<Cell> out;
    for (const auto& result : results.results) {
        if (std::find(out.begin(), out.end(), result.cell) == out.end()) out.push_back(result.cell);
    }
    return out;
}

std::string row(const Results& results, const Result& result) {
    std::string out = fmt::format("  {:<28}", result.contestant);
    const bool real = parse_contestant(result.contestant).real();
    for (const auto& name : figure_names(result.cell.kind)) {
        const auto median = result.median(name.name);
        out += fmt::format(" {:>9}", median ? number(*median) : "-");
        const auto ratio = real ? std::nullopt : ratio_to_best(results, result, name.name, name.more_is_better);
        out += fmt::format(" {:>7}", ratio ? fmt::format("({:.2f})", ratio->value) : "");
    }
    return out + "\n";
}

}  // namespace

std::string number(double value) {
    if (value == 0) return "0";
    const int digits = std::max(0, 2 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
    return fmt::format("{:.{}f}", value, digits);
}

std::string tables(const Results& results) {
    std::string out = "medians of interleaved runs (ratio to the best real peer)\n";
    for (const Cell& cell : cells_of(results)) {
        std::size_t rounds = 0;
        std::string rows;
        for (const auto& result : results.results) {
            if (!(result.cell == cell)) continue;
            rounds = std::max(rounds, result.rounds.size());
            rows += row(results, result);
        }
        out += fmt::format("\n{}, {} round{}\n  {:<28}", in_words(cell), rounds, rounds > 1 ? "s" : "", "");
        for (const auto& name : figure_names(cell.kind))
            out += fmt::format(" {:>17}", fmt::format("{} {}", name.title, name.unit).substr(0, 17));
        out += "\n" + rows;
    }
    return out;
}

std::string target_table(const Results& results) {
    std::string out;
    for (const auto& [target, ratio, met] : judge(results)) {
        if (!ratio) continue;
        out += fmt::format(
            "{:<3} {:<20} {:<44} {} {:<5} {:>6.2f}  {:>6.2f}..{:<6.2f} {:>7}  {:>9} of {:<26} {:>9} of {}\n",
            met ? "yes" : "NO", target->what, in_words(target->cell), target->at_least ? ">=" : "<=", target->bound,
            ratio->value, ratio->low, ratio->high, ratio->ceiling ? number(*ratio->ceiling) : "",
            number(*ratio->ours->median(target->figure)), ratio->ours->contestant,
            number(*ratio->best->median(target->figure)), ratio->best->contestant);
    }
    if (out.empty()) return out;
    return fmt::format(
        "\ntargets: met? figure, cell, bound, ratio of medians, of single rounds, if only clients worked, ours, best "
        "real peer\n{}",
        out);
}

}  // namespace bench
