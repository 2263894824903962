#pragma once
// The command line of pmxcfs (pmxcfs.md 1.1).

#include <string>
#include <vector>

namespace cfs::daemon {

struct Options {
    bool debug = false;
    bool foreground = false;
    bool local = false;
};

struct CommandLine {
    Options options;
    bool help = false;
    bool too_many = false;  // an argument that is no option
    std::string error;      // "Unknown option -n"
};

CommandLine parse_command_line(int argc, const char* const* argv);
std::string help_text();

}  // namespace cfs::daemon
