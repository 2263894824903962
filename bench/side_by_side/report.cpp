#include "bench/side_by_side/report.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "conformance/lab/system.hpp"

namespace bench {
namespace {

double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

std::string human(std::size_t bytes) {
    if (bytes >= 1'000'000) return fmt::format("{:.3g} MB", static_cast<double>(bytes) / 1e6);
    return bytes >= 1024 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} B", bytes);
}

nlohmann::json to_json(const std::vector<Series>& all) {
    nlohmann::json out = nlohmann::json::array();
    for (const Series& series : all) {
        nlohmann::json samples = nlohmann::json::array();
        for (const Sample& sample : series.samples) {
            samples.push_back({{"messages_per_second", sample.messages_per_second},
                               {"p50_us", sample.p50_us},
                               {"p99_us", sample.p99_us}});
        }
        out.push_back({{"size", series.size}, {"samples", samples}});
    }
    return out;
}

constexpr const char* kPlot = R"plot(set terminal pngcairo size 1000,420 font "sans,10"
set output "{0}.png"
set multiplot layout 1,2 title "totemd against {1}, {2}, 3 nodes: ratio of medians, interleaved runs"
set style data histograms
set style fill solid 0.8 border -1
set boxwidth 0.8
set grid ytics
set xtics rotate by -30
unset key
set yrange [0:*]
set ylabel "throughput, ours / theirs (higher is better)"
plot "{0}.dat" using 2:xtic(1) lc rgb "#2a7f62", 1 with lines lc rgb "#aa3333"
set ylabel "median latency, ours / theirs (lower is better)"
plot "{0}.dat" using 3:xtic(1) lc rgb "#3b6ea5", 1 with lines lc rgb "#aa3333"
)plot";

}  // namespace

std::string table(const Comparison& comparison) {
    std::string out = fmt::format("\ntransport {}: ours / {}, medians of {} interleaved runs\n", comparison.transport,
                                  comparison.peer, comparison.ours.front().samples.size());
    out += fmt::format("{:>9} {:>14} {:>14} {:>8}   {:>11} {:>11} {:>8} {:>8}\n", "size", "msg/s ours", "msg/s theirs",
                       "ratio", "p50 us ours", "theirs", "p50 rat.", "p99 rat.");
    for (std::size_t i = 0; i < comparison.ours.size(); ++i) {
        const Series& a = comparison.ours[i];
        const Series& b = comparison.theirs[i];
        out += fmt::format("{:>9} {:>14.0f} {:>14.0f} {:>8.2f}   {:>11.0f} {:>11.0f} {:>8.2f} {:>8.2f}\n",
                           human(a.size), a.throughput(), b.throughput(), ratio(a.throughput(), b.throughput()),
                           a.p50(), b.p50(), ratio(a.p50(), b.p50()), ratio(a.p99(), b.p99()));
    }
    return out;
}

std::vector<std::filesystem::path> write(const Comparison& comparison, const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    const auto base = (directory / comparison.transport).string();
    const nlohmann::json data = {{"transport", comparison.transport},
                                 {"peer", comparison.peer},
                                 {"nodes", 3},
                                 {"totemd", to_json(comparison.ours)},
                                 {"corosync", to_json(comparison.theirs)}};
    lab::write_file(base + ".json", data.dump(2) + "\n");
    std::string points;
    for (std::size_t i = 0; i < comparison.ours.size(); ++i) {
        const Series& a = comparison.ours[i];
        const Series& b = comparison.theirs[i];
        points += fmt::format("\"{}\" {} {}\n", human(a.size), ratio(a.throughput(), b.throughput()),
                              ratio(a.p50(), b.p50()));
    }
    lab::write_file(base + ".dat", points);
    lab::write_file(base + ".gnuplot", fmt::format(fmt::runtime(kPlot), base, comparison.peer, comparison.transport));
    std::vector<std::filesystem::path> written = {base + ".json"};
    if (std::system(fmt::format("gnuplot '{}.gnuplot' 2>/dev/null", base).c_str()) == 0)
        written.push_back(base + ".png");
    return written;
}

}  // namespace bench
