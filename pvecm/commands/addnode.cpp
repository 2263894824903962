// pvecm addnode, which a joining node calls on a member. Spec pvecm.md section 7.2.
#include <fmt/format.h>

#include "pvecm/certificates/node_files.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/ssh/keys.hpp"

namespace pvecm::commands {
namespace {

void check_version(const Arguments& arguments) {
    const long version = arguments.number("apiversion").value_or(0);
    if (version >= 0) return;
    throw Error(fmt::format(
        "error: unsupported old API version on joining node ({}), cluster node has 1 and supports >= 0. Please upgrade "
        "node before joining",
        version));
}

config::Joining joining_of(const Arguments& arguments, const config::Section& conf) {
    config::Joining joining{.name = arguments.at("node"),
                            .nodeid = arguments.number("nodeid"),
                            .votes = arguments.number("votes"),
                            .links = links_of(arguments),
                            .fallback = arguments.at("new_node_ip"),
                            .force = arguments.flag("force")};
    // pve-cluster 5 left it to the resolver of the members.
    const bool p5 = config::form_of(conf) == config::Form::p5;
    if (joining.links.empty() && joining.fallback.empty() && p5) joining.fallback = joining.name;
    return joining;
}

int run(Context& context, const Arguments& arguments) {
    check_version(arguments);
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        std::vector<std::string> notes;
        const bool changed = config::add_node(conf, joining_of(arguments, conf), notes);
        // Of a join that was interrupted after the first of two nodes had lost its quorum by it: nothing is left to do.
        if (!changed && !quorate(context.paths)) return;
        require_quorum(context.paths);
        for (const std::string& note : notes)
            fmt::print("{}\n", note);
        certificates::make_node_folders(context.paths, arguments.at("node"));
        ssh::merge_authorized_keys(context.paths);
        if (!changed) return;
        StoreClient::log(fmt::format("adding node {} to cluster", arguments.at("node")));
        write_cluster_conf(context.paths, conf);
    });
    return 0;
}

std::vector<Option> options() {
    std::vector<Option> result = identity_options(0);
    result.push_back({.name = "force", .type = Type::boolean, .help = "Do not throw error if node already exists."});
    for (Option& option : link_options())
        result.push_back(std::move(option));
    result.push_back({.name = "new_node_ip",
                      .format = Format::ip,
                      .help = "Address of the node on the only link, if no links are given."});
    result.push_back(
        {.name = "apiversion", .type = Type::integer, .help = "The join interface of the node.", .fallback = "0"});
    return result;
}

}  // namespace

Command addnode() {
    return {.name = "addnode",
            .group = Group::members,
            .help = "Adds a node to the cluster configuration. 'pvecm add' calls it; it is of little use alone.",
            .positionals = {{.name = "node", .format = Format::node, .help = "The cluster node name."}},
            .options = options(),
            .run = run};
}

}  // namespace pvecm::commands
