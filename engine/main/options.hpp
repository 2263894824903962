#pragma once
// The command line of totemd. Spec corosync-conf.md section 14.1.

#include <optional>
#include <string>

namespace engine::program {

struct Options {
    bool foreground = false;
    bool test = false;
    bool version = false;
    std::optional<std::string> config;
    std::string lock_file = "/var/run/corosync.pid";
    // The 2.x dialect's; they win over system.* in both dialects.
    std::optional<bool> realtime;         // -r, -p
    std::optional<std::string> priority;  // -P: nice value, "max" or "min"
    bool stay_in_cgroup = false;          // -R
};

struct CommandLine {
    Options options;
    std::string error;  // not empty: what is wrong; print it and usage(), exit 1
};

CommandLine parse_command_line(int argc, const char* const* argv);
std::string usage();
std::string version_text();

}  // namespace engine::program
