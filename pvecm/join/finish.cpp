#include "pvecm/join/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <vector>

#include "cfs/store/backup.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/cluster_key.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/node_setup.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/quorum_wait.hpp"

namespace pvecm::join {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptBackups = 10;
constexpr mode_t kKeyMode = 0400;
constexpr std::chrono::seconds kPatience{15};

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

std::string kept_database(const Paths& paths) {
    return paths.database() + ".before-join";
}

void remove_old_backups(const Paths& paths) {
    std::vector<std::string> backups;
    for (const auto& entry : fs::directory_iterator(paths.backup_folder())) {
        const std::string name = entry.path().filename();
        if (name.starts_with("config-") && name.ends_with(".sql.gz")) backups.push_back(entry.path());
    }
    std::sort(backups.rbegin(), backups.rend());
    for (std::size_t i = kKeptBackups; i < backups.size(); ++i) {
        say(fmt::format("delete old backup '{}'", backups[i]));
        remove_file(backups[i]);
    }
}

// Reading it this way also leaves no write-ahead log behind.
void back_up_database(const Paths& paths) {
    if (!exists(paths.database())) return;
    make_folder(paths.backup_folder(), 0700);
    const auto now = std::time(nullptr);
    const std::string file = fmt::format("{}/config-{}.sql.gz", paths.backup_folder(), now);
    const std::string begun = paths.backup_folder() + "/.unfinished";
    say(fmt::format("backup old database to '{}'", file));
    remove_file(begun);
    try {
        run_into_file({"sqlite3", paths.database(), ".dump"}, {"gzip"}, begun, 0600);
        rename_file(begun, file);
    } catch (const Error& error) {
        const std::string copy = fmt::format("{}.{}.bak", paths.database(), now);
        fmt::print(stderr, "failed to create backup of pre-join config database - {}\nkeeping a copy in '{}'\n",
                   error.what(), copy);
        if (const auto failure = cfs::store::copy_database(paths.database(), copy)) throw Error(failure->text);
    }
    remove_old_backups(paths);
}

// Who has to wait for long is told why, if it can be seen.
bool await_quorum_and_say_why(const Context& context, std::optional<std::chrono::seconds> limit) {
    const auto first = std::min(kPatience, limit.value_or(kPatience));
    if (await_quorum(context.paths, first)) return true;
    if (limit && *limit <= first) return false;
    if (const auto refused = refused_packets(context)) fmt::print(stderr, "\n{}\n", *refused);
    return await_quorum(context.paths, limit ? std::optional(*limit - first) : std::nullopt);
}

void remove_log_of_database(const Paths& paths) {
    for (const char* const part : {"-wal", "-shm"})
        remove_file(paths.database() + part);
}

}  // namespace

bool database_replaced(const Paths& paths) {
    return exists(kept_database(paths));
}

void replace_store(const Context& context, const ClusterFiles& files) {
    const Paths& paths = context.paths;
    make_folder(paths.corosync_folder());
    write_file(paths.authkey(), files.authkey, kKeyMode);
    write_file(paths.local_conf(), files.conf);
    say("stopping pve-cluster service");
    context.services().stop({kCorosync, kStore});
    back_up_database(paths);
    if (exists(paths.database() + "-wal")) throw Error(fmt::format("'{}' is still in use", paths.database()));
    if (exists(paths.database())) rename_file(paths.database(), kept_database(paths));
}

void enter_cluster(Context& context, std::optional<std::chrono::seconds> limit) {
    const Paths& paths = context.paths;
    context.services().start({kCorosync, kStore});
    const bool waits = !quorate(paths);
    if (waits) fmt::print("waiting for quorum...");
    std::fflush(stdout);
    if (!await_quorum_and_say_why(context, limit)) {
        fmt::print("\n");
        const auto refused = refused_packets(context);
        if (refused) throw Error("no quorum in time - " + *refused);
        throw Error("no quorum in time - can this node reach the others on the cluster network?");
    }
    if (waits) say("OK");
    context.check_store();
    update_node_files(context, true, false);
    say("generated new node certificate, restart pveproxy and pvedaemon services");
    context.services().reload("pvedaemon");
    context.services().reload("pveproxy");
}

void renew_key(const Context& context, const std::string& key) {
    const Paths& paths = context.paths;
    if (read_file(paths.authkey()) == key) return;
    say("the cluster has another key than this node got, it is copied again");
    context.services().stop({kCorosync});
    write_file(paths.authkey(), key, kKeyMode);
}

void settle(const Context& context) {
    remove_file(kept_database(context.paths));
}

void undo(const Context& context) {
    const Paths& paths = context.paths;
    context.services().stop({kCorosync, kStore});
    if (database_replaced(paths)) {
        remove_log_of_database(paths);
        rename_file(kept_database(paths), paths.database());
    }
    remove_file(paths.local_conf());
    remove_file(paths.authkey());
    context.services().start({kStore});
}

}  // namespace pvecm::join
