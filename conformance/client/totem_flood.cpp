// totem-flood: floods a group with checkable messages and reports what was delivered, as JSON.
// Exit code 0: complete and without a fault; 1: a fault was found; 3: not complete.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <csignal>

#include "conformance/client/flood_client.hpp"

namespace {

volatile std::sig_atomic_t stop = 0;

void on_signal(int) {
    stop = 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Sends checkable messages to a group and checks what all members of the group send");
    flood::Options options;
    std::string sizes;
    std::uint64_t send = 0;
    unsigned timeout = 120;
    app.add_option("--group", options.group, "Name of the group")->capture_default_str();
    app.add_option("--index", options.index, "Tells this run from earlier ones on this node");
    auto* send_option = app.add_option("--send", send, "How many messages; without it until SIGTERM");
    app.add_option("--sizes", sizes, "Sizes with weights, such as 1:50,1400:20,1048576:1");
    app.add_option("--rate", options.rate, "Messages per second, 0 for as many as possible");
    app.add_option("--members", options.members, "Begin when the group has so many members")->capture_default_str();
    app.add_option("--timeout", timeout, "Seconds for all of it")->capture_default_str();
    app.add_option("--log", options.log, "File for the deliveries in their order");
    app.add_flag("--events", options.report_events, "Tell changes of the group on standard error");
    CLI11_PARSE(app, argc, argv);
    if (send_option->count() > 0) options.send = send;
    options.timeout = std::chrono::seconds(timeout);
    try {
        if (!sizes.empty()) options.sizes = flood::Sizes::parse(sizes);
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "totem-flood: {}\n", error.what());
        return 2;
    }
    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    flood::FloodClient client(options, stop);
    const auto outcome = client.run();
    fmt::print("{}\n", to_json(outcome));
    if (outcome.error_count > 0) return 1;
    return outcome.complete ? 0 : 3;
}
