#include "pvecm/separate/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "cfs/store/backup.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/runner.hpp"
#include "pvecm/ssh/forget.hpp"

namespace pvecm::separate {
namespace {

namespace fs = std::filesystem;

constexpr auto kOver = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

// What the standard library throws, in our words.
template <class Body>
void doing(const char* what, Body body) {
    try {
        body();
    } catch (const fs::filesystem_error& failed) {
        throw Error(fmt::format("unable to {}: {}", what, failed.what()));
    }
}

std::string kept_database(const Paths& paths) {
    return paths.before_separate("config.db");
}

std::string own_database(const Paths& paths) {
    return paths.database() + ".separated";
}

void copy_database(const std::string& from, const std::string& to) {
    const std::string begun = to + ".begun";
    remove_file(begun);
    if (const auto failure = cfs::store::copy_database(from, begun)) throw Error(failure->text);
    rename_file(begun, to);
}

void empty_folder(const std::string& folder) {
    doing("empty a folder", [&] {
        if (!fs::is_directory(folder)) return;
        for (const auto& entry : fs::directory_iterator(folder))
            fs::remove_all(entry.path());
    });
}

// Where the store has its own address for a node, that is where ssh finds it.
void save_members(const Context& context) {
    const std::string file = context.paths.local_conf();
    std::string text;
    for (const config::Node& node : config::nodes(config::parse(read_file(file).value_or(""), file))) {
        if (node.name == context.node || node.addresses.empty()) continue;
        std::string address = node.addresses.begin()->second;
        if (context.cluster() && context.cluster()->members.count(node.name) > 0) {
            const std::string& known = context.cluster()->members.at(node.name).address;
            if (!known.empty()) address = known;
        }
        text += fmt::format("{} {}\n", node.name, address);
    }
    write_file(context.paths.before_separate("members"), text, 0600);
}

void save_files(const Context& context) {
    const Paths& paths = context.paths;
    make_folder(paths.before_separate(), 0700);
    if (!exists(paths.local_conf())) return;  // it is saved, and removed
    say(fmt::format("saving what the cluster gave this node to '{}'", paths.before_separate()));
    doing("save the files of corosync",
          [&] { fs::copy(paths.corosync_folder(), paths.before_separate("corosync"), kOver); });
    if (!exists(paths.before_separate("members"))) save_members(context);
}

void stop_everything(const Context& context) {
    Services& services = context.services();
    if (services.running(kQdevice)) services.stop({kQdevice});
    services.stop({kCorosync, kStore});
}

// Only the store itself can take a file out of its database, and in a cluster it would do so for all.
void remove_cluster_conf(const Context& context) {
    Runner runner(context.paths);
    runner.stop({kStore});  // of an attempt that was interrupted here
    runner.start_store_alone();
    try {
        for (const char* const suffix : {"", ".new", ".bak"})
            remove_file(context.paths.cluster_conf() + suffix);
    } catch (const Error&) {
        runner.stop({kStore});
        throw;
    }
    runner.stop({kStore});
}

void check_alone(const Context& context) {
    if (!store_mounted(context.paths)) throw Error("the store is not mounted again");
    if (in_cluster(context) || StoreClient::cluster_info().in_cluster)
        throw Error("the store still takes this node for a member of the cluster");
    if (context.services().running(kCorosync))
        throw Error("corosync runs again: something else starts it on this node");
}

}  // namespace

bool is_saved(const Paths& paths) {
    return exists(kept_database(paths));
}

std::vector<Member> saved_members(const Paths& paths) {
    std::istringstream lines(read_file(paths.before_separate("members")).value_or(""));
    std::vector<Member> members;
    for (std::string line; std::getline(lines, line);) {
        const auto blank = std::min(line.find(' '), line.size());
        members.push_back({line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))});
    }
    return members;
}

void leave(const Context& context) {
    const Paths& paths = context.paths;
    save_files(context);
    say("stopping corosync and the store");
    stop_everything(context);
    if (!is_saved(paths)) copy_database(paths.database(), kept_database(paths));
    say("removing the cluster's configuration from the store of this node");
    remove_cluster_conf(context);
    say("removing the key and the state of corosync");
    empty_folder(paths.corosync_folder());
    empty_folder(paths.engine_state());
    remove_file(own_database(paths));
    say("starting the store of a single node");
    context.services().start({kStore});
    check_alone(context);
}

void come_back(const Context& context, const std::string& conf) {
    const Paths& paths = context.paths;
    say("stopping the store");
    stop_everything(context);
    if (is_saved(paths)) {
        if (exists(paths.database()) && !exists(own_database(paths)))
            copy_database(paths.database(), own_database(paths));
        for (const char* const part : {"-wal", "-shm"})
            remove_file(paths.database() + part);
        say("giving the store back what it had as a member");
        copy_database(kept_database(paths), paths.database());
    }
    doing("give corosync its files back",
          [&] { fs::copy(paths.before_separate("corosync"), paths.corosync_folder(), kOver); });
    write_file(paths.local_conf(), conf);
    say("starting corosync and the store");
    context.services().start({kCorosync, kStore});
}

void forget_others(const Context& context) {
    const Paths& paths = context.paths;
    const auto members = saved_members(paths);
    for (const Member& member : members) {
        const std::string folder = paths.node_folder(member.name);
        if (!exists(folder)) continue;
        say(fmt::format("removing '{}', a copy is in '{}'", folder, paths.before_separate("nodes")));
        doing("remove the folder of a node", [&] {
            make_folder(paths.before_separate("nodes"), 0700);
            fs::copy(folder, paths.before_separate("nodes/" + member.name), kOver);
            fs::remove_all(folder);
        });
    }
    say("removing the keys and host names of the others");
    std::vector<ssh::Host> hosts;
    hosts.reserve(members.size());
    for (const Member& member : members)
        hosts.push_back({member.name, {member.address}});
    ssh::forget(paths, hosts);
}

}  // namespace pvecm::separate
