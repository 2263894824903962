#include "bench/store/measure.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <utility>

#include "bench/store/medium.hpp"

namespace bench {
namespace {

using lab::milliseconds;

constexpr milliseconds kLimit{120000};

// cfs-bench on one node.
struct Client {
    unsigned node = 0;
    std::filesystem::path output;
    lab::Process process;

    // Also true if it has ended: its report says why.
    bool ready() { return process.wait(milliseconds(0)) || !lab::read_file(output).empty(); }
};

Client start_client(Contestant& contestant, unsigned node, const lab::Arguments& arguments, int input) {
    lab::Arguments command = {lab::beside_us("cfs-bench"), contestant.stores().mount(node), "--wait", "--name",
                              lab::node_name(node)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto output = contestant.laboratory().directory() / fmt::format("client-{}", node);
    const auto file = lab::open_file(output, O_CREAT | O_TRUNC | O_WRONLY);
    const lab::Process::Streams streams{.in = input, .out = file.get(), .err = file.get()};
    return {node, std::move(output), contestant.laboratory().spawn(node, command, streams)};
}

nlohmann::json report_of(Contestant& contestant, Client& client) {
    const auto status = client.process.wait(kLimit);
    const auto text = lab::read_file(client.output);
    if (status != 0)
        throw lab::LabError(fmt::format("{}: the client on node {} failed: {}\n{}", contestant.name(), client.node,
                                        text, contestant.stores().log(client.node)));
    return nlohmann::json::parse(text.substr(text.find('\n')));  // the first line says that it was ready
}

// The clients' reports, one a node. They begin together.
std::vector<nlohmann::json> run_clients(Contestant& contestant, const lab::Nodes& nodes,
                                        const lab::Arguments& arguments) {
    auto [input, go] = lab::make_pipe();
    std::vector<Client> clients;
    for (const auto node : nodes)
        clients.push_back(start_client(contestant, node, arguments, input.get()));
    const auto all_ready = [&] {
        return std::all_of(clients.begin(), clients.end(), [](Client& c) { return c.ready(); });
    };
    if (!lab::wait_until(kLimit, all_ready)) throw lab::LabError(contestant.name() + ": the clients do not get ready");
    go.reset();
    std::vector<nlohmann::json> reports;
    for (auto& client : clients)
        reports.push_back(report_of(contestant, client));
    return reports;
}

std::uint64_t bytes_written_by(pid_t process) {
    std::istringstream file(lab::read_file(fmt::format("/proc/{}/io", process)));
    std::string name;
    for (std::uint64_t value = 0; file >> name >> value;) {
        if (name == "write_bytes:") return value;
    }
    throw lab::LabError(fmt::format("/proc/{}/io has no write_bytes", process));
}

std::uint64_t bytes_written_by_all(Contestant& contestant) {
    const auto nodes = contestant.laboratory().all();
    return std::accumulate(nodes.begin(), nodes.end(), std::uint64_t{0}, [&](std::uint64_t sum, unsigned node) {
        return sum + bytes_written_by(contestant.stores().process(node));
    });
}

// Until all nodes have the same files, and nothing of it waits to be written.
void settle(Contestant& contestant) {
    auto& stores = contestant.stores();
    const auto nodes = contestant.laboratory().all();
    const auto files = [&](unsigned node) {
        return stores.shell(node, "find bench -type f | LC_ALL=C sort | xargs md5sum").out;
    };
    const auto equal = [&] {
        const auto first = files(1);
        return std::all_of(nodes.begin(), nodes.end(), [&](unsigned node) { return files(node) == first; });
    };
    if (!lab::wait_until(kLimit, equal)) throw lab::LabError(contestant.name() + ": the nodes' files stay different");
    std::uint64_t before = 0;
    const auto quiet = [&] {
        sync_file_system(contestant.laboratory().directory());
        const auto earlier = std::exchange(before, bytes_written_by_all(contestant));
        return earlier == before;
    };
    if (!lab::wait_until(kLimit, quiet)) throw lab::LabError(contestant.name() + ": it does not stop writing");
}

}  // namespace

double Cell::middle(double Speed::*member) const {
    std::vector<double> values;
    for (const Speed& round : rounds)
        values.push_back(round.*member);
    return median(std::move(values));
}

Speed measure_speed(Contestant& contestant, const Work& work, double seconds) {
    const auto reports =
        run_clients(contestant, work.everywhere ? contestant.laboratory().all() : lab::Nodes{1},
                    {"--work", work.kind, "--size", std::to_string(work.size), "--writers",
                     std::to_string(work.writers), "--seconds", fmt::format("{}", seconds), "--latencies"});
    std::vector<double> latencies;
    double longest = 0;
    for (const auto& report : reports) {
        const auto some = report.at("latencies_us").get<std::vector<double>>();
        latencies.insert(latencies.end(), some.begin(), some.end());
        longest = std::max(longest, report.at("seconds").get<double>());
    }
    return summarize(std::move(latencies), longest);
}

Written measure_bytes(Contestant& contestant, const std::string& kind, std::size_t size, std::size_t changes) {
    const auto folder = contestant.laboratory().directory();
    const auto run = [&](std::size_t count) {
        run_clients(contestant, {1},
                    {"--work", kind, "--size", std::to_string(size), "--count", std::to_string(count)});
        settle(contestant);
    };
    run(1);  // what is made only once
    const auto daemons = bytes_written_by_all(contestant);
    const auto device = bytes_to_device(folder);
    run(changes);
    const auto each = static_cast<double>(changes);
    return {.place = {},
            .kind = kind,
            .size = size,
            .changes = changes,
            .by_daemon = static_cast<double>(bytes_written_by_all(contestant) - daemons) / each / contestant.size(),
            .by_device = static_cast<double>(bytes_to_device(folder) - device) / each};
}

}  // namespace bench
