#include "bench/side_by_side/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>

#include "bench/common/statistics.hpp"

namespace bench {
namespace {

using nlohmann::json;

constexpr std::size_t kProbeSize = 64;  // bytes, where others flood
constexpr double kWakePause = 0.1;      // seconds; a token is held after 30 rotations without a message

// Who does what on which node. Groups do not see each other's messages.
struct Part {
    unsigned node = 0;
    std::string role, group;
    std::size_t size = 0;
    double pause = 0;
};

std::vector<Part> parts_of(const Cell& cell, unsigned receivers) {
    std::vector<Part> parts;
    for (unsigned node = 1; node <= cell.nodes; ++node) {
        if (cell.kind == "throughput" && node > cell.senders + receivers) break;
        if (cell.kind == "throughput")
            parts.push_back({node, node <= cell.senders ? "send" : "receive", "flood", cell.size});
        else if (cell.kind != "loaded")
            parts.push_back(
                {node, node == 1 ? "probe" : "receive", "probe", cell.size, cell.kind == "wake" ? kWakePause : 0});
        else if (node > 1)
            parts.push_back({node, node == 2 ? "send" : "receive", "flood", cell.size});
    }
    if (cell.kind != "loaded") return parts;
    parts.push_back({1, "probe", "probe", kProbeSize});
    if (cell.nodes == 1) parts.push_back({1, "send", "flood", cell.size});
    return parts;
}

lab::Arguments arguments_of(const Part& part, const std::vector<Part>& all, const Conditions& conditions) {
    // Groups of its own for each run: nobody waits for the last run's members to disappear.
    static unsigned run = 0;
    if (&part == &all.front()) ++run;
    const auto members = std::count_if(all.begin(), all.end(), [&](const Part& p) { return p.group == part.group; });
    const auto senders = std::count_if(all.begin(), all.end(),
                                       [&](const Part& p) { return p.group == part.group && p.role != "receive"; });
    return {"--wait",
            "--role",
            part.role,
            "--group",
            fmt::format("{}-{}", part.group, run),
            "--members",
            std::to_string(members),
            "--senders",
            std::to_string(senders),
            "--size",
            std::to_string(part.size),
            "--warm-up",
            std::to_string(conditions.warm_up),
            "--seconds",
            std::to_string(conditions.seconds),
            "--pause",
            std::to_string(part.pause),
            "--in-flight",
            std::to_string(conditions.in_flight)};
}

// What the engines had used at some time.
struct Used {
    lab::Clock::time_point at;
    double processor_seconds = 0;
    std::optional<std::uint64_t> tokens;
};

struct Run {
    std::vector<Part> parts;
    std::vector<json> reports;  // of each part
    Used before, after;
};

Run run_clients(Ring& ring, const Cell& cell, const Conditions& conditions) {
    constexpr lab::milliseconds kLimit{180000};
    Run run{parts_of(cell, conditions.receivers), {}, {}, {}};
    const auto use = [&] { return Used{lab::Clock::now(), ring.processor_seconds(), ring.tokens()}; };
    auto [input, go] = lab::make_pipe();
    std::vector<Client> clients;
    for (const auto& part : run.parts)
        clients.emplace_back(ring, part.node, part.group, arguments_of(part, run.parts, conditions), input.get());
    const auto all_ready = [&] {
        return std::all_of(clients.begin(), clients.end(), [](Client& c) { return c.ready(); });
    };
    if (!lab::wait_until(kLimit, all_ready))
        throw lab::LabError(ring.contestant().name() + ": the clients do not get ready");
    if (conditions.loss > 0) ring.laboratory().set_loss(conditions.loss);
    run.before = use();
    go.reset();
    for (auto& client : clients)
        run.reports.push_back(json::parse(client.report(kLimit)));
    run.after = use();
    if (conditions.loss > 0) ring.laboratory().set_loss(0);
    return run;
}

void check_order(const Run& run, const std::string& who) {
    for (std::size_t i = 0; i < run.parts.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const bool same = run.reports[i].at("order") == run.reports[j].at("order") &&
                              run.reports[i].at("delivered") == run.reports[j].at("delivered");
            if (run.parts[i].group == run.parts[j].group && !same)
                throw Disorder(fmt::format("{}: nodes {} and {} have delivered different sequences: {} and {}", who,
                                           run.parts[j].node, run.parts[i].node, run.reports[j].dump(),
                                           run.reports[i].dump()));
        }
    }
}

// The mean of those who only receive, or of all where everybody sends.
double mean(const Run& run, const std::string& group, const char* figure) {
    std::vector<double> of_receivers, of_all;
    for (std::size_t i = 0; i < run.parts.size(); ++i) {
        if (run.parts[i].group != group) continue;
        const double value = run.reports[i].value(figure, 0.0);
        of_all.push_back(value);
        if (run.parts[i].role == "receive") of_receivers.push_back(value);
    }
    const auto& values = of_receivers.empty() ? of_all : of_receivers;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void add_use(Figures& figures, const Run& run, unsigned nodes) {
    const double seconds = std::chrono::duration<double>(run.after.at - run.before.at).count();
    const double used = run.after.processor_seconds - run.before.processor_seconds;
    double messages = 0, bytes = 0;  // every engine delivers all, whether clients listen or not
    std::set<std::string> counted;
    for (std::size_t i = 0; i < run.parts.size(); ++i) {
        if (!counted.insert(run.parts[i].group).second) continue;
        messages += run.reports[i].at("delivered").get<double>() * nodes;
        bytes += run.reports[i].at("bytes").get<double>() * nodes;
    }
    figures["engine_cores"] = used / seconds;
    figures["cpu_us_per_message"] = used * 1e6 / messages;
    figures["cpu_ms_per_mb"] = used * 1e3 / (bytes / 1e6);
    if (run.before.tokens && run.after.tokens > run.before.tokens)
        figures["rotation_us"] = seconds * 1e6 / static_cast<double>(*run.after.tokens - *run.before.tokens);
}

// What the clients could send and receive with the processors there are if the engines took no time. Each runs on one
// at a time.
double clients_ceiling(const Run& run) {
    double together = 0, slowest = 0;  // microseconds of a message
    for (const json& report : run.reports) {
        const double of_client = report.value("processor_us_per_message", 0.0);
        together += of_client;
        slowest = std::max(slowest, of_client);
    }
    const double processors = std::max(1U, std::thread::hardware_concurrency());
    return slowest > 0 ? 1e6 / std::max(slowest, together / processors) : 0;
}

void add_rate(Figures& figures, const Run& run) {
    figures["messages_per_second"] = mean(run, "flood", "messages_per_second");
    figures["mb_per_second"] = mean(run, "flood", "bytes_per_second") / 1e6;
    if (const double ceiling = clients_ceiling(run); ceiling > 0) figures["clients_per_second"] = ceiling;
}

void add_latency(Figures& figures, const Run& run) {
    for (const auto& report : run.reports) {
        if (!report.contains("latency")) continue;
        const auto speed = report.at("latency").get<Speed>();
        figures["p50_us"] = speed.p50_us;
        figures["p90_us"] = speed.p90_us;
        figures["p99_us"] = speed.p99_us;
        figures["p999_us"] = speed.p999_us;
        figures["max_us"] = speed.max_us;
        figures["probes_per_second"] = speed.per_second;
    }
}

}  // namespace

Figures measure_load(Ring& ring, const Cell& cell, const Conditions& conditions) {
    const Run run = run_clients(ring, cell, conditions);
    check_order(run, ring.contestant().name());
    Figures figures;
    add_use(figures, run, cell.nodes);
    if (cell.kind != "latency" && cell.kind != "wake") add_rate(figures, run);
    if (cell.kind != "throughput") add_latency(figures, run);
    return figures;
}

}  // namespace bench
