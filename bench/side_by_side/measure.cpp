#include "bench/side_by_side/measure.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace bench {
namespace {

// Runs the client on every node at once, `leader` on node 1 and `follower` elsewhere; node 1's report.
nlohmann::json run_everywhere(lab::Lab& ring, const std::filesystem::path& client,
                              const std::vector<std::string>& leader, const std::vector<std::string>& follower) {
    // A group of its own for each run: nobody waits for the last run's members to disappear.
    static unsigned run = 0;
    const std::vector<std::string> common = {"--group", fmt::format("bench-{}", ++run), "--members",
                                             std::to_string(ring.size())};
    const auto command = [&](const std::vector<std::string>& arguments) {
        lab::Arguments all = {client.string()};
        all.insert(all.end(), common.begin(), common.end());
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
    };
    const auto null = lab::open_file("/dev/null", O_RDWR | O_CLOEXEC);
    lab::Process::Streams streams;
    streams.out = null.get();
    std::vector<lab::Process> others;
    for (unsigned node = 2; node <= ring.size(); ++node) {
        others.push_back(ring.spawn(node, command(follower), streams));
    }
    const lab::Finished done = ring.run(1, command(leader), lab::milliseconds(120'000));
    if (done.status != 0) throw lab::LabError("cpg-bench failed: " + done.err);
    for (lab::Process& other : others) {
        if (other.wait(lab::milliseconds(30'000)) != 0) throw lab::LabError("cpg-bench failed on another node");
    }
    return nlohmann::json::parse(done.out);
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double median_of(const std::vector<Sample>& samples, double Sample::*member) {
    std::vector<double> values;
    for (const Sample& sample : samples)
        values.push_back(sample.*member);
    return median(std::move(values));
}

}  // namespace

double Series::throughput() const {
    return median_of(samples, &Sample::messages_per_second);
}
double Series::p50() const {
    return median_of(samples, &Sample::p50_us);
}
double Series::p99() const {
    return median_of(samples, &Sample::p99_us);
}

Sample measure(lab::Lab& ring, const std::filesystem::path& client, const Job& job) {
    const std::string size = std::to_string(job.size);
    const std::vector<std::string> flood = {"--mode",      "throughput",
                                            "--size",      size,
                                            "--seconds",   fmt::format("{}", job.seconds),
                                            "--in-flight", std::to_string(job.in_flight)};
    const auto throughput = run_everywhere(ring, client, flood, flood);
    const auto latency =
        run_everywhere(ring, client, {"--mode", "latency", "--size", size, "--count", std::to_string(job.count)},
                       {"--mode", "receive"});
    return {throughput.at("messages_per_second"), latency.at("p50_us"), latency.at("p99_us")};
}

}  // namespace bench
