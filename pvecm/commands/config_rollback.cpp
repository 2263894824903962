// pvecm config rollback: the corosync.conf before the latest change.
#include "pvecm/change/rollout.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    const std::string file = change::last_good(context.paths);
    return apply_plan(context, plan_for(context, read_given(file), file), arguments);
}

}  // namespace

Command config_rollback() {
    return {.name = "config rollback",
            .group = Group::addition,
            .help =
                "Goes back to corosync.conf.bak, the configuration before the latest change, with a new "
                "config_version and as carefully as 'config apply'. A second time undoes the first.",
            .options = apply_options(),
            .run = run};
}

}  // namespace pvecm::commands
