#include "cfs/daemon/daemon.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "cfs/daemon/background.hpp"
#include "cfs/daemon/client_backend.hpp"
#include "cfs/daemon/client_service.hpp"
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

store::Opened open_database(const Paths& paths, const Settings& settings) {
    Events events;
    auto opened = store::Store::open({.path = paths.database, .settings = settings, .local_time = seconds()}, events);
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

std::unique_ptr<mount::Mount> make_mount(mount::FileSystem& files, const Paths& paths, gid_t group) {
    mount::clear_mount_point(paths.mount_point);
    if (::mkdir(paths.mount_point.c_str(), kMountPointMode) != 0 && errno != EEXIST)
        throw Fatal(fmt::format("unable to create directory '{}': {}", paths.mount_point, std::strerror(errno)));
    if (!std::filesystem::is_directory(paths.mount_point))
        throw Fatal(fmt::format("unable to mount on '{}': it is not a directory", paths.mount_point));
    return std::make_unique<mount::Mount>(files, mount::Mount::Options{.point = paths.mount_point, .group = group});
}

// The daemon that holds the lock: what it consists of, in the order of who needs whom.
class Daemon {
public:
    Daemon(const Options& options, const Paths& paths, const Identity& identity);

    // Shows the tree until somebody ends it; all changes are answered then, as answers go through the mount.
    void serve(Background& background);
    void close();

private:
    void start_cluster_log();
    void start_clients();
    [[noreturn]] void end_at_once();

    const Options options_;
    const Paths paths_;
    const Identity identity_;
    const std::uint64_t start_time_ = seconds();
    const Settings settings_;
    store::Opened opened_;
    SharedTree tree_;
    LocalDecider local_;
    SharedStatus status_;
    ConfigExport exporter_;
    std::optional<ClusterDecider> cluster_;
    std::optional<FilesShown> files_;
    std::optional<ClientBackend> client_backend_;
    std::optional<ClientService> clients_;
};

Daemon::Daemon(const Options& options, const Paths& paths, const Identity& identity)
    : options_(options),
      paths_(paths),
      identity_(identity),
      settings_(Settings::of(options.peers)),
      opened_(open_database(paths_, settings_)),
      tree_(std::move(opened_.tree), *opened_.store),
      local_(tree_, seconds),
      status_({identity.node, identity.address}, settings_),
      exporter_(paths_.corosync_conf) {
    if (opened_.created && !options_.local) import_cluster_file(paths_, local_);
    start_cluster_log();
    if (cluster_mode(tree_, options_.local)) cluster_.emplace(tree_, status_, exporter_);
    Decider& decider = cluster_ ? static_cast<Decider&>(*cluster_) : local_;
    files_.emplace(FilesShown::Node{identity_.node, start_time_}, tree_, status_, decider);
    client_backend_.emplace(*files_, status_, cluster_ ? &cluster_->status_sender() : nullptr);
    clients_.emplace(*client_backend_, ipc::ServerSettings{.era = options_.peers, .www_data = identity_.group});
}

// pmxcfs.md 1.3, step 8.
void Daemon::start_cluster_log() {
    const auto pid = static_cast<std::uint32_t>(::getpid());
    status_.with([pid](replica::Status& all) {
        all.log(nullptr, cluster::now(), {6, pid, "root", "cluster", "starting cluster log"});
    });
}

void Daemon::start_clients() {
    try {
        clients_->start();
    } catch (const std::system_error& error) {
        throw Fatal(
            fmt::format("unable to serve local programs: {} - another daemon has the socket 'pve2'?", error.what()));
    }
}

void Daemon::serve(Background& background) {
    auto mount = make_mount(*files_, paths_, identity_.group);
    const StopOnSignal stop(*mount);
    start_clients();  // while the one who starts us can read why not
    background.detach();
    if (options_.foreground)
        say(write_atomically(paths_.process_id, fmt::format("{}\n", ::getpid()), kProcessIdMode, ::getgid()));
    if (cluster_) cluster_->start([&mount](const Change& change) { mount->changed(change); });
    ::unlink(paths_.restart_flag.c_str());
    background.ready();
    mount->serve();
    say(raise_restart_flag(paths_.restart_flag, identity_.group));
    log(Severity::notice, Domain::main, "teardown filesystem");
    clients_->stop();
    if (cluster_ && !cluster_->stop()) end_at_once();
    tree_.wait_until_idle();
}

// Beside a thread that can't be ended, and may go on while things are taken apart.
void Daemon::end_at_once() {
    log(Severity::critical, Domain::main, "corosync does not answer, ending without leaving its groups");
    try {
        mount::force_unmount(paths_.mount_point);
    } catch (const std::exception& error) {
        log(Severity::critical, Domain::main, error.what());
    }
    close();
    log(Severity::notice, Domain::main, "exit proxmox configuration filesystem (0)");
    std::_Exit(0);
}

void Daemon::close() {
    if (const auto failure = opened_.store->close()) log(Severity::critical, Domain::database, failure->text);
    ::unlink(paths_.process_id.c_str());
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
        hold_signals();  // before there are threads
        Daemon daemon(options, paths, *identity);
        daemon.serve(background);
        daemon.close();
    } catch (const std::exception& error) {
        log(Severity::critical, Domain::main, error.what());
        status = -1;
    }
    log(Severity::notice, Domain::main, fmt::format("exit proxmox configuration filesystem ({})", status));
    return status == 0 ? 0 : kExitFailure;
}

}  // namespace cfs::daemon
