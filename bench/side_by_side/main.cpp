// bench-side-by-side: what a ring of totemd does and what it costs, against every real engine found: throughput and
// latencies of cpg, processor time, memory, changes of members. The same client on all, runs in turn, as ratios.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <thread>

#include "bench/side_by_side/life.hpp"
#include "bench/side_by_side/page.hpp"
#include "bench/side_by_side/report.hpp"
#include "bench/side_by_side/targets.hpp"

namespace {

using bench::Cell;

struct Options {
    std::vector<std::string> kinds = {"throughput", "latency", "wake", "loaded", "idle", "views"};
    std::vector<std::string> peers;
    std::vector<unsigned> nodes = {3};
    std::vector<std::size_t> sizes = {64, 1024, 8192, 65536, 1047552};
    std::vector<std::string> senders = {"1", "N"};
    std::vector<std::string> protection = {"off", "on"};
    bool only_targets = false, real_time = false;
    unsigned rounds = 5;
    bench::Conditions conditions;
    std::filesystem::path json = "build/bench/ring.json", page = "build/bench/ring.html";
    std::vector<std::filesystem::path> read;
};

void progress(const std::string& text) {
    if (::isatty(STDERR_FILENO))
        fmt::print(stderr, "\r\033[K{}", text);
    else if (!text.empty())
        fmt::print(stderr, "{}\n", text);
}

std::vector<Cell> cells_of(const Options& options, unsigned nodes, const std::string& protection) {
    std::vector<Cell> out;
    const auto add = [&](const Cell& cell) {
        const auto is_target = [&](const bench::Target& target) { return target.cell == cell; };
        const bool wanted =
            !options.only_targets || std::any_of(bench::targets().begin(), bench::targets().end(), is_target);
        if (wanted && std::find(out.begin(), out.end(), cell) == out.end()) out.push_back(cell);
    };
    for (const auto& kind : options.kinds) {
        if (kind == "idle" || kind == "views") {
            add({kind, nodes, 0, 0, protection});
            continue;
        }
        for (const auto size : options.sizes) {
            if (kind != "throughput") {
                add({kind, nodes, 0, size, protection});
                continue;
            }
            for (const auto& senders : options.senders)
                add({kind, nodes, senders == "N" ? nodes : static_cast<unsigned>(std::stoul(senders)), size,
                     protection});
        }
    }
    // A fresh ring idles best, and after its members have changed it is no longer fresh.
    const auto order = [](const Cell& cell) { return cell.kind == "idle" ? 0 : cell.kind == "views" ? 2 : 1; };
    std::stable_sort(out.begin(), out.end(), [&](const Cell& a, const Cell& b) { return order(a) < order(b); });
    return out;
}

// Words of --peers choose among the usual ones; a whole name adds one that is not usual.
std::vector<bench::Contestant> contestants(const Options& options, const std::string& protection) {
    const auto usual = bench::usual_contestants(protection);
    if (options.peers.empty()) return usual;
    std::vector<bench::Contestant> out;
    for (const auto& word : options.peers) {
        const auto before = out.size();
        for (const auto& contestant : usual) {
            if (bench::is_meant(contestant, word) && std::find(out.begin(), out.end(), contestant) == out.end())
                out.push_back(contestant);
        }
        if (out.size() > before || word.find(':') == std::string::npos) continue;
        const auto named = bench::parse_contestant(word);
        if (named.protects() == (protection == "on")) out.push_back(named);
    }
    return out;
}

std::map<std::string, std::string> describe_machine() {
    utsname system{};
    ::uname(&system);
    std::string model = "unknown", load;
    std::ifstream processors("/proc/cpuinfo");
    for (std::string line; std::getline(processors, line);) {
        if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
    }
    std::getline(std::ifstream("/proc/loadavg"), load);
    const auto now = std::time(nullptr);
    char date[32] = "";
    std::strftime(date, sizeof date, "%F %T UTC", std::gmtime(&now));
    return {{"processors", fmt::format("{} × {}", std::thread::hardware_concurrency(), model)},
            {"kernel", system.release},
            {"load before", load},
            {"began", date}};
}

class Run {
public:
    Run(const Options& options, const std::string& command) : options_(options) {
        results_.machine = describe_machine();
        results_.command = command;
        const auto& conditions = options.conditions;
        results_.clients = fmt::format(
            "{}, {}",
            conditions.receivers < lab::most_nodes ? fmt::format("{} beside the senders", conditions.receivers)
                                                   : "one on every node",
            conditions.in_flight > 0 ? fmt::format("{} messages under way", conditions.in_flight)
                                     : "as fast as it goes");
        if (options.real_time) results_.clients += ", behind engines with real-time priority";
        if (conditions.loss > 0) results_.clients += fmt::format(", {} % of datagrams lost", conditions.loss * 100);
    }

    const bench::Results& results() const { return results_; }

    void all() {
        for (const auto nodes : options_.nodes) {
            for (const auto& protection : options_.protection) {
                const auto cells = cells_of(options_, nodes, protection);
                if (!cells.empty()) group(nodes, protection, cells);
            }
        }
        progress("");
    }

private:
    // Rings are made once for all cells they serve, and idle while others are measured.
    void group(unsigned nodes, const std::string& protection, const std::vector<Cell>& cells) {
        std::vector<bench::Ring> rings;
        for (const auto& contestant : contestants(options_, protection)) {
            if (contestant.mixed() && nodes < 2) continue;
            if (const auto advice = bench::missing(contestant); !advice.empty()) {
                progress("");
                fmt::print(stderr, "NOT COMPARED: {}: {}\n", contestant.name(), advice);
                continue;
            }
            progress(fmt::format("{} nodes: {} is started", nodes, contestant.name()));
            results_.versions.try_emplace(contestant.name(), bench::version(contestant));
            bench::Ring ring(contestant, nodes, options_.real_time);
            if (bring_up(ring)) rings.push_back(std::move(ring));
        }
        for (const auto& cell : cells)
            measure(rings, cell);
    }

    void measure(std::vector<bench::Ring>& rings, const Cell& cell) {
        bench::Results some;
        some.clients = results_.clients;
        for (auto& ring : rings)
            some.results.push_back({cell, ring.contestant().name(), {}});
        for (unsigned round = 0; round < options_.rounds; ++round) {
            for (std::size_t i = 0; i < rings.size(); ++i) {
                progress(fmt::format("{}, round {}/{}: {}", bench::in_words(cell), round + 1, options_.rounds,
                                     rings[i].contestant().name()));
                if (auto figures = try_measure(rings[i], cell)) some.results[i].rounds.push_back(std::move(*figures));
            }
        }
        bench::merge(results_, some);
    }

    // A real engine that fails costs it this round, and is brought back for the next.
    std::optional<bench::Figures> try_measure(bench::Ring& ring, const Cell& cell) {
        try {
            return measure(ring, cell);
        } catch (const bench::Disorder&) {
            throw;
        } catch (const std::exception& error) {
            failed(ring, in_words(cell), error.what());
        }
        if (!bring_up(ring)) throw lab::LabError(ring.contestant().name() + " does not start any more");
        return std::nullopt;
    }

    bool bring_up(bench::Ring& ring) {
        constexpr int kTries = 3;
        for (int i = 0; i < kTries; ++i) {
            try {
                ring.restart();
                return true;
            } catch (const std::exception& error) {
                failed(ring, fmt::format("start of {} nodes", ring.size()), error.what());
            }
        }
        return false;
    }

    // Within a handler: rethrows what must not happen.
    void failed(const bench::Ring& ring, const std::string& where, const std::string& what) {
        if (!ring.contestant().real()) throw;
        progress("");
        results_.failures.push_back(where + ": " + what);
        fmt::print(stderr, "FAILED: {}\n", results_.failures.back());
    }

    bench::Figures measure(bench::Ring& ring, const Cell& cell) const {
        double load = 0;
        std::ifstream("/proc/loadavg") >> load;
        bench::Figures figures;
        if (cell.kind == "idle")
            figures = bench::measure_idle(ring, options_.conditions);
        else if (cell.kind == "views")
            figures = bench::measure_views(ring);
        else
            figures = bench::measure_load(ring, cell, options_.conditions);
        figures["load_average"] = load;
        return figures;
    }

    const Options& options_;
    bench::Results results_;
};

void write(const std::filesystem::path& file, const std::string& text) {
    if (file.empty()) return;
    std::filesystem::create_directories(std::filesystem::absolute(file).parent_path());
    lab::write_file(file, text);
    fmt::print("written: {}\n", file.string());
}

void show(const Options& options, const bench::Results& results) {
    fmt::print("{}{}", bench::tables(results), bench::target_table(results));
    if (options.read.empty()) write(options.json, nlohmann::json(results).dump(1) + "\n");
    write(options.page, bench::page(results));
}

void read(const Options& options) {
    bench::Results results;
    for (const auto& file : options.read) {
        try {
            bench::merge(results, nlohmann::json::parse(lab::read_file(file)).get<bench::Results>());
        } catch (const nlohmann::json::exception& error) {
            throw std::runtime_error(fmt::format("{} is not what --json writes: {}", file.string(), error.what()));
        }
    }
    show(options, results);
}

void measure(const Options& options, const std::string& command) {
    Run run(options, command);
    try {
        run.all();
    } catch (...) {
        // What was measured before it may have taken an hour.
        progress("");
        show(options, run.results());
        throw;
    }
    show(options, run.results());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"rings of totemd and of real engines side by side, as ratios of interleaved runs"};
    const auto list = [&](const char* name, auto& value, const char* what) {
        return app.add_option(name, value, what)->delimiter(',')->capture_default_str();
    };
    // First, so that what is given beside them wins.
    app.add_flag_callback(
        "--quick",
        [&] {
            options.sizes = {64, 65536};
            options.protection = {"off"};
            options.rounds = 3;
            options.conditions = {.warm_up = 0.5, .seconds = 1, .idle_seconds = 2};
        },
        "two sizes, no protection, three short rounds");
    app.add_flag_callback(
        "--full",
        [&] {
            options.nodes = {1, 2, 3, 5, 8};
        },
        "1, 2, 3, 5 and 8 nodes; takes hours");
    list("--cells", options.kinds,
         "throughput; latency: one message at a time; wake: the same after 100 ms of nothing; loaded: the same while "
         "another node floods; idle: CPU and memory; views: start, kill -9, leaving, rejoining")
        ->check(CLI::IsMember(options.kinds));
    list("--peers", options.peers,
         "words such as totemd, corosync:knet or totemd:udpu+aes256-gcm: ENGINE[:TRANSPORT[+SUITE]]; without it all "
         "that are found");
    list("--nodes", options.nodes, "of a ring")->check(CLI::Range(1u, lab::most_nodes));
    list("--sizes", options.sizes, "bytes per message")->check(CLI::Range(8, 1047552));
    list("--senders", options.senders, "of a throughput run: numbers, N for all")
        ->check(CLI::IsMember({"N"}) | CLI::Range(1u, lab::most_nodes));
    list("--protection", options.protection, "off, on")->check(CLI::IsMember({"off", "on"}));
    app.add_flag("--targets", options.only_targets, "only cells for which there is a target");
    app.add_option("--rounds", options.rounds, "runs of each cell and contestant")->capture_default_str();
    app.add_option("--warm-up", options.conditions.warm_up, "seconds of a run that do not count")
        ->capture_default_str();
    app.add_option("--seconds", options.conditions.seconds, "seconds of a run that do")->capture_default_str();
    app.add_option("--idle-seconds", options.conditions.idle_seconds, "of an idle run")->capture_default_str();
    app.add_option(
           "--receivers", options.conditions.receivers,
           "of a throughput run: how many nodes that do not send have a client; their time is the engines' where "
           "processors are few")
        ->check(CLI::Range(0u, lab::most_nodes));
    app.add_option("--in-flight", options.conditions.in_flight,
                   "messages a sender has under way at most, 0 = what flow control allows")
        ->capture_default_str();
    app.add_option_function<double>(
           "--loss", [&](double percent) { options.conditions.loss = percent / 100; },
           "percent of datagrams lost at every receiver while clients send")
        ->check(CLI::Range(0.0, 50.0));
    app.add_flag("--real-time", options.real_time,
                 "engines run before their clients, as they do where nobody forbids it");
    app.add_option("--json", options.json, "write all numbers there")->capture_default_str();
    app.add_option("--page", options.page, "write the page there")->capture_default_str();
    app.add_option("--read", options.read, "show what earlier runs wrote with --json, as one run")
        ->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    try {
        if (options.read.empty())
            measure(options, fmt::format("{}", fmt::join(argv + 1, argv + argc, " ")));
        else
            read(options);
    } catch (const std::exception& error) {
        progress("");
        fmt::print(stderr, "bench-side-by-side: {}\n", error.what());
        return 1;
    }
}
