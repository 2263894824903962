// pvecm addnode, which a joining node calls on a member. Spec pvecm.md section 7.2.
#include <fmt/format.h>

#include "pvecm/certificates/node_files.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/cluster_key.hpp"
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

// Whoever has the name may be a machine that was installed anew, but not one that is here.
void require_absent(const std::string& node) {
    const auto cluster = StoreClient::cluster_info();
    const auto member = cluster.members.find(node);
    if (member == cluster.members.end() || !member->second.online) return;
    throw Error(fmt::format("can't add existing node '{}': it is online{}", node,
                            member->second.address.empty() ? "" : " with the address " + member->second.address));
}

// The entry is as it should be, and nothing could be changed: of a join that was interrupted after the first of two
// nodes had lost its quorum by it.
bool nothing_left(const Context& context, const Arguments& arguments) {
    if (quorate(context.paths)) return false;
    config::Section conf = read_cluster_conf(context.paths);
    std::vector<std::string> notes;
    return !config::add_node(conf, joining_of(arguments, conf), notes);
}

int run(Context& context, const Arguments& arguments) {
    check_version(arguments);
    if (nothing_left(context, arguments)) return 0;
    require_quorum(context.paths);
    warn_about_priorities(links_of(arguments));
    const std::string node = arguments.at("node");
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        std::vector<std::string> notes;
        const bool changed = config::add_node(conf, joining_of(arguments, conf), notes);
        if (changed) {
            require_absent(node);
            require_same_key(context);
        }
        for (const std::string& note : notes)
            fmt::print("{}\n", note);
        certificates::make_node_folders(context.paths, node);
        ssh::merge_authorized_keys(context.paths);
        if (!changed) return;
        StoreClient::log(fmt::format("adding node {} to cluster", node));
        write_cluster_conf(context.paths, conf);
    });
    return 0;
}

std::vector<Option> options() {
    std::vector<Option> result = joining_options();
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
