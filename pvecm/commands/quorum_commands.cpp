// pvecm status, nodes, expected: what corosync-quorumtool prints. Spec pvecm.md section 9.
#include <fmt/format.h>

#include <ctime>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "tools/common/program.hpp"
#include "tools/quorumtool/engine.hpp"
#include "tools/quorumtool/text.hpp"

namespace pvecm::commands {
namespace {

using tools::quorumtool::Engine;
using tools::quorumtool::Picture;
using tools::quorumtool::Settings;

constexpr int kFailed = 1, kNotQuorate = 2;  // as corosync-quorumtool ends

// A warning: the engine may run with a configuration of its own.
void warn_without_cluster(const Context& context) {
    if (in_cluster(context)) return;
    fmt::print(stderr, "Corosync config '{}' does not exist - is this node part of a cluster?\n",
               context.paths.cluster_conf());
}

// What pve-cluster 9 says before the rest.
std::string cluster_text(const config::Section& conf) {
    const config::Section* const totem = conf.find("totem");
    if (totem == nullptr) return {};
    return fmt::format("Cluster information\n-------------------\n{:<17} {}\n{:<17} {}\n{:<17} {}\n{:<17} {}\n\n",
                       "Name:", totem->get("cluster_name").value_or("UNKOWN?"),
                       "Config Version:", totem->get("config_version").value_or("-1"),
                       "Transport:", totem->get("transport").value_or("knet"),
                       "Secure auth:", totem->get("secauth").value_or("off"));
}

// Nothing if the engine did not answer; that is said already.
std::optional<Picture> look(const Settings& settings) {
    Engine engine;
    return engine.open() ? engine.picture(settings) : std::nullopt;
}

int run_status(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    Settings settings;
    settings.hexadecimal = true;
    settings.addresses = true;
    const bool json = arguments.flag("json");
    if (!json && in_cluster(context)) {
        const auto conf = read_cluster_conf(context.paths);
        if (config::form_of(conf) == config::Form::p9) fmt::print("{}", cluster_text(conf));
    }
    const auto picture = look(settings);
    if (!picture) return kFailed;
    const std::time_t now = std::time(nullptr);
    if (json) {
        tools::print_json(json_of(*picture, now));
    } else {
        fmt::print("{}", status_text(*picture, settings, now));
    }
    return picture->quorate ? 0 : kNotQuorate;
}

int run_nodes(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    Settings settings;
    settings.node_names = true;
    const auto picture = look(settings);
    if (!picture) return kFailed;
    if (arguments.flag("json")) {
        tools::print_json(json_of(*picture, std::time(nullptr)).at("nodes"));
    } else {
        fmt::print("\n{}", nodes_text(*picture, settings));
    }
    return 0;
}

int run_expected(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    Engine engine;
    if (!engine.open()) return kFailed;
    if (!engine.uses_votequorum()) throw Error("You cannot change expected votes, corosync is not using votequorum");
    return engine.set_expected(static_cast<std::uint32_t>(arguments.number("expected").value_or(0))) ? 0 : kFailed;
}

}  // namespace

Command status() {
    return {.name = "status",
            .help = "Displays the local view of the cluster status. Ends with 2 if the cluster is not quorate.",
            .options = {json_option()},
            .run = run_status};
}

Command nodes() {
    return {.name = "nodes",
            .help = "Displays the local view of the cluster nodes.",
            .options = {json_option()},
            .run = run_nodes};
}

Command expected() {
    return {.name = "expected",
            .help = "Tells corosync a new value of expected votes, until a node joins or corosync starts anew.",
            .positionals =
                {{.name = "expected", .type = Type::integer, .least = 1, .most = INT_MAX, .help = "Expected votes"}},
            .run = run_expected};
}

}  // namespace pvecm::commands
