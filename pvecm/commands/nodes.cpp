// pvecm nodes. Spec pvecm.md section 9.2.
#include <fmt/format.h>

#include <ctime>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/commands/quorum_view.hpp"
#include "tools/common/program.hpp"
#include "tools/quorumtool/text.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    tools::quorumtool::Settings settings;
    settings.node_names = true;
    const auto picture = look(settings);
    if (!picture) return kQuorumFailed;
    if (arguments.flag("json")) {
        tools::print_json(json_of(*picture, std::time(nullptr)).at("nodes"));
    } else {
        fmt::print("\n{}", nodes_text(*picture, settings));
    }
    return 0;
}

}  // namespace

Command nodes() {
    return {.name = "nodes",
            .help = "Displays the local view of the cluster nodes.",
            .options = {json_option()},
            .run = run};
}

}  // namespace pvecm::commands
