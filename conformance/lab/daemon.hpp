#pragma once
// The cluster engines a node of the laboratory can run.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/lab/process.hpp"

namespace lab {

enum class DaemonKind { totemd, corosync, corosync2 };

std::string to_string(DaemonKind kind);
DaemonKind parse_daemon_kind(const std::string& text);  // LabError that names the choices

// Where the program is: environment TOTEMD_BIN, COROSYNC_BIN, COROSYNC2_BIN; else totemd next to the running program or
// in PATH, corosync in PATH; a 2.x corosync is never guessed. Nothing if there is none.
std::optional<std::filesystem::path> find_daemon(DaemonKind kind);
// What a variable names; LabError if that is no program.
std::optional<std::filesystem::path> program_from_environment(const char* variable);
std::string how_to_get(DaemonKind kind);  // advice for when find_daemon has found none

// Foreground, with the configuration at its usual place. `real_time` only concerns 2.x, whose file cannot say it.
Arguments daemon_command(DaemonKind kind, const std::filesystem::path& program, bool real_time);

inline constexpr const char* configuration_path = "/etc/corosync/corosync.conf";

}  // namespace lab
