#include "conformance/cli/commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace cli {

using lab::Lab;
using lab::LabError;
using lab::milliseconds;
using nlohmann::json;

namespace {

unsigned parse_node(const std::string& text, unsigned nodes) {
    unsigned node = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), node);
    if (error != std::errc() || end != text.data() + text.size() || node < 1 || node > nodes) {
        throw LabError(fmt::format("'{}' is not a node: they are 1 to {}", text, nodes));
    }
    return node;
}

// By ring.
json cut_from(const lab::NodeRecord& record, unsigned rings) {
    json all = json::array();
    for (unsigned ring = 0; ring < rings; ++ring)
        all.push_back(record.receptions[ring].cut);
    return all;
}

json describe(const Lab& laboratory, unsigned node) {
    const auto& record = laboratory.manifest().nodes.at(node - 1);
    json value = {{"node", node},
                  {"daemon", to_string(record.kind)},
                  {"program", record.program.string()},
                  {"running", laboratory.running(node)},
                  {"address", lab::node_address(node, laboratory.manifest().family)},
                  {"loss", record.receptions.front().loss},
                  {"cut_from", cut_from(record, laboratory.manifest().rings)},
                  {"log", laboratory.log(node).path().string()}};
    if (laboratory.running(node)) value["pid"] = record.daemon.pid;
    if (const auto code = laboratory.exit_code(node)) value["exit_code"] = *code;
    if (const auto ring = laboratory.ring(node)) {
        value["ring"] = ring->ring_id;
        value["members"] = ring->members;
    }
    return value;
}

void print_node(const json& node) {
    std::string state = "never started";
    if (node["running"]) {
        state = node.contains("ring") ? fmt::format("ring {} of {}", node["ring"].get<std::string>(),
                                                    fmt::join(node["members"].get<lab::Nodes>(), " "))
                                      : std::string("in no ring yet");
    } else if (node.contains("exit_code")) {
        state = fmt::format("ended with {}", node["exit_code"].get<int>());
    }
    std::string network;
    if (node["loss"].get<double>() > 0) network += fmt::format("  loses {:g}%", node["loss"].get<double>() * 100);
    const json& cuts = node["cut_from"];
    for (std::size_t ring = 0; ring < cuts.size(); ++ring) {
        if (cuts[ring].empty()) continue;
        network += fmt::format("  hears nothing from {}", fmt::join(cuts[ring].get<lab::Nodes>(), " "));
        if (cuts.size() > 1) network += fmt::format(" on ring {}", ring);
    }
    fmt::print("node {:<2} {:<9} {:<11} {}{}\n", node["node"].get<unsigned>(), node["daemon"].get<std::string>(),
               node["address"].get<std::string>(), state, network);
}

void say(Output output, const json& value, const std::string& text) {
    fmt::print("{}\n", output.json ? value.dump(2) : text);
}

}  // namespace

double parse_percentage(const std::string& text) {
    std::istringstream in(text);
    double percentage = 0;
    std::string unit;
    in >> percentage;
    if (!in || (in >> unit && unit != "%") || percentage < 0 || percentage > 100) {
        throw LabError("'" + text + "' is not a loss: say for example 5% (0% ends it)");
    }
    return percentage / 100;
}

std::vector<lab::DaemonKind> parse_daemons(unsigned nodes, const std::vector<std::string>& choices) {
    auto standard = lab::DaemonKind::totemd;
    std::vector<std::optional<lab::DaemonKind>> chosen(nodes);
    for (const auto& choice : choices) {
        const auto equals = choice.find('=');
        if (equals == std::string::npos) {
            standard = lab::parse_daemon_kind(choice);
            continue;
        }
        const auto kind = lab::parse_daemon_kind(choice.substr(equals + 1));
        const auto who = choice.substr(0, equals);
        if (who == "default") {
            standard = kind;
        } else {
            chosen[parse_node(who, nodes) - 1] = kind;
        }
    }
    std::vector<lab::DaemonKind> kinds;
    for (const auto& kind : chosen) {
        kinds.push_back(kind.value_or(standard));
    }
    return kinds;
}

int up(const std::string& name, const UpOptions& options, Output output) {
    if (options.nodes < 1 || options.nodes > lab::most_nodes) {
        throw LabError(fmt::format("a laboratory has 1 to {} nodes", lab::most_nodes));
    }
    lab::Plan plan;
    plan.name = name;
    plan.nodes = parse_daemons(options.nodes, options.daemons);
    plan.transport = lab::parse_transport(options.transport);
    plan.family = lab::parse_family(options.family);
    if (options.rings < 1 || options.rings > lab::most_rings)
        throw LabError(fmt::format("a laboratory has 1 to {} rings", lab::most_rings));
    plan.rings = options.rings;
    plan.debug = options.debug;
    plan.persistent = true;
    for (const auto& item : options.totem) {
        const auto equals = item.find('=');
        if (equals == std::string::npos) throw LabError("'" + item + "' is not KEY=VALUE, such as token=1000");
        plan.totem[item.substr(0, equals)] = item.substr(equals + 1);
    }
    if (!options.configuration_file.empty()) plan.configuration = lab::read_file(options.configuration_file);
    if (!options.no_start) {
        for (const auto kind : plan.nodes) {
            if (!lab::find_daemon(kind)) {
                throw LabError(fmt::format("there is no {}: {}", to_string(kind), lab::how_to_get(kind)));
            }
        }
    }
    auto laboratory = Lab::create(plan);
    if (!options.no_start) {
        laboratory.start(laboratory.all());
        if (!options.no_wait) laboratory.wait_ring(laboratory.all(), milliseconds(1000) * options.wait_seconds);
    }
    if (!output.json) {
        fmt::print("laboratory {} is up, its files are in {}\n", name, laboratory.directory().string());
    }
    return status(name, output);
}

int status(const std::string& name, Output output) {
    const auto laboratory = Lab::open(name);
    const auto& manifest = laboratory.manifest();
    json nodes = json::array();
    for (const auto node : laboratory.all()) {
        nodes.push_back(describe(laboratory, node));
    }
    const bool capturing = manifest.capture.alive();
    if (output.json) {
        json value = {{"name", name},
                      {"transport", to_string(manifest.transport)},
                      {"directory", laboratory.directory().string()},
                      {"nodes", nodes}};
        if (capturing) value["capture"] = manifest.capture_file;
        fmt::print("{}\n", value.dump(2));
        return 0;
    }
    for (const auto& node : nodes) {
        print_node(node);
    }
    if (capturing) fmt::print("recording packets into {}\n", manifest.capture_file);
    return 0;
}

int list(Output output) {
    json all = json::array();
    std::string text;
    for (const auto& name : Lab::list()) {
        const auto manifest = lab::load(name);
        const bool alive = manifest && manifest->in_use();
        all.push_back({{"name", name}, {"alive", alive}});
        text += fmt::format("{}{}{}", text.empty() ? "" : "\n", name,
                            alive ? "" : "  (dead; 'totem-lab down --dead' clears it away)");
    }
    say(output, all, text.empty() ? "no laboratory is up" : text);
    return 0;
}

int down(const std::string& name, bool all_dead, Output output) {
    std::vector<std::string> removed;
    if (all_dead) {
        removed = Lab::sweep();
    } else if (Lab::destroy(name)) {
        removed.push_back(name);
    } else {
        throw LabError(fmt::format("there is no laboratory '{}'", name));
    }
    say(output, {{"removed", removed}},
        removed.empty() ? "nothing to remove" : fmt::format("removed {}", fmt::join(removed, ", ")));
    return 0;
}

int execute(const std::string& name, unsigned node, const std::vector<std::string>& command) {
    auto process = Lab::open(name).spawn(node, command, {.inherit_in = true});
    for (;;) {
        if (const auto code = process.wait(milliseconds(3600000))) return *code;
    }
}

int show_log(const std::string& name, unsigned node, unsigned lines, bool follow) {
    const auto laboratory = Lab::open(name);
    const auto log = laboratory.log(node);
    auto text = log.text();
    auto shown = text.size();
    auto begin = text.size();
    for (unsigned seen = 0; begin > 0; --begin) {
        if (text[begin - 1] == '\n' && begin != text.size() && ++seen == lines) break;
    }
    fmt::print("{}", text.substr(begin));
    while (follow) {
        std::fflush(stdout);
        lab::wait_until(milliseconds(1000), [&] { return log.size() > shown; });
        text = log.text(shown);
        shown += text.size();
        fmt::print("{}", text);
    }
    return 0;
}

int set_loss(const std::string& name, const std::string& percentage, unsigned node) {
    auto laboratory = Lab::open(name);
    const auto share = parse_percentage(percentage);
    if (node == 0) {
        laboratory.set_loss(share);
    } else {
        laboratory.set_loss(node, share);
    }
    return 0;
}

int partition(const std::string& name, const std::vector<std::string>& sides) {
    auto laboratory = Lab::open(name);
    std::vector<lab::Nodes> groups;
    for (const auto& side : sides) {
        groups.emplace_back();
        std::istringstream numbers(side);
        for (std::string number; std::getline(numbers, number, ',');) {
            groups.back().push_back(parse_node(number, laboratory.size()));
        }
    }
    laboratory.partition(groups);
    return 0;
}

}  // namespace cli
