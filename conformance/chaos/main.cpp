// totem-chaos: clients that behave badly, to see what that does to the engine and to others.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <map>

#include "conformance/chaos/storm.hpp"
#include "conformance/chaos/stuck.hpp"

int main(int argc, char** argv) {
    CLI::App app("Clients that behave badly");
    app.require_subcommand(1);

    auto* storm = app.add_subcommand("storm", "Clients that connect, flood, stall and are killed at random");
    chaos::StormOptions options;
    unsigned duration = 20;
    storm->add_option("--clients", options.clients, "How many at once")
        ->capture_default_str()
        ->check(CLI::Range(1U, 10000U));
    storm->add_option("--seconds", duration, "How long")->capture_default_str();
    storm->add_option("--seed", options.seed, "Of the decisions")->capture_default_str();
    storm->add_option("--events", options.events_per_second, "Decisions a second")
        ->capture_default_str()
        ->check(CLI::Range(1U, 100000U));

    auto* stuck = app.add_subcommand("stuck", "Clients that read nothing, until SIGTERM");
    const std::map<std::string, chaos::Stuck> kinds = {
        {"member", chaos::Stuck::member}, {"tracker", chaos::Stuck::tracker}, {"deaf", chaos::Stuck::deaf}};
    chaos::Stuck kind = chaos::Stuck::member;
    unsigned count = 1;
    std::string group = "flood";
    stuck->add_option("kind", kind, "member, tracker or deaf")->required()->transform(CLI::CheckedTransformer(kinds));
    stuck->add_option("--count", count, "How many")->capture_default_str();
    stuck->add_option("--group", group, "Of members")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    try {
        options.duration = std::chrono::seconds(duration);
        if (storm->parsed()) chaos::run_storm(options);
        if (stuck->parsed()) chaos::be_stuck(kind, count, group);
    } catch (const std::exception& error) {
        fmt::print(stderr, "totem-chaos: {}\n", error.what());
        return 1;
    }
    return 0;
}
