// bench-side-by-side: cpg throughput and latency of a ring of three totemd and a ring of three
// corosync, the same client on both, runs in turn, printed as ratios.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/side_by_side/report.hpp"

namespace {

struct Options {
    std::vector<std::string> transports = {"udpu", "udp"};
    std::vector<std::size_t> sizes = {64, 1024, 8192, 65536, 1047552};
    unsigned rounds = 3;
    double seconds = 2;
    std::size_t count = 300;
    std::size_t in_flight = 0;
    std::filesystem::path output = "build/bench";
    std::string secauth = "off";  // else CIPHER/HASH
    lab::DaemonKind peer = lab::DaemonKind::corosync;

    std::string protection() const { return secauth == "off" ? "" : ", secauth " + secauth; }
};

void protect(lab::Plan& plan, const std::string& suite) {
    const auto slash = suite.find('/');
    if (slash == std::string::npos) throw CLI::ValidationError("--secauth", "is CIPHER/HASH, e.g. aes256/sha1, or off");
    plan.totem["secauth"] = "on";
    plan.totem["crypto_cipher"] = suite.substr(0, slash);
    plan.totem["crypto_hash"] = suite.substr(slash + 1);
}

lab::Lab make_ring(const Options& options, lab::DaemonKind kind, lab::Transport transport) {
    lab::Plan plan;
    plan.name = "bench-" + lab::to_string(kind);
    plan.nodes.assign(3, kind);
    plan.transport = transport;
    plan.cluster_name = plan.name;
    if (options.peer == lab::DaemonKind::corosync2) plan.totem["dialect"] = "2.x";
    if (options.secauth != "off") protect(plan, options.secauth);
    lab::Lab ring = lab::Lab::create(plan);
    for (const unsigned node : ring.all())
        if (options.secauth != "off") ring.give_key(node, 'k');
    ring.start(ring.all());
    ring.wait_ring(ring.all());
    return ring;
}

bench::Comparison compare(const Options& options, const std::string& transport, const std::filesystem::path& client) {
    lab::Lab ours = make_ring(options, lab::DaemonKind::totemd, lab::parse_transport(transport));
    lab::Lab theirs = make_ring(options, options.peer, lab::parse_transport(transport));
    bench::Comparison result{transport, lab::to_string(options.peer) + options.protection(), {}, {}};
    for (const std::size_t size : options.sizes) {
        bench::Series a{size, {}}, b{size, {}};
        // Few large messages fit in the time of many small ones.
        const bench::Job job{size, options.seconds, size > 100'000 ? options.count / 10 + 1 : options.count,
                             options.in_flight};
        for (unsigned round = 0; round < options.rounds; ++round) {
            fmt::print(stderr, "\r{} {:>8} bytes, round {}/{} ...   ", transport, size, round + 1, options.rounds);
            a.samples.push_back(bench::measure(ours, client, job));
            b.samples.push_back(bench::measure(theirs, client, job));
        }
        result.ours.push_back(std::move(a));
        result.theirs.push_back(std::move(b));
    }
    fmt::print(stderr, "\r{:60}\r", "");
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"cpg throughput and latency, totemd against corosync, as ratios of interleaved runs"};
    app.add_option("--transport", options.transports, "udp, udpu")->delimiter(',')->capture_default_str();
    app.add_option("--sizes", options.sizes, "bytes per message")->delimiter(',')->capture_default_str();
    app.add_option("--rounds", options.rounds, "runs per size and engine")->capture_default_str();
    app.add_option("--seconds", options.seconds, "length of a throughput run")->capture_default_str();
    app.add_option("--in-flight", options.in_flight,
                   "messages a node has under way at most in a throughput run, 0 = what flow control allows")
        ->capture_default_str();
    app.add_option("--count", options.count, "messages of a latency run")->capture_default_str();
    app.add_option("--output", options.output, "directory for JSON and pictures")->capture_default_str();
    app.add_option("--secauth", options.secauth,
                   "CIPHER/HASH, e.g. aes256/sha1, or off; against a corosync 2.x (environment COROSYNC2_BIN)")
        ->capture_default_str();
    app.add_flag_callback(
        "--older", [&] { options.peer = lab::DaemonKind::corosync2; },
        "dialect 2.x, against a corosync 2.x (environment COROSYNC2_BIN)");
    CLI11_PARSE(app, argc, argv);
    try {
        // 3.x has no protection of its own on these transports.
        if (options.secauth != "off") options.peer = lab::DaemonKind::corosync2;
        if (!lab::find_daemon(options.peer)) throw std::runtime_error(lab::how_to_get(options.peer));
        const auto client = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "cpg-bench";
        for (const std::string& transport : options.transports) {
            const bench::Comparison result = compare(options, transport, client);
            fmt::print("{}", table(result));
            for (const auto& file : write(result, options.output))
                fmt::print("written: {}\n", file.string());
        }
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench-side-by-side: {}\n", error.what());
        return 1;
    }
}
