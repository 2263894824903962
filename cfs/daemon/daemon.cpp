#include "cfs/daemon/daemon.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <future>
#include <memory>
#include <stdexcept>

#include "cfs/daemon/background.hpp"
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

// Step 11. Returns only for local mode.
void choose_mode(const SharedTree& tree, bool local) {
    bool cluster = false;
    tree.look([&](const Tree& all) {
        const Entry* const file = all.find(kClusterFile);
        cluster = file && file->is_file();
    });
    if (!cluster) return log(Severity::debug, Domain::main, "using local mode (there is no corosync.conf)");
    if (!local)
        throw Fatal(
            "cluster mode needs the replication between nodes, which this version of cfsd does not have yet; "
            "start it with -l for local mode");
    log(Severity::notice, Domain::main, "forcing local mode (although corosync.conf exists)");
}

std::unique_ptr<mount::Mount> make_mount(mount::FileSystem& files, const Paths& paths, gid_t group) {
    mount::remove_stale_mount(paths.mount_point);
    if (::mkdir(paths.mount_point.c_str(), kMountPointMode) != 0 && errno != EEXIST)
        throw Fatal(fmt::format("unable to create directory '{}': {}", paths.mount_point, std::strerror(errno)));
    return std::make_unique<mount::Mount>(files, mount::Mount::Options{.point = paths.mount_point, .group = group});
}

// Shows the tree until somebody ends it; all changes are answered then.
void serve(FilesShown& files, SharedTree& tree, const Paths& paths, gid_t group, Background& background,
           bool foreground) {
    auto mount = make_mount(files, paths, group);
    const StopOnSignal stop(*mount);
    background.detach();
    if (foreground)
        say(write_atomically(paths.process_id, fmt::format("{}\n", ::getpid()), kProcessIdMode, ::getgid()));
    ::unlink(paths.restart_flag.c_str());
    background.ready();
    mount->serve();
    say(raise_restart_flag(paths.restart_flag, group));
    log(Severity::notice, Domain::main, "teardown filesystem");
    tree.wait_until_idle();  // answers go through the mount
}

// Everything that holds the lock.
void run_locked(const Options& options, const Paths& paths, const Identity& identity, Background& background) {
    const std::uint64_t start_time = seconds();
    hold_signals();  // before there are threads
    auto opened = open_database(paths);
    SharedTree tree(std::move(opened.tree), *opened.store);
    LocalDecider decider(tree, seconds);
    if (opened.created && !options.local) import_cluster_file(paths, decider);
    choose_mode(tree, options.local);
    FilesShown files({identity.node, identity.address, start_time}, tree, decider);
    serve(files, tree, paths, identity.group, background, options.foreground);
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
