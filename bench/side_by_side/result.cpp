#include "bench/side_by_side/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/common/statistics.hpp"

namespace bench {

std::vector<double> Result::values(const std::string& figure) const {
    std::vector<double> out;
    for (const auto& round : rounds) {
        if (const auto found = round.find(figure); found != round.end()) out.push_back(found->second);
    }
    return out;
}

std::optional<double> Result::median(const std::string& figure) const {
    auto all = values(figure);
    if (all.empty()) return std::nullopt;
    return bench::median(std::move(all));
}

void merge(Results& into, const Results& other) {
    if (!into.results.empty() && into.clients != other.clients)
        throw std::runtime_error(fmt::format("runs with different clients cannot be shown as one: '{}' and '{}'",
                                             into.clients, other.clients));
    into.clients = other.clients;
    into.command += (into.command.empty() ? "" : "\n") + other.command;
    into.machine.insert(other.machine.begin(), other.machine.end());
    into.versions.insert(other.versions.begin(), other.versions.end());
    into.failures.insert(into.failures.end(), other.failures.begin(), other.failures.end());
    for (const auto& result : other.results) {
        const auto same = std::find_if(into.results.begin(), into.results.end(), [&](const Result& old) {
            return old.cell == result.cell && old.contestant == result.contestant;
        });
        if (same == into.results.end())
            into.results.push_back(result);
        else
            same->rounds.insert(same->rounds.end(), result.rounds.begin(), result.rounds.end());
    }
}

const std::vector<FigureName>& figure_names(const std::string& kind) {
    static const std::vector<FigureName> kLatencies = {{"p50_us", "p50", "µs", false},
                                                       {"p99_us", "p99", "µs", false},
                                                       {"p999_us", "p99.9", "µs", false},
                                                       {"cpu_us_per_message", "CPU a delivery", "µs", false},
                                                       {"rotation_us", "token rotation", "µs", false}};
    static const std::map<std::string, std::vector<FigureName>> kNames = {
        {"throughput",
         {{"messages_per_second", "messages", "1/s", true},
          {"mb_per_second", "throughput", "MB/s", true},
          {"cpu_us_per_message", "CPU a delivery", "µs", false},
          {"cpu_ms_per_mb", "CPU a MB delivered", "ms", false},
          {"clients_per_second", "clients' ceiling", "1/s", true},
          {"rotation_us", "token rotation", "µs", false}}},
        {"latency", kLatencies},
        {"wake", kLatencies},
        {"loaded",
         {{"p50_us", "p50", "µs", false},
          {"p99_us", "p99", "µs", false},
          {"p999_us", "p99.9", "µs", false},
          {"mb_per_second", "flood", "MB/s", true}}},
        {"idle",
         {{"cpu_percent", "CPU of a node", "%", false},
          {"pss_mb", "memory of a node (Pss)", "MB", false},
          {"rss_mb", "memory of a node (Rss)", "MB", false},
          {"rotation_us", "token rotation", "µs", false}}},
        {"views",
         {{"form_ms", "start to ring", "ms", false},
          {"kill_ms", "kill -9 to new view", "ms", false},
          {"leave_ms", "SIGTERM to new view", "ms", false},
          {"rejoin_ms", "start to rejoined", "ms", false}}},
    };
    return kNames.at(kind);
}

std::string in_words(std::size_t bytes) {
    if (bytes >= 1'000'000) return "1 MiB";  // the largest message cpg takes is a little less
    return bytes >= 1024 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} B", bytes);
}

std::string in_words(const Cell& cell) {
    std::string out = cell.kind == "loaded" ? "latency under load" : cell.kind;
    if (cell.kind == "wake") out = "latency after idling";
    out += fmt::format(", {} node{}", cell.nodes, cell.nodes > 1 ? "s" : "");
    if (cell.senders > 0) out += fmt::format(", {} sender{}", cell.senders, cell.senders > 1 ? "s" : "");
    if (cell.kind == "loaded") out += ", flood of";
    if (cell.size > 0) out += (cell.kind == "loaded" ? " " : ", ") + in_words(cell.size);
    return out + (cell.protection == "on" ? ", protected" : "");
}

}  // namespace bench
