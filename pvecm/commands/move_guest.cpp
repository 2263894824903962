// pvecm move-guest: a guest that does not run gets another node, by one rename in the store. Spec pvecm.md
// section 18.3.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "pvecm/commands/all.hpp"
#include "pvecm/error.hpp"
#include "pvecm/guests/commands.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm::commands {
namespace {

using guests::Guest;

Guest find_guest(const Paths& paths, long id) {
    std::vector<std::string> ignored;
    for (const auto& entry : std::filesystem::directory_iterator(paths.pve("nodes"))) {
        for (Guest& guest : guests::guests_on(paths, entry.path().filename(), ignored)) {
            if (guest.id == id) return std::move(guest);
        }
    }
    throw Error(fmt::format("there is no guest {} in the cluster", id));
}

bool online(const ClusterInfo& cluster, const std::string& node) {
    const auto member = cluster.members.find(node);
    return member != cluster.members.end() && member->second.online;
}

// Whether it runs is known on its own node only, unless that is down.
void require_stopped(const Context& context, const Guest& guest, bool force) {
    const char* const what = guests::short_name(guest.kind);
    if (!guest.lock.empty()) throw Error(fmt::format("{} {} is locked ({})", what, guest.id, guest.lock));
    if (guest.node == context.node) {
        if (guests::Commands(context.paths).running(guest))
            throw Error(fmt::format("{} {} is running", what, guest.id));
    } else if (online(StoreClient::cluster_info(), guest.node) && !force) {
        throw Error(
            fmt::format("{0} {1} is on '{2}', which is online: move it there, where it can be seen whether it "
                        "runs. '--force' moves it all the same.",
                        what, guest.id, guest.node));
    }
}

void require_target(const Context& context, const Guest& guest, const std::string& target) {
    if (target == guest.node)
        throw Error(target == context.node ? "target is local node."
                                           : fmt::format("guest {} is on '{}' already", guest.id, target));
    const ClusterInfo cluster = StoreClient::cluster_info();
    if (target != context.node && cluster.members.count(target) == 0)
        throw Error(fmt::format("no such cluster node '{}'", target));
}

int run(Context& context, const Arguments& arguments) {
    const std::string target = arguments.at("target");
    require_quorum(context.paths);
    const Guest guest = find_guest(context.paths, arguments.number("vmid").value_or(0));
    require_target(context, guest, target);
    require_stopped(context, guest, arguments.flag("force"));
    const std::string from = guest.file(context.paths, guest.node), to = guest.file(context.paths, target);
    make_folder(std::filesystem::path(to).parent_path());
    if (std::rename(from.c_str(), to.c_str()) != 0)
        throw Error(fmt::format("Failed to move config to node '{}' - rename failed: {}", target, std::strerror(errno)),
                    errno);
    fmt::print("{} {} is on node '{}' now\n", guests::short_name(guest.kind), guest.id, target);
    return 0;
}

}  // namespace

Command move_guest() {
    return {.name = "move-guest",
            .group = Group::addition,
            .help =
                "Gives a guest that does not run another node, by moving its configuration. Its disks have to be on "
                "storage that both nodes share. Guests of a node that is down can be moved from any other.",
            .positionals = {{.name = "vmid", .type = Type::integer, .least = 100, .help = "The id of the guest."},
                            {.name = "target", .format = Format::node, .help = "The node it gets."}},
            .options = {{.name = "force",
                         .type = Type::boolean,
                         .help = "Although its node is online and nobody looks whether it runs."}},
            .run = run};
}

}  // namespace pvecm::commands
