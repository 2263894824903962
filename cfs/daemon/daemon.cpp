#include "cfs/daemon/daemon.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>

#include "cfs/daemon/background.hpp"
#include "cfs/daemon/cluster_decider.hpp"
#include "cfs/daemon/files.hpp"
#include "cfs/daemon/files_shown.hpp"
#include "cfs/daemon/identity.hpp"
#include "cfs/daemon/local_decider.hpp"
#include "cfs/daemon/log.hpp"
#include "cfs/daemon/signals.hpp"
#include "cfs/mount/mount.hpp"

namespace cfs::daemon {
namespace {

constexpr mode_t kUmask = 027;
constexpr mode_t kMountPointMode = 0755;
constexpr mode_t kProcessIdMode = 0644;
constexpr const char* kClusterFile = "corosync.conf";

// What keeps the daemon from starting.
class Fatal : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

void require(const std::optional<Failure>& failure) {
    if (failure) throw Fatal(failure->text);
}

void say(const std::optional<Failure>& failure) {
    if (failure) log(Severity::critical, Domain::main, failure->text);
}

std::uint64_t seconds() {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

store::Opened open_database(const Paths& paths) {
    Events events;
    auto opened = store::Store::open({.path = paths.database, .settings = {}, .local_time = seconds()}, events);
    log(events, Domain::database);
    if (!opened) throw Fatal(fmt::format("memdb_open failed - unable to open database '{}'", paths.database));
    return std::move(*opened);
}

// Like any other change: one create and one write, both on disk when this returns (pmxcfs.md 1.3, step 10).
void import_cluster_file(const Paths& paths, LocalDecider& decider) {
    const auto text = read_file(paths.corosync_conf);
    if (!text) return;
    for (Operation& operation :
         std::vector{Operation::create(kClusterFile), Operation::write(kClusterFile, {text->begin(), text->end()})}) {
        const auto result = std::make_shared<std::promise<std::int64_t>>();
        decider.submit(std::move(operation), [result](std::int64_t value) { result->set_value(value); });
        const std::int64_t value = result->get_future().get();
        if (value < 0)
            throw Fatal(
                fmt::format("unable to import '{}': {}", paths.corosync_conf, std::strerror(static_cast<int>(-value))));
    }
}

// Step 11. It stays so while the daemon runs.
bool cluster_mode(const SharedTree& tree, bool local) {
    bool configured = false;
    tree.look([&](const Tree& all) {
        const Entry* const file = all.find(kClusterFile);
        configured = file && file->is_file();
    });
    if (!configured)
        log(Severity::debug, Domain::main, "using local mode (there is no corosync.conf)");
    else if (local)
        log(Severity::notice, Domain::main, "forcing local mode (although corosync.conf exists)");
    return configured && !local;
}

// Of whom the kernel may remember attributes that are not true any more.
std::vector<Inode> changed_inodes(const Change& change) {
    std::vector<Inode> out;
    for (const Row& row : change.put)
        out.push_back(row.entry.inode);
    return out;
}

std::unique_ptr<mount::Mount> make_mount(mount::FileSystem& files, const Paths& paths, gid_t group) {
    mount::clear_mount_point(paths.mount_point);
    if (::mkdir(paths.mount_point.c_str(), kMountPointMode) != 0 && errno != EEXIST)
        throw Fatal(fmt::format("unable to create directory '{}': {}", paths.mount_point, std::strerror(errno)));
    if (!std::filesystem::is_directory(paths.mount_point))
        throw Fatal(fmt::format("unable to mount on '{}': it is not a directory", paths.mount_point));
    return std::make_unique<mount::Mount>(files, mount::Mount::Options{.point = paths.mount_point, .group = group});
}

// Shows the tree until somebody ends it; all changes are answered then, as answers go through the mount.
void serve(FilesShown& files, SharedTree& tree, ClusterDecider* cluster, const Paths& paths, gid_t group,
           Background& background, bool foreground) {
    auto mount = make_mount(files, paths, group);
    const StopOnSignal stop(*mount);
    background.detach();
    if (foreground)
        say(write_atomically(paths.process_id, fmt::format("{}\n", ::getpid()), kProcessIdMode, ::getgid()));
    if (cluster) cluster->start([&mount](const Change& change) { mount->changed(changed_inodes(change)); });
    ::unlink(paths.restart_flag.c_str());
    background.ready();
    mount->serve();
    say(raise_restart_flag(paths.restart_flag, group));
    log(Severity::notice, Domain::main, "teardown filesystem");
    if (cluster) cluster->stop();
    tree.wait_until_idle();
}

// pmxcfs.md 1.3, step 8.
void start_cluster_log(SharedStatus& status) {
    const auto pid = static_cast<std::uint32_t>(::getpid());
    status.with([pid](replica::Status& all) {
        all.log(nullptr, cluster::now(), {6, pid, "root", "cluster", "starting cluster log"});
    });
}

// Everything that holds the lock.
void run_locked(const Options& options, const Paths& paths, const Identity& identity, Background& background) {
    const std::uint64_t start_time = seconds();
    hold_signals();  // before there are threads
    auto opened = open_database(paths);
    SharedTree tree(std::move(opened.tree), *opened.store);
    LocalDecider local(tree, seconds);
    if (opened.created && !options.local) import_cluster_file(paths, local);
    SharedStatus status({identity.node, identity.address});
    start_cluster_log(status);
    ConfigExport exporter(paths.corosync_conf);
    std::optional<ClusterDecider> cluster;
    if (cluster_mode(tree, options.local)) cluster.emplace(tree, status, exporter);
    Decider& decider = cluster ? static_cast<Decider&>(*cluster) : local;
    FilesShown files({identity.node, start_time}, tree, status, decider);
    serve(files, tree, cluster ? &*cluster : nullptr, paths, identity.group, background, options.foreground);
    if (const auto failure = opened.store->close()) log(Severity::critical, Domain::database, failure->text);
    ::unlink(paths.process_id.c_str());
}

}  // namespace

int run(const Options& options, const Paths& paths) {
    set_debug(options.debug);
    const auto identity = find_identity();
    if (!identity) {
        log(Severity::critical, Domain::main, identity.text());
        return kExitFailure;
    }
    int status = 0;
    try {
        Background background;
        if (!options.foreground) background.split(paths);
        ::umask(kUmask);
        require(make_folders(paths, identity->group));
        InstanceLock lock;
        require(lock.take(paths.lock));
        run_locked(options, paths, *identity, background);
    } catch (const std::exception& error) {
        log(Severity::critical, Domain::main, error.what());
        status = -1;
    }
    log(Severity::notice, Domain::main, fmt::format("exit proxmox configuration filesystem ({})", status));
    return status == 0 ? 0 : kExitFailure;
}

}  // namespace cfs::daemon
