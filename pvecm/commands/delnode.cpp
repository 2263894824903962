// pvecm delnode. Spec pvecm.md section 8.
#include <fmt/format.h>

#include "pvecm/commands/all.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/locks.hpp"
#include "tools/cfgtool/actions.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    const std::string name = arguments.at("node");
    if (name == context.node) throw Error("Cannot delete myself from cluster!");
    require_quorum(context.paths);
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        const config::Node node = config::remove_node(conf, name);
        if (node.name == context.node) throw Error("Cannot delete myself from cluster!");
        StoreClient::log(fmt::format("deleting node {} from cluster", node.name));
        // First, and whatever comes of it: it may be off, and once it is not in the list nobody knows its id.
        if (node.nodeid) tools::cfgtool::kill_node(static_cast<std::uint32_t>(*node.nodeid));
        write_cluster_conf(context.paths, conf);
    });
    return 0;
}

}  // namespace

Command delnode() {
    return {.name = "delnode",
            .group = Group::members,
            .help = "Removes a node from the cluster configuration. Power it off before, and never on again as it was.",
            .positionals = {{.name = "node", .format = Format::node, .help = "The cluster node name."}},
            .run = run};
}

}  // namespace pvecm::commands
