// pvecm delnode. Spec pvecm.md section 8.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "pvecm/commands/all.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/guests/guest.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/ssh/forget.hpp"
#include "tools/cfgtool/actions.hpp"

namespace pvecm::commands {
namespace {

// What it has in the store may still be needed, or be written again by the node itself.
void require_cleanable(const Context& context, const std::string& node) {
    const auto members = StoreClient::cluster_info().members;
    const auto member = members.find(node);
    if (member != members.end() && member->second.online)
        throw Error(fmt::format("node '{}' is online: power it off before its files are removed", node));
    std::vector<std::string> warnings;
    std::vector<long> ids;
    for (const guests::Guest& guest : guests::guests_on(context.paths, node, warnings))
        ids.push_back(guest.id);
    if (!ids.empty())
        throw Error(fmt::format(
            "node '{}' still has guests: {}. 'pvecm move-guest ID NODE' gives them to another node; without "
            "'--cleanup' they stay where they are.",
            node, fmt::join(ids, ", ")));
}

ssh::Host host_of(const config::Node& node) {
    ssh::Host host{.name = node.name};
    for (const auto& [link, address] : node.addresses)
        host.addresses.push_back(address);
    return host;
}

void clean_up(const Paths& paths, const ssh::Host& host) {
    const std::string folder = paths.node_folder(host.name);
    fmt::print("removing '{}', and the keys and host names of the node\n", folder);
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (failed) throw Error(fmt::format("unable to remove '{}': {}", folder, failed.message()));
    ssh::forget(paths, {host});
}

// Of one that was removed before, only its files can be left.
bool is_left_over(const Context& context, const config::Section& conf, const std::string& name) {
    return !config::find_node(conf, name) && exists(context.paths.node_folder(name));
}

int run(Context& context, const Arguments& arguments) {
    const std::string name = arguments.at("node");
    const bool cleanup = arguments.flag("cleanup");
    if (name == context.node) throw Error("Cannot delete myself from cluster!");
    require_quorum(context.paths);
    with_config_lock(context.paths, [&] {
        config::Section conf = read_cluster_conf(context.paths);
        if (cleanup && is_left_over(context, conf, name)) {
            require_cleanable(context, name);
            return clean_up(context.paths, {.name = name});
        }
        const config::Node node = config::remove_node(conf, name);
        if (node.name == context.node) throw Error("Cannot delete myself from cluster!");
        if (cleanup) require_cleanable(context, node.name);
        StoreClient::log(fmt::format("deleting node {} from cluster", node.name));
        // First, and whatever comes of it: it may be off, and once it is not in the list nobody knows its id.
        if (node.nodeid) tools::cfgtool::kill_node(static_cast<std::uint32_t>(*node.nodeid));
        write_cluster_conf(context.paths, conf);
        if (cleanup) clean_up(context.paths, host_of(node));
    });
    return 0;
}

}  // namespace

Command delnode() {
    return {
        .name = "delnode",
        .group = Group::members,
        .help = "Removes a node from the cluster configuration. Power it off before, and never on again as it was.",
        .positionals = {{.name = "node", .format = Format::node, .help = "The cluster node name."}},
        .options = {{.name = "cleanup",
                     .type = Type::boolean,
                     .help = "Also remove its folder in the store, which must have no guests any more, its ssh key, "
                             "and what is known of its host; also of a node that was removed before.",
                     .addition = true}},
        .run = run};
}

}  // namespace pvecm::commands
