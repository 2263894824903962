#include "bench/store/report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {
namespace {

double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

std::string in_words(unsigned nodes) {
    return nodes == 0 ? "local" : std::to_string(nodes);
}

std::string in_words(std::size_t bytes) {
    return bytes >= 1024 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} B", bytes);
}

std::string in_words(const Work& work) {
    const std::string what = work.kind == "lock" ? work.kind : fmt::format("{} {}", work.kind, in_words(work.size));
    return fmt::format("{}, {} writer{}{}", what, work.writers, work.writers > 1 ? "s" : "",
                       work.everywhere ? " a node" : "");
}

// Runs of what was measured on different stores in turn: [first, last) are of one cell.
template <typename T, typename Same>
std::vector<std::vector<const T*>> groups(const std::vector<T>& all, const Same& same) {
    std::vector<std::vector<const T*>> out;
    for (const T& each : all) {
        const auto group = std::find_if(out.begin(), out.end(), [&](const auto& some) {
            return some.front()->place.medium == each.place.medium && some.front()->place.nodes == each.place.nodes &&
                   same(*some.front(), each);
        });
        if (group == out.end())
            out.push_back({&each});
        else
            group->push_back(&each);
    }
    return out;
}

auto groups_of(const std::vector<Cell>& all) {
    return groups(all, [](const Cell& a, const Cell& b) { return a.work == b.work; });
}
auto groups_of(const std::vector<Written>& all) {
    return groups(all, [](const Written& a, const Written& b) { return a.kind == b.kind && a.size == b.size; });
}

std::string speed_table(const Results& results, const std::string& medium) {
    std::string out = fmt::format("\n{}: {}\n{:>6}  {:<36} {:<20} {:>8} {:>8} {:>8}   {:>7} {:>7} {:>7}\n", medium,
                                  results.media.at(medium), "nodes", "changes", "store", "per s", "p50 ms", "p99 ms",
                                  "rate", "p50", "p99");
    for (const auto& group : groups_of(results.speeds)) {
        if (group.front()->place.medium != medium) continue;
        for (const Cell* cell : group) {
            const auto of = [&](double Speed::*member) {
                return ratio(cell->middle(member), group.back()->middle(member));
            };
            const bool first = cell == group.front();
            out +=
                fmt::format("{:>6}  {:<36} {:<20} {:>8.0f} {:>8.2f} {:>8.2f}", first ? in_words(cell->place.nodes) : "",
                            first ? in_words(cell->work) : "", cell->place.store, cell->middle(&Speed::per_second),
                            cell->middle(&Speed::p50_us) / 1000, cell->middle(&Speed::p99_us) / 1000);
            if (cell != group.back())
                out += fmt::format("   {:>7.2f} {:>7.2f} {:>7.2f}", of(&Speed::per_second), of(&Speed::p50_us),
                                   of(&Speed::p99_us));
            out += '\n';
        }
    }
    return out;
}

std::string byte_table(const Results& results) {
    std::string out = fmt::format("\nKiB written to disk by a change\n{:>6}  {:<36} {:<20} {:>12} {:>12}   {:>7}\n",
                                  "nodes", "change", "store", "by a daemon", "by all*", "ratio");
    for (const auto& group : groups_of(results.bytes)) {
        for (const Written* row : group) {
            const bool first = row == group.front();
            out += fmt::format("{:>6}  {:<36} {:<20} {:>12.1f} {:>12.1f}", first ? in_words(row->place.nodes) : "",
                               first ? fmt::format("{} {}", row->kind, in_words(row->size)) : "", row->place.store,
                               row->by_daemon / 1024, row->by_device / 1024);
            if (row != group.back()) out += fmt::format("   {:>7.2f}", ratio(row->by_daemon, group.back()->by_daemon));
            out += '\n';
        }
    }
    return out +
           "* all that reached the device: of all nodes, with the file system's journal, and of others who use it\n";
}

// --- picture ----------------------------------------------------------------------------------------------------

// Bars in groups: one group a number of nodes, one bar a store. Gnuplot's text, with its data.
class Chart {
public:
    Chart(std::string title, std::string unit) : title_(std::move(title)), unit_(std::move(unit)) {}

    void add(const std::string& group, std::string store, double value) {
        // One place for a store, whether the cluster or the local mode ran it.
        if (store == "cfsd") store = "cfsd over totemd";
        if (store == "pmxcfs") store = "pmxcfs over corosync";
        if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) groups_.push_back(group);
        values_[store][group] = value;
    }
    bool empty() const { return groups_.empty(); }

    std::string text(int number) const {
        std::string out = fmt::format("$data{} << END\n", number);
        for (const auto& group : groups_) {
            out += fmt::format("\"{}\"", group);
            for (const auto& [store, values] : values_)
                out += values.contains(group) ? fmt::format(" {}", values.at(group)) : " NaN";
            out += '\n';
        }
        out += fmt::format("END\nset title \"{}\"\nset ylabel \"{}\"\nplot ", title_, unit_);
        int column = 1;
        for (const auto& [store, values] : values_) {
            if (++column > 2) out += ", ";
            out +=
                fmt::format("$data{} using {}:xtic(1) title \"{}\" lc rgb \"{}\"", number, column, store, color(store));
        }
        return out + "\n";
    }

private:
    static const char* color(const std::string& store) {
        if (store == "cfsd over totemd") return "#2a7f62";
        return store == "cfsd over corosync" ? "#3b6ea5" : "#c8553d";
    }

    std::string title_, unit_;
    std::vector<std::string> groups_;
    std::map<std::string, std::map<std::string, double>> values_;  // of a store, by group
};

struct Axis {
    const char* unit;
    double Speed::*member;
    double scale;
};
constexpr Axis kRate{"changes per second", &Speed::per_second, 1};
constexpr Axis kSlowest{"p99, ms", &Speed::p99_us, 1e-3};

Chart speed_chart(const Results& results, const std::string& medium, const Work& work, const Axis& axis) {
    Chart chart(fmt::format("{}: {}", medium, in_words(work)), axis.unit);
    for (const Cell& cell : results.speeds) {
        // On a single node its writers are all there are.
        const bool wanted = cell.work == work || (cell.place.nodes <= 1 && cell.work.kind == work.kind &&
                                                  cell.work.size == work.size && cell.work.writers == work.writers);
        if (cell.place.medium == medium && wanted)
            chart.add(in_words(cell.place.nodes), cell.place.store, cell.middle(axis.member) * axis.scale);
    }
    return chart;
}

Chart byte_chart(const Results& results, const std::string& kind, std::size_t size) {
    Chart chart(fmt::format("disk: {} {}", kind, in_words(size)), "KiB written by a daemon");
    for (const Written& row : results.bytes) {
        if (row.kind == kind && row.size == size)
            chart.add(in_words(row.place.nodes), row.place.store, row.by_daemon / 1024);
    }
    return chart;
}

std::vector<Chart> charts(const Results& results) {
    constexpr std::size_t kSmall = 4096, kLarge = 524288;
    std::vector<Chart> out;
    for (const auto& [medium, what] : results.media) {
        for (const Work& work : {Work{"save", kSmall, 1, false}, Work{"save", kSmall, 8, true}}) {
            for (const Axis& axis : {kRate, kSlowest})
                out.push_back(speed_chart(results, medium, work, axis));
        }
    }
    for (const auto size : {kSmall, kLarge}) {
        for (const char* kind : {"save", "in-place"})
            out.push_back(byte_chart(results, kind, size));
    }
    std::erase_if(out, [](const Chart& chart) { return chart.empty(); });
    return out;
}

constexpr const char* kHead = R"plot(set terminal pngcairo size 1600,{0} font "sans,10"
set output "{1}.png"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set boxwidth 0.9
set grid ytics
set yrange [0:*]
set xlabel "nodes"
set key below font ",9"
set multiplot layout {2},4 title "Configuration store: changes of small files, and what they write. Medians of interleaved runs.\n\
cfsd answers when the change is on disk (fdatasync), pmxcfs before."
)plot";

}  // namespace

std::string tables(const Results& results) {
    std::string out =
        "medians of interleaved runs; ratios are to the last store of each group. cfsd answers a change when it is on\n"
        "disk (fdatasync), pmxcfs before.\n";
    for (const auto& [medium, what] : results.media)
        out += speed_table(results, medium);
    return results.bytes.empty() ? out : out + byte_table(results);
}

std::optional<std::filesystem::path> draw(const Results& results, const std::filesystem::path& base) {
    const auto all = charts(results);
    const std::size_t rows = (all.size() + 3) / 4;
    std::string text = fmt::format(fmt::runtime(kHead), rows * 330 + 50, base.string(), rows);
    int number = 0;
    for (const Chart& chart : all)
        text += chart.text(++number);
    const auto script = base.string() + ".gnuplot";
    lab::write_file(script, text);
    if (std::system(fmt::format("gnuplot '{}' 2>/dev/null", script).c_str()) != 0) return std::nullopt;
    return base.string() + ".png";
}

}  // namespace bench
