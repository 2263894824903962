// totem-sim: runs the cluster, or the configuration store on a group, under faults, one seed or many.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/bugs.hpp"
#include "tests/sim/runner.hpp"
#include "tests/sim/verdict.hpp"
#include "tests/sim_cfs/bugs.hpp"
#include "tests/sim_cfs/world.hpp"

namespace {

using namespace totem::sim;

struct Options {
    std::uint64_t seed = 0;
    std::string seeds, bug;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    std::size_t last_lines = 60;
    std::size_t allow_late = 0;
    bool trace = false, json = false, list_bugs = false, stop_at_first = false, store = false;
    std::string bug_option() const { return (store ? " --store" : "") + (bug.empty() ? "" : " --bug " + bug); }
    std::span<const BugInfo> bugs() const { return store ? planted_store_bugs() : planted_bugs(); }
    RunSeed run() const { return store ? store::run_store_seed : run_seed; }
};

int list_bugs(const Options& options) {
    for (const BugInfo& info : options.bugs())
        fmt::print("{:32} breaks {}\n", info.name, info.breaks);
    return 0;
}

int replay(const Options& options) {
    Trace::Sink sink;
    if (options.trace) sink = [](std::string_view line) { fmt::print("{}\n", line); };
    const Report report = options.run()(options.seed, options.trace ? 0 : options.last_lines, sink);
    const Outcome& outcome = report.outcome;
    if (options.json) {
        nlohmann::json out{{"seed", report.seed},
                           {"events", outcome.events},
                           {"rings", outcome.rings},
                           {"void", outcome.void_run},
                           {"virtual_seconds", static_cast<double>(outcome.virtual_time) / kSecond},
                           {"trace_hash", fmt::format("{:016x}", outcome.trace_hash)},
                           {"ok", !outcome.violation}};
        if (outcome.violation)
            out["violation"] = {{"rule", outcome.violation->rule},
                                {"nodes", outcome.violation->nodes},
                                {"text", outcome.violation->text},
                                {"trace", report.lines}};
        fmt::print("{}\n", out.dump(2));
    } else {
        fmt::print("{}\n", describe(report));
        fmt::print("{} events, {} rings, {:.3f} s virtual time, trace {:016x}\n", outcome.events, outcome.rings,
                   static_cast<double>(outcome.virtual_time) / kSecond, outcome.trace_hash);
    }
    return outcome.violation ? 1 : 0;
}

void show_progress(const Progress& p) {
    const double rate = p.seconds > 0 ? static_cast<double>(p.done) / p.seconds : 0;
    const double left = rate > 0 ? static_cast<double>(p.total - p.done) / rate : 0;
    fmt::print(stderr, "\r{}/{} seeds, {:.0f} seeds/s, {} failed, ETA {:.0f} s   ", p.done, p.total, rate, p.failed,
               left);
    std::fflush(stderr);
}

int campaign(const Options& options, std::uint64_t first, std::uint64_t last) {
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    const auto on_progress = [&](const Progress& p) {
        if (terminal) show_progress(p);
    };
    const auto on_failure = [&](const Failure& failure) {
        if (options.json) return;
        if (terminal) fmt::print(stderr, "\r\033[K");
        fmt::print("seed {}: {} broken: {}\n  replay: totem-sim --seed {} --trace{}\n", failure.seed, failure.rule,
                   failure.text, failure.seed, options.bug_option());
        std::fflush(stdout);
    };
    const Summary summary =
        run_campaign({first, last, options.jobs, options.stop_at_first, 120, options.run()}, on_progress, on_failure);
    const Progress& p = summary.progress;
    const auto late =
        static_cast<std::size_t>(std::ranges::count(summary.failures, std::string(kLate), &Failure::rule));
    if (terminal) fmt::print(stderr, "\n");
    if (options.json) {
        nlohmann::json failures = nlohmann::json::array();
        for (const Failure& failure : summary.failures)
            failures.push_back({{"seed", failure.seed}, {"rule", failure.rule}, {"text", failure.text}});
        fmt::print("{}\n", nlohmann::json{{"seeds", p.done},
                                          {"failed", p.failed},
                                          {"void", p.voids},
                                          {"events", p.events},
                                          {"seconds", p.seconds},
                                          {"failures", failures}}
                               .dump(2));
    } else {
        if (late > 0) fmt::print("{} of the failed seeds only converged late, {} allowed\n", late, options.allow_late);
        fmt::print("{} seeds in {:.1f} s ({:.0f}/s), {} events, {} void, {} failed\n", p.done, p.seconds,
                   static_cast<double>(p.done) / std::max(p.seconds, 0.001), p.events, p.voids, p.failed);
    }
    return late == summary.failures.size() && late <= options.allow_late ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{
        "Runs the protocol stack of a whole cluster, or the replicas of its configuration store, in virtual time under "
        "faults and checks the rules of extended virtual synchrony, or those of the store.",
        "totem-sim"};
    auto* seed = app.add_option("--seed", options.seed, "replay one run");
    auto* seeds = app.add_option("--seeds", options.seeds, "run many: FIRST..LAST")->excludes(seed);
    app.add_option("--jobs", options.jobs, "worker processes (default: one per core)")->check(CLI::Range(1u, 256u));
    app.add_option("--last", options.last_lines, "trace lines shown with a violation");
    app.add_flag("--store", options.store, "run the configuration store instead of the ring");
    app.add_flag("--trace", options.trace, "print everything that happens (with --seed)");
    app.add_flag("--json", options.json, "print results as JSON");
    app.add_option("--allow-late", options.allow_late, "accept this many seeds that only converge late (I20's bound)");
    app.add_flag("--stop", options.stop_at_first, "stop at the first failing seed");
    app.add_option("--bug", options.bug, "switch on a planted bug");
    app.add_flag("--list-bugs", options.list_bugs, "names of the planted bugs");
    CLI11_PARSE(app, argc, argv);

    if (options.list_bugs) return list_bugs(options);
    if (!options.bug.empty()) {
        const auto bug = find_bug(options.bugs(), options.bug);
        if (!bug) {
            fmt::print(stderr, "totem-sim: no bug is called {}; see --list-bugs\n", options.bug);
            return 2;
        }
        plant(*bug);
    }
    if (*seed) return replay(options);
    unsigned long long first = 0, last = 0;
    if (!*seeds || std::sscanf(options.seeds.c_str(), "%llu..%llu", &first, &last) != 2 || last < first) {
        fmt::print(stderr, "totem-sim: give --seed N or --seeds FIRST..LAST\n");
        return 2;
    }
    return campaign(options, first, last);
}
