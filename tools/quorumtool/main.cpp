// totem-quorumtool: corosync-quorumtool's options, texts and exit codes.
#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <optional>

#include "tools/common/program.hpp"
#include "tools/quorumtool/text.hpp"

namespace {

using namespace tools::quorumtool;

constexpr int failed = 1, not_quorate = 2;

void usage(const char* name) {
    fmt::print(
        "usage: \n"
        "{} <options>\n"
        "\n"
        "  options:\n"
        "\n"
        "  -s             show quorum status\n"
        "  -m             constantly monitor quorum status\n"
        "  -l             list nodes\n"
        "  -a             show all names or addresses for each node\n"
        "  -p             when used with -s or -l, generates machine parsable output\n"
        "  -v <votes>     change the number of votes for a node (*)\n"
        "  -n <nodeid>    optional nodeid of node for -v\n"
        "  -e <expected>  change expected votes for the cluster (*)\n"
        "  -H             show nodeids in hexadecimal rather than decimal\n"
        "  -i             show node IP addresses instead of the resolved name\n"
        "  -o <a|n|i>     order by [a] IP address (default), [n] name, [i] nodeid\n"
        "  -f             forcefully unregister a quorum device *DANGEROUS* (*)\n"
        "  -h             show this help text\n"
        "  -V             show version and exit\n"
        "\n"
        "  (*) Starred items only work if votequorum is the quorum provider for corosync\n"
        "\n",
        name);
}

struct Options {
    char action = 's';  // the last of those given
    Settings settings;
    bool json = false;
    std::uint32_t expected = 0, votes = 0;
    std::optional<std::uint32_t> nodeid;
};

int refuse(const char* text) {
    std::fflush(stdout);
    fmt::print(stderr, "{}\n", text);
    return failed;
}

// Nothing: go on. Else the exit code.
std::optional<int> read_order(Settings& settings) {
    switch (*optarg) {
        case 'a':
            settings.order = Order::address;
            return std::nullopt;
        case 'i':
            settings.order = Order::nodeid;
            return std::nullopt;
        case 'n':
            settings.order = Order::name;
            return std::nullopt;
        default:
            return refuse("Invalid ordering option. valid orders are a(address), i(node ID) or n(name)");
    }
}

std::optional<int> read_number(int letter, Options& options) {
    long long value = 0;
    if (letter == 'e') {
        if (!tools::parse_number(optarg, 1, INT_MAX, value)) {
            return refuse("New expected votes value was not valid, try a positive number");
        }
        options.expected = static_cast<std::uint32_t>(value);
    } else if (letter == 'n') {
        if (!tools::parse_number(optarg, 1, UINT_MAX, value)) {
            return refuse("The nodeid was not valid, try a positive number");
        }
        options.nodeid = static_cast<std::uint32_t>(value);
        return std::nullopt;
    } else {
        if (!tools::parse_number(optarg, 0, INT_MAX, value)) {
            return refuse("New votes value was not valid, try a positive number or zero");
        }
        options.votes = static_cast<std::uint32_t>(value);
    }
    options.action = static_cast<char>(letter);
    return std::nullopt;
}

std::optional<int> read_option(int letter, const char* name, Options& options) {
    switch (letter) {
        case 'H':
            options.settings.hexadecimal = true;
            return std::nullopt;
        case 'i':
            options.settings.addresses = true;
            return std::nullopt;
        case 'a':
            options.settings.all_addresses = true;
            return std::nullopt;
        case 'p':
            options.settings.parsable = true;
            return std::nullopt;
        case 'o':
            return read_order(options.settings);
        case 'e':
        case 'n':
        case 'v':
            return read_number(letter, options);
        case 'V':
            fmt::print("{} version: {}\n", name, tools::version_number());
            return 0;
        case 'h':
            usage(name);
            return 0;
        case '?':
            usage(name);
            return failed;
        default:
            options.action = static_cast<char>(letter);
            return std::nullopt;
    }
}

// Prints one picture; nothing if it could not be had.
std::optional<bool> show(Engine& engine, const Options& options, bool whole) {
    const auto picture = engine.picture(options.settings);
    if (!picture) return std::nullopt;
    const std::time_t now = std::time(nullptr);
    if (options.json) {
        const int indent = options.action == 'm' ? -1 : 2;
        tools::print_json(json_of(*picture, now), indent);
    } else if (whole) {
        fmt::print("{}", status_text(*picture, options.settings, now));
    } else {
        fmt::print("\n{}", nodes_text(*picture, options.settings));
    }
    return picture->quorate;
}

int monitor(Engine& engine, const Options& options) {
    if (!engine.has_provider()) return refuse("Quorum is not configured - cannot monitor");
    const bool ended = engine.monitor([&] {
        if (!show(engine, options, true)) return false;
        if (!options.json) fmt::print("\n");
        std::fflush(stdout);
        return true;
    });
    return ended ? 0 : failed;
}

int run(Engine& engine, const Options& options) {
    if (!engine.open()) return failed;
    switch (options.action) {
        case 'm':
            return monitor(engine, options);
        case 'l':
            return show(engine, options, false) ? 0 : failed;
        case 'e':
            if (!engine.uses_votequorum()) {
                return refuse("You cannot change expected votes, corosync is not using votequorum");
            }
            return engine.set_expected(options.expected) ? 0 : failed;
        case 'v':
            if (!engine.uses_votequorum()) {
                return refuse("You cannot change node votes, corosync is not using votequorum");
            }
            return engine.set_votes(options.nodeid.value_or(engine.own()), options.votes) ? 0 : failed;
        case 'f':
            if (!engine.uses_votequorum()) {
                return refuse("You cannot unregister quorum device, corosync is not using votequorum");
            }
            return engine.unregister_device() ? 0 : failed;
        default: {
            const auto quorate = show(engine, options, true);
            return !quorate ? failed : *quorate ? 0 : not_quorate;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return usage(line.name()), 0;
    Options options;
    options.json = line.json;
    int letter = 0;
    while ((letter = getopt(line.argc(), line.argv(), "VHaslpmfe:v:hin:o:")) != -1) {
        if (const auto code = read_option(letter, line.name(), options)) return *code;
    }
    Engine engine;
    return run(engine, options);
}
