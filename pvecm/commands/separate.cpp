// pvecm separate: this node leaves its cluster and goes on alone, without being installed anew. Spec pvecm.md
// section 16.
#include <fmt/format.h>

#include <filesystem>

#include "pvecm/commands/all.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/locks.hpp"
#include "pvecm/host/quorum_wait.hpp"
#include "pvecm/host/remote.hpp"
#include "pvecm/join/journal.hpp"
#include "pvecm/separate/findings.hpp"
#include "pvecm/separate/steps.hpp"

namespace pvecm::commands {
namespace {

constexpr std::chrono::seconds kQuorumLimit{120};

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

// What the cluster says now, by the first member that answers; nothing if none does.
std::optional<std::string> ask_members(const Context& context) {
    for (const separate::Member& member : separate::saved_members(context.paths)) {
        try {
            return Remote(member.address.empty() ? member.name : member.address).read(Paths().cluster_conf());
        } catch (const Error& error) {
            fmt::print(stderr, "{}\n", error.what());
        }
    }
    return std::nullopt;
}

bool lists(const std::string& conf, const std::string& node) {
    return config::find_node(config::parse(conf, "corosync.conf of the cluster"), node).has_value();
}

// Looked up anew each time, as it is done by hand. `conf`: what the cluster says.
void say_what_is_left(const Context& context, const std::optional<std::string>& conf) {
    const auto members = separate::saved_members(context.paths);
    if (members.empty()) return say("Nothing is left to do: the cluster had no other nodes.");
    std::string left;
    if (!conf) {
        left += fmt::format(
            "- no member answers: make sure that they do not list this node any more, by 'pvecm delnode "
            "{}' on one of them\n",
            context.node);
    } else if (lists(*conf, context.node)) {
        left += fmt::format(
            "- the others still list this node and count its vote: 'pvecm delnode {0}' on one of them "
            "(first 'pvecm expected' there if they have lost quorum), and then remove "
            "/etc/pve/nodes/{0} there\n",
            context.node);
    }
    for (const separate::Member& member : members) {
        if (exists(context.paths.node_folder(member.name)))
            left += fmt::format(
                "- /etc/pve/nodes/{} is still here, and the ssh key of its host: 'pvecm separate "
                "--cleanup' removes them\n",
                member.name);
    }
    left += fmt::format(
        "- the others let this node in with its ssh key: remove 'root@{}' from their "
        "/etc/pve/priv/authorized_keys\n",
        context.node);
    say(fmt::format(
        "What is left to do:\n{}'pvecm separate' shows this again. '{}' is what 'pvecm separate --undo' needs.", left,
        context.paths.before_separate()));
}

void require_separable(const Context& context, bool force) {
    const auto found = separate::findings(context);
    if (found.empty()) return;
    std::string text = "this speaks against separating the node now:\n";
    for (const std::string& finding : found)
        text += fmt::format("* {}\n", finding);
    fmt::print(stderr, "{}", text);
    if (!force) throw Error("Nothing is changed. 'pvecm separate --force' does it all the same.");
}

int undo(Context& context, bool force) {
    const Paths& paths = context.paths;
    resumes(paths, {.command = "separate", .target = ""});
    if (!exists(paths.before_separate("corosync/corosync.conf")))
        throw Error(fmt::format("there is nothing to undo: no '{}'", paths.before_separate("corosync")));
    auto conf = ask_members(context);
    if (!conf && !force)
        throw Error(
            "no member answers, so nobody can say whether the cluster still lists this node. '--force' goes back to "
            "what it knew.");
    if (!conf) conf = read_file(paths.before_separate("corosync/corosync.conf"));
    if (!lists(*conf, context.node))
        throw Error(
            fmt::format("the cluster does not list '{}' any more: 'pvecm add' joins it as a new node", context.node));
    Journal{.command = "separate", .target = ""}.write(paths);
    separate::come_back(context, *conf);
    if (!await_quorum(paths, kQuorumLimit))
        throw Error(
            "no quorum in time: the node is set up as a member again, but does not see enough of the others. "
            "'pvecm separate --undo' waits again.");
    std::filesystem::remove_all(paths.before_separate());
    Journal::clear(paths);
    say("This node is a member again. What it stored while it was alone is in config.db.separated beside its "
        "database.");
    return 0;
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const Journal journal{.command = "separate", .target = ""};
    const LocalLock lock(paths);
    if (arguments.flag("undo")) return undo(context, arguments.flag("force"));
    const bool resumed = resumes(paths, journal);
    if (resumed) {
        say("going on with the unfinished 'pvecm separate'");
        if (store_mounted(paths)) context.check_store();
    } else {
        context.check_store();
        if (!in_cluster(context) && !separate::is_saved(paths)) throw Error("this node is in no cluster");
        if (in_cluster(context)) {
            if (arguments.flag("cleanup")) throw Error("this node is not separated");
            require_separable(context, arguments.flag("force"));
            std::filesystem::remove_all(paths.before_separate());  // of another time
            journal.write(paths);
        }
    }
    if (resumed || in_cluster(context)) {
        try {
            separate::leave(context);
        } catch (const Error& error) {
            throw Error(
                fmt::format("{}\nThe node is half separated: 'pvecm separate' goes on, 'pvecm separate --undo' "
                            "takes it back.",
                            error.what()));
        }
        Journal::clear(paths);
        say(fmt::format("'{}' is separated.", context.node));
    }
    const auto conf = ask_members(context);  // before their keys are forgotten
    if (arguments.flag("cleanup")) separate::forget_others(context);
    say_what_is_left(context, conf);
    return 0;
}

}  // namespace

Command separate_command() {
    return {.name = "separate",
            .group = Group::addition,
            .help =
                "Takes this node out of its cluster without installing it anew: it keeps its store and goes on alone. "
                "What the documentation warns of is checked before. If it was interrupted, the same command goes on; "
                "afterwards it says what is left to do on the others.",
            .options = {{.name = "force", .type = Type::boolean, .help = "Do it in spite of what speaks against it."},
                        {.name = "cleanup",
                         .type = Type::boolean,
                         .help = "Also remove the folders and ssh keys of the others from this node."},
                        {.name = "undo",
                         .type = Type::boolean,
                         .help = "Make the node a member again, as long as the cluster lists it."}},
            .needs = Needs::nothing,  // an interrupted one has no store
            .run = run};
}

}  // namespace pvecm::commands
