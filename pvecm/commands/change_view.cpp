#include "pvecm/commands/change_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "pvecm/change/addresses.hpp"
#include "pvecm/change/rollout.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/join/check.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

constexpr int kTakenBack = 1;
constexpr long kLimit = 30;

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

// With JSON on standard output, progress is for people.
void whisper(const std::string& text) {
    fmt::print(stderr, "{}\n", text);
}

// A node that has not got its address does not find out which one it is.
void warn_about_own_addresses(const Context& context, change::Plan& plan) {
    const auto own = config::find_node(config::parse(plan.after, "new"), context.node);
    if (!own) return;
    for (const auto& [link, address] : own->addresses) {
        std::string finding = join::address_finding(fmt::format("ring{}", link), address);
        if (finding.ends_with('\n')) finding.pop_back();
        if (!finding.empty()) plan.warnings.push_back(finding);
    }
}

void say_outcome(const change::Plan& plan, const change::Outcome& outcome) {
    if (!outcome.applied()) {
        fmt::print(stderr, "not applied: the cluster has its old configuration, as version {}\n", outcome.version);
        return;
    }
    say(fmt::format("all nodes that are online have version {}", outcome.version));
    if (!outcome.offline.empty())
        say(fmt::format("offline, they get it when they are back: {}", fmt::join(outcome.offline, ", ")));
    const auto restart = plan.to_restart();
    if (restart.empty()) return;
    say(
        fmt::format("now restart corosync on {}, one after another, looking at 'pvecm status' between: 'systemctl "
                    "restart corosync', or 'pvecm service restart corosync' where no systemd runs",
                    fmt::join(restart, ", ")));
}

}  // namespace

std::string read_given(const std::string& file) {
    auto text = read_file(file);
    if (!text) throw Error(fmt::format("there is no '{}'", file));
    return std::move(*text);
}

change::Plan plan_for(const Context& context, const std::string& text, const std::string& name) {
    const ClusterInfo cluster = StoreClient::cluster_info();
    auto plan = change::make_plan(read_cluster_text(context.paths), text, name, cluster);
    if (!plan.changes()) return plan;
    warn_about_own_addresses(context, plan);
    for (std::string& finding : change::address_findings(plan, context.node, cluster, change::ask_over_ssh))
        plan.warnings.push_back(std::move(finding));
    return plan;
}

std::vector<Option> apply_options() {
    return {{.name = "force", .type = Type::boolean, .help = "Apply it although the cluster would lose quorum."},
            {.name = "timeout",
             .type = Type::integer,
             .least = 1,
             .most = 3600,
             .help = "Seconds to wait for the nodes to take it; then it is taken back.",
             .fallback = std::to_string(kLimit)},
            json_option()};
}

int apply_plan(const Context& context, const change::Plan& plan, const Arguments& arguments) {
    const bool json = arguments.flag("json");
    if (!json) fmt::print("{}", text_of(plan));
    std::fflush(stdout);
    if (!plan.changes()) {
        if (json) tools::print_json(json_of(plan));
        return 0;
    }
    require_quorum(context.paths);
    if (plan.quorum_lost && !arguments.flag("force"))
        throw Error(fmt::format("not applied: the cluster would lose quorum: {}\n'--force' applies it all the same.",
                                *plan.quorum_lost));
    const std::chrono::seconds limit(arguments.number("timeout").value_or(kLimit));
    const auto outcome = roll_out(context, plan, limit, json ? whisper : say);
    if (json) {
        auto result = json_of(plan);
        result["applied"] = outcome.applied();
        result["version"] = outcome.version;
        result["missing"] = outcome.missing;
        result["offline"] = outcome.offline;
        tools::print_json(result);
    } else {
        say_outcome(plan, outcome);
    }
    return outcome.applied() ? 0 : kTakenBack;
}

}  // namespace pvecm::commands
