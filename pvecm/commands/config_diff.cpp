// pvecm config diff: what a file would change, and what that would do to each node.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"
#include "pvecm/commands/options.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

constexpr int kDifferent = 1;  // as diff ends

int run(Context& context, const Arguments& arguments) {
    const std::string file = arguments.get("file").value_or(context.paths.cluster_conf() + ".new");
    const auto plan = plan_for(context, read_given(file), file);
    if (arguments.flag("json")) {
        tools::print_json(json_of(plan));
    } else {
        fmt::print("{}", text_of(plan));
    }
    return plan.changes() ? kDifferent : 0;
}

}  // namespace

Command config_diff() {
    return {
        .name = "config diff",
        .group = Group::addition,
        .help =
            "Shows what a file would change in the cluster's corosync.conf, and what that would do: on which nodes "
            "it is in force at once, which have to restart, what becomes of quorum. Ends with 1 if it changes "
            "anything.",
        .positionals = {{.name = "file", .help = "The new file, else /etc/pve/corosync.conf.new.", .optional = true}},
        .options = {json_option()},
        .run = run};
}

}  // namespace pvecm::commands
