// pvecm config apply: a changed corosync.conf, on all nodes or on none.
#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    const std::string file = arguments.at("file");
    return apply_plan(context, plan_for(context, read_given(file), file), arguments);
}

}  // namespace

Command config_apply() {
    return {.name = "config apply",
            .group = Group::addition,
            .help =
                "Makes a file the cluster's corosync.conf: checks it, raises config_version, replaces the old one "
                "through the store, waits until every node that is online has it, and goes back if one does not. The "
                "old file is kept as corosync.conf.bak. Ends with 1 if it was taken back.",
            .positionals = {{.name = "file", .help = "The new file."}},
            .options = apply_options(),
            .run = run};
}

}  // namespace pvecm::commands
