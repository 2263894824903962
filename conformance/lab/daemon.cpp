#include "conformance/lab/daemon.hpp"

#include <unistd.h>
#include <cstdlib>
#include <sstream>

namespace lab {

namespace {

bool is_program(const std::filesystem::path& path) {
    std::error_code none;
    return std::filesystem::is_regular_file(path, none) && ::access(path.c_str(), X_OK) == 0;
}

std::optional<std::filesystem::path> find_in_path(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(std::string(path ? path : "") + ":/usr/local/sbin:/usr/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && is_program(std::filesystem::path(folder) / name)) {
            return std::filesystem::path(folder) / name;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::filesystem::path> program_from_environment(const char* variable) {
    const char* value = std::getenv(variable);
    if (!value || !*value) return std::nullopt;
    const auto path = std::filesystem::absolute(value);
    if (!is_program(path)) {
        throw LabError(std::string(variable) + " is " + value + ", which is not a program that can be run");
    }
    return path;
}

std::string to_string(DaemonKind kind) {
    switch (kind) {
        case DaemonKind::totemd:
            return "totemd";
        case DaemonKind::corosync:
            return "corosync";
        case DaemonKind::corosync2:
            return "corosync2";
    }
    return "?";
}

DaemonKind parse_daemon_kind(const std::string& text) {
    for (const auto kind : {DaemonKind::totemd, DaemonKind::corosync, DaemonKind::corosync2}) {
        if (to_string(kind) == text) return kind;
    }
    throw LabError("unknown daemon '" + text + "': it is totemd, corosync (3.x) or corosync2 (2.x)");
}

std::optional<std::filesystem::path> find_daemon(DaemonKind kind) {
    switch (kind) {
        case DaemonKind::totemd: {
            if (auto path = program_from_environment("TOTEMD_BIN")) return path;
            const auto beside = beside_us("totemd");
            if (is_program(beside)) return beside;
            return find_in_path("totemd");
        }
        case DaemonKind::corosync: {
            if (auto path = program_from_environment("COROSYNC_BIN")) return path;
            return find_in_path("corosync");
        }
        case DaemonKind::corosync2:
            return program_from_environment("COROSYNC2_BIN");
    }
    return std::nullopt;
}

std::string how_to_get(DaemonKind kind) {
    switch (kind) {
        case DaemonKind::totemd:
            return "build the target totemd or set TOTEMD_BIN to the program";
        case DaemonKind::corosync:
            return "install the package corosync (3.x) or set COROSYNC_BIN to the program";
        case DaemonKind::corosync2:
            return "set COROSYNC2_BIN to a corosync 2.x program";
    }
    return {};
}

Arguments daemon_command(DaemonKind kind, const std::filesystem::path& program, bool real_time) {
    Arguments command = {program, "-f"};
    // 2.x has no option for the file, 3.x none for the priority; ours takes both.
    if (kind != DaemonKind::corosync2) command.insert(command.end(), {"-c", configuration_path});
    if (kind != DaemonKind::corosync && !real_time) command.emplace_back("-p");
    return command;
}

}  // namespace lab
