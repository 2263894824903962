#include "engine/main/startup.hpp"

#include <fmt/format.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/build.hpp"
#include "engine/config/logging.hpp"
#include "engine/config/publish.hpp"
#include "engine/config/quorum.hpp"
#include "engine/config/reader.hpp"
#include "engine/daemon/daemon.hpp"
#include "engine/daemon/dialect_listener.hpp"
#include "engine/log/log.hpp"
#include "engine/main/process.hpp"

namespace engine::program {
namespace {

using log::Level;
using log::Subsystem;
using totem::Dialect;
using Warnings = std::vector<std::string>;

constexpr char kDefaultConfig[] = "/etc/corosync/corosync.conf";

// Log targets are not configured yet: to stderr as it is, and to syslog.
int refuse_early(const config::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    syslog(LOG_DAEMON | LOG_ERR, "%s", error.what());
    return error.exit_code();
}

int finish(int code, engine::log::source_location where = engine::log::source_location::current()) {
    if (code == exit_code::kNormal) {
        log::write(Level::notice, Subsystem::main, "Corosync Cluster Engine exiting normally");
    } else {
        const char* slash = std::strrchr(where.file_name(), '/');
        log::write(Level::error, Subsystem::main, "Corosync Cluster Engine exiting with status {} at {}:{}.", code,
                   slash == nullptr ? where.file_name() : slash + 1, where.line());
    }
    log::stop_thread();
    return code;
}

int refuse(const std::exception& error, int code,
           engine::log::source_location where = engine::log::source_location::current()) {
    log::write(Level::error, Subsystem::main, "{}", error.what());
    return finish(code, where);
}

void log_warnings(Warnings& warnings) {
    for (const std::string& warning : warnings)
        log::write(Level::warning, Subsystem::main, "{}", warning);
    warnings.clear();
}

// -c; else COROSYNC_MAIN_CONFIG_FILE, which 2.4 obeys and 3.1 does not, if its file is of dialect 2.x; else
// the default (section 1).
config::File find_config(const Options& options, Warnings& warnings) {
    if (options.config) return config::open_file(*options.config);
    const char* variable = std::getenv("COROSYNC_MAIN_CONFIG_FILE");
    if (variable != nullptr && *variable != '\0') {
        config::File file = config::open_file(variable);
        if (file.dialect == Dialect::v2) return file;
        warnings.emplace_back("COROSYNC_MAIN_CONFIG_FILE is ignored: the file it names is not of dialect 2.x.");
    }
    return config::open_file(kDefaultConfig);
}

void enter_state_directory(const std::string& directory, Dialect dialect) {
    if (chdir(directory.c_str()) == 0) return;
    const int error = errno;
    std::string text;
    if (dialect == Dialect::v3) {
        text = fmt::format("Cannot chdir to state directory {}. {}", directory, std::strerror(error));
    } else if (error == ENOENT) {
        text = fmt::format("Required directory not present {}.  Please create it.", directory);
    } else {
        text = fmt::format("Cannot chdir to run directory {}.  Please make sure it has correct context and rights.",
                           directory);
    }
    throw config::Error(text, config::kExitStateDirectory);
}

Scheduling scheduling(const Options& options, const config::ClusterConfig& config) {
    Scheduling result;
    result.realtime = options.realtime.value_or(config.sched_rr);
    result.priority = options.priority.value_or(config.priority);
    // 2.4 moves first and asks afterwards.
    result.root_cgroup = config.dialect == Dialect::v2 ? "yes" : config.move_to_root_cgroup;
    if (options.stay_in_cgroup) result.root_cgroup = "no";
    return result;
}

void log_start(Dialect dialect) {
    if (dialect == Dialect::v3) {
        log::write(Level::notice, Subsystem::main, "Corosync Cluster Engine totemd {} starting up", TOTEMD_VERSION);
    } else {
        log::write(Level::notice, Subsystem::main,
                   "Corosync Cluster Engine ('totemd {}'): started and ready to provide service.", TOTEMD_VERSION);
    }
}

void check_quorum(const config::ClusterConfig& config) {
    const auto violation = config::quorum_violation(config);
    if (!violation) return;
    log::write(Level::error, Subsystem::quorum, "Quorum provider: {} failed to initialize.", config.quorum.provider);
    throw Fatal(fmt::format("Service engine 'corosync_quorum' failed to load for reason '{}'", *violation),
                exit_code::kServices);
}

// Steps 9 to 14: from here on the process is the daemon.
std::optional<std::string> configure_logging(const cmap::Map& map, Dialect dialect) {
    try {
        Warnings warnings;
        const log::Settings settings = config::logging_settings(map, dialect, warnings);
        log_warnings(warnings);
        return log::configure(settings);
    } catch (const config::Error& error) {
        return error.what();
    }
}

bool reopen_logs() {
    const auto error = log::reopen();
    if (error) log::write(Level::error, Subsystem::main, "{}", *error);
    return !error;
}

// A configuration and all that was made of it.
struct Loaded {
    config::DialectChoice choice;
    config::ClusterConfig config;
    std::string path;
    std::shared_ptr<cmap::Map> map = std::make_shared<cmap::Map>();
};

// Half of what systemd waits for a sign of life, so that one may be late; 0 if it does not wait.
std::chrono::microseconds watchdog_interval() {
    std::uint64_t limit = 0;
    return std::chrono::microseconds(sd_watchdog_enabled(0, &limit) > 0 ? limit / 2 : 0);
}

int serve(const Options& options, Loaded loaded) {
    lock_memory(loaded.config.dialect);
    log::start_thread();
    const LockFile lock(options.lock_file);
    check_quorum(loaded.config);
    const Dialect dialect = loaded.config.dialect;
    Daemon daemon({.config = std::move(loaded.config),
                   .log = log::sink(),
                   .ready = [] { sd_notify(0, "READY=1"); },
                   .stopping = [] { sd_notify(0, "STOPPING=1"); },
                   .alive = [] { sd_notify(0, "WATCHDOG=1"); },
                   .alive_interval = watchdog_interval(),
                   .config_path = loaded.path,
                   .configure_logging = [dialect](const cmap::Map& now) { return configure_logging(now, dialect); },
                   .reopen_logs = reopen_logs,
                   .version = TOTEMD_VERSION,
                   .map = std::move(loaded.map)});
    return daemon.run();
}

int start(const Options& options, Loaded loaded) {
    try {
        set_scheduling(scheduling(options, loaded.config));
        if (!options.foreground) detach();
        return finish(serve(options, std::move(loaded)));
    } catch (const Fatal& error) {
        return refuse(error, error.exit_code());
    } catch (const std::exception& error) {
        // Detached, only the log can tell.
        return refuse(error, exit_code::kKilled);
    }
}

// From the file to a validated configuration; `dialect`: to be read in that one, whatever the file leaves open. The
// exit code if it can't be.
std::optional<int> load(const Options& options, std::optional<Dialect> dialect_heard, Loaded& out) {
    cmap::Map& map = *out.map;
    Warnings warnings;
    Dialect dialect = Dialect::v3;
    try {
        config::File file = find_config(options, warnings);
        if (dialect_heard) file.dialect = *dialect_heard;
        out.choice = file.choice;
        dialect = file.dialect;
        out.path = std::filesystem::absolute(file.path);  // the state directory becomes the working directory
        config::make_read_only(map, dialect);
        config::read_config(file, map, warnings);
        config::read_uidgid_directory(config::uidgid_directory(file), dialect, map, warnings);
        const log::Settings logging = config::logging_settings(map, dialect, warnings);
        if (const auto error = log::configure(logging)) throw config::logging_error(*error);
    } catch (const config::Error& error) {
        return refuse_early(error);
    }

    if (!options.test && !dialect_heard) log_start(dialect);
    if (!out.choice.because.empty()) {
        const bool v2 = dialect == Dialect::v2;
        log::write(v2 ? Level::notice : Level::debug, Subsystem::main, "{} means dialect {}", out.choice.because,
                   v2 ? "2.x" : "3.x");
    }
    log_warnings(warnings);
    try {
        enter_state_directory(config::state_directory(map, dialect), dialect);
        out.config = config::build(map, dialect, config::SystemHost(), warnings);
        log_warnings(warnings);
    } catch (const config::Error& error) {
        log_warnings(warnings);
        return refuse(error, error.exit_code());
    }
    return std::nullopt;
}

// What the other nodes speak, or what the file was read as if they are silent. An idle ring sends a merge detect every
// `merge` milliseconds; one that has just lost its token says nothing until it notices.
Dialect listen(const config::ClusterConfig& config) {
    const totem::Duration limit = totem::srp::ms(config.parameters.token + 5 * config.parameters.merge);
    log::write(Level::notice, Subsystem::totem, "Listening for {} ms to learn the dialect of the other nodes",
               limit / totem::srp::ms(1));
    const auto heard = hear_dialect(config, limit);
    const Dialect dialect = heard ? heard->dialect : config.dialect;
    log::write(Level::notice, Subsystem::totem, "Dialect {}: {}", dialect == Dialect::v2 ? "2.x" : "3.x",
               heard ? heard->from.text() + " speaks it" : "nobody is heard");
    return dialect;
}

}  // namespace

int run(Options options) {
    std::signal(SIGPIPE, SIG_IGN);
    // The state directory becomes the working directory.
    options.lock_file = std::filesystem::absolute(options.lock_file);
    Loaded loaded;
    if (const auto code = load(options, std::nullopt, loaded)) return *code;
    if (options.test) return finish(exit_code::kNormal);
    if (loaded.choice.open) {
        const Dialect heard = listen(loaded.config);
        if (heard != loaded.config.dialect) {
            options.config = std::exchange(loaded, {}).path;
            if (const auto code = load(options, heard, loaded)) return *code;
        }
    }
    return start(options, std::move(loaded));
}

}  // namespace engine::program
