#include "bench/side_by_side/targets.hpp"

#include <algorithm>
#include <limits>

#include "bench/side_by_side/contestant.hpp"

namespace bench {
namespace {

constexpr std::size_t kKilobyte = 1024, kLargest = 1047552;

// Under construction.
class Table {
public:
    std::vector<Target> take() { return std::move(out_); }

    void throughput(unsigned nodes, unsigned senders, std::size_t size, double bound) {
        at_least("throughput", {"throughput", nodes, senders, size, "off"}, kOpen, bound);
    }
    void protected_throughput(unsigned senders, std::size_t size) {
        const Cell cell{"throughput", 3, senders, size, "on"};
        at_least("secauth aes256/sha1", cell, {"totemd:udp+aes256-sha1", "totemd:udpu+aes256-sha1"}, 4);
        at_least("native suite", cell, {"totemd:udp+aes256-gcm", "totemd:udp+xchacha20", "totemd:udpu+aes256-gcm"}, 6);
    }
    void at_least(std::string what, Cell cell, std::vector<std::string> ours, double bound) {
        out_.push_back({std::move(what), std::move(cell), "messages_per_second", std::move(ours), true, bound});
    }
    void at_most(std::string what, Cell cell, std::string figure, double bound, std::vector<std::string> ours = kOpen) {
        out_.push_back({std::move(what), std::move(cell), std::move(figure), std::move(ours), false, bound});
    }

private:
    inline static const std::vector<std::string> kOpen = {"totemd:udp", "totemd:udpu"};
    std::vector<Target> out_;
};

std::vector<Target> make_targets() {
    const std::vector<std::size_t> sizes = {64, kKilobyte, 8 * kKilobyte, 64 * kKilobyte, kLargest};
    Table table;
    for (const auto& [senders, bounds] :
         {std::pair(1u, std::vector{2., 4., 5., 5., 5.}), std::pair(3u, std::vector{3., 5., 5., 5., 5.})}) {
        for (std::size_t i = 0; i < sizes.size(); ++i)
            table.throughput(3, senders, sizes[i], bounds[i]);
    }
    for (const unsigned senders : {1u, 3u}) {
        for (std::size_t i = 1; i < sizes.size(); ++i)
            table.protected_throughput(senders, sizes[i]);
    }
    for (const auto size : {sizes[0], sizes[2]}) {
        const Cell cell{"latency", 3, 0, size, "off"};
        table.at_most("latency p50", cell, "p50_us", 0.6);
        table.at_most("latency p99", cell, "p99_us", 0.5);
    }
    for (const auto size : sizes)
        table.at_most("latency p99", {"loaded", 3, 0, size, "off"}, "p99_us", 0.3);
    for (const unsigned senders : {1u, 3u}) {
        for (const auto size : sizes)
            table.at_most("CPU a MB", {"throughput", 3, senders, size, "off"}, "cpu_ms_per_mb", 0.33);
    }
    table.throughput(8, 8, kKilobyte, 5);
    table.at_most("kill -9 to new view", {"views", 3, 0, 0, "off"}, "kill_ms", 0.25);
    for (const std::string mixed : {"mixed:udp", "mixed:udpu"}) {
        for (const unsigned senders : {1u, 3u}) {
            for (const auto size : sizes)
                table.at_least(mixed, {"throughput", 3, senders, size, "off"}, {mixed}, 1.3);
        }
        for (const auto size : {sizes[0], sizes[2]})
            table.at_most(mixed + " p50", {"latency", 3, 0, size, "off"}, "p50_us", 1, {mixed});
    }
    table.at_most("idle CPU", {"idle", 3, 0, 0, "off"}, "cpu_percent", 1);
    table.at_most("memory of a node", {"idle", 3, 0, 0, "off"}, "pss_mb", 1);
    return table.take();
}

bool comparable(const Contestant& ours, const Contestant& peer) {
    if (!peer.real()) return false;
    if (!ours.mixed()) return true;
    return peer.transport == ours.transport && peer.engine == (ours.engine == "mixed" ? "corosync" : "corosync2");
}

const Result* find_measured(const Results& results, const Target& target) {
    for (const auto& word : target.ours) {
        for (const auto& result : results.results) {
            if (result.cell == target.cell && is_meant(parse_contestant(result.contestant), word) &&
                result.median(target.figure))
                return &result;
        }
    }
    return nullptr;
}

}  // namespace

const std::vector<Target>& targets() {
    static const std::vector<Target> kTargets = make_targets();
    return kTargets;
}

std::optional<Ratio> ratio_to_best(const Results& results, const Result& ours, const std::string& figure,
                                   bool more_is_better) {
    const Contestant self = parse_contestant(ours.contestant);
    const auto own = ours.median(figure);
    const Result* best = nullptr;
    for (const auto& result : results.results) {
        if (!(result.cell == ours.cell) || !comparable(self, parse_contestant(result.contestant))) continue;
        const auto value = result.median(figure);
        if (!value || *value <= 0) continue;
        if (!best || (more_is_better ? *value > *best->median(figure) : *value < *best->median(figure))) best = &result;
    }
    if (!own || !best) return std::nullopt;
    Ratio out{&ours, best, *own / *best->median(figure), 0, 0};
    const auto clients = ours.median("clients_per_second");
    if (clients && figure == "messages_per_second") out.ceiling = *clients / *best->median(figure);
    out.low = out.high = out.value;
    const auto mine = ours.values(figure), theirs = best->values(figure);
    for (std::size_t i = 0; i < std::min(mine.size(), theirs.size()); ++i) {
        if (theirs[i] <= 0) continue;
        out.low = std::min(out.low, mine[i] / theirs[i]);
        out.high = std::max(out.high, mine[i] / theirs[i]);
    }
    return out;
}

std::vector<Verdict> judge(const Results& results) {
    std::vector<Verdict> out;
    for (const auto& target : targets()) {
        Verdict verdict{&target, std::nullopt, false};
        if (const Result* ours = find_measured(results, target))
            verdict.ratio = ratio_to_best(results, *ours, target.figure, target.at_least);
        if (verdict.ratio)
            verdict.met = target.at_least ? verdict.ratio->value >= target.bound : verdict.ratio->value <= target.bound;
        out.push_back(verdict);
    }
    return out;
}

}  // namespace bench
