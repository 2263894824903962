#pragma once
// What is logged where: one set of targets per subsystem. Spec corosync-conf.md section 8.

#include <syslog.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/daemon/log_sink.hpp"

namespace engine::log {

using Level = engine::LogLevel;

enum class Subsystem : std::uint8_t {
    main,
    serv,
    cmap,
    cfg,
    cpg,
    quorum,
    voteq,
    pload,
    mon,
    wd,
    ykd,
    sync,
    apidef,
    totem,
    qb,
    stats,
    knet,
};
inline constexpr std::size_t kSubsystems = 17;
inline constexpr std::size_t kLevels = 9;

// Program name in log file lines, and the syslog ident: the one administrators' filters look for.
inline constexpr char kProgram[] = "corosync";

std::string_view name(Subsystem subsystem);  // "MAIN", "TOTEM", ...
std::string_view name(Level level);          // as printed: "notice", "error", ...
std::optional<Subsystem> subsystem_by_name(std::string_view tag);

// As configured, any case: alert crit debug emerg err error info notice warning.
std::optional<Level> priority_by_name(std::string_view text);
// "daemon", "local0", ... to LOG_DAEMON, LOG_LOCAL0, ...
std::optional<int> facility_by_name(std::string_view text);

enum class Timestamp : std::uint8_t { off, on, hires };
enum class Debug : std::uint8_t { off, on, trace };

struct SubsystemSettings {
    bool to_stderr = true;
    bool to_syslog = true;
    bool to_logfile = false;
    std::string logfile;
    Level logfile_priority = Level::info;  // also stderr's
    Level syslog_priority = Level::info;
    int syslog_facility = LOG_DAEMON;
    Debug debug = Debug::off;

    // The most verbose level a target takes; nullopt if the target is off.
    std::optional<Level> stderr_limit() const;
    std::optional<Level> syslog_limit() const;
    std::optional<Level> logfile_limit() const;
};

struct Settings {
    Timestamp timestamp = Timestamp::off;
    bool fileline = false;
    bool function_name = false;
    std::array<SubsystemSettings, kSubsystems> subsystems{};

    SubsystemSettings& of(Subsystem subsystem) { return subsystems[static_cast<std::size_t>(subsystem)]; }
    const SubsystemSettings& of(Subsystem subsystem) const { return subsystems[static_cast<std::size_t>(subsystem)]; }
};

}  // namespace engine::log
