#pragma once
// One node of a cluster as a process: event loop, transport, protocol stack, services, client IPC.
//
//   engine::DaemonSetup setup{.config = ..., .log = sink};
//   engine::Daemon daemon(std::move(setup));
//   return daemon.run();
//
// Construct it after detaching (it opens descriptors) and with the state directory in place. It owns
// SIGTERM, SIGINT, SIGQUIT and SIGUSR2 while run() runs (spec corosync-conf.md section 14.5) and
// ignores SIGPIPE. Thread rule: everything on the thread that calls run(), except
// request_shutdown(), which any thread may call (not a signal handler).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/daemon/log_sink.hpp"

namespace engine {

// Exit codes of the process, spec corosync-conf.md section 14.2.
namespace exit_code {
inline constexpr int kNormal = 0;
inline constexpr int kTotem = 15;        // sockets, interface, ports
inline constexpr int kServices = 20;     // a service could not be started
inline constexpr int kStoreRingId = 21;  // ring id cannot be read or stored
inline constexpr int kKilled = 255;      // killed by another node
}  // namespace exit_code

struct DaemonSetup {
    config::ClusterConfig config;
    LogSink& log;  // must outlive the daemon
    // First synchronisation completed: clients are served from now on (sd_notify READY=1).
    std::function<void()> ready = {};
    // Orderly shutdown begins (sd_notify STOPPING=1).
    std::function<void()> stopping = {};
    // Called every `alive_interval` as long as events are handled (sd_notify WATCHDOG=1); never if it is 0.
    std::function<void()> alive = {};
    std::chrono::microseconds alive_interval{0};
    // The file to read again when a node asks everybody to (corosync-cfgtool -R); a reload fails without.
    std::string config_path = {};
    // Sets logging up as the map says now, and opens log files anew; without them nothing is done. The first
    // gives the reason if it fails, the second tells whether it worked.
    std::function<std::optional<std::string>(const cmap::Map&)> configure_logging = {};
    std::function<bool()> reopen_logs = {};
    // Of the program, for metrics.
    std::string version = {};
    // The configuration map clients see; what the file says is in it already.
    std::shared_ptr<cmap::Map> map = std::make_shared<cmap::Map>();
    // Serve clients over libqb IPC. Without it the daemon is a bare ring member (tests).
    bool serve_clients = true;
};

class Daemon {
public:
    explicit Daemon(DaemonSetup setup);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // Runs until shut down; returns the process's exit code. Start-up errors are logged and returned
    // as a code, nothing is thrown. The very last line ("Corosync Cluster Engine exiting normally") is
    // left to the caller, who has the lock file to remove before. Call once.
    int run();

    // Orderly shutdown: services unload, the node leaves the ring, run() returns `code`. `reason` is
    // logged as a notice of MAIN if not empty.
    void request_shutdown(std::string reason, int code = exit_code::kNormal);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine
