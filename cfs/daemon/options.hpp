#pragma once
// The command line of pmxcfs (pmxcfs.md 1.1), and which of its generations the other nodes run.

#include <string>
#include <vector>

#include "cfs/tree/limits.hpp"

namespace cfs::daemon {

struct Options {
    bool debug = false;
    bool foreground = false;
    bool local = false;
    Era peers = Era::p5;  // pmxcfs has the one it was built as
};

struct CommandLine {
    Options options;
    bool help = false;
    bool version = false;
    bool too_many = false;  // an argument that is no option
    std::string error;      // "Unknown option -n"
};

CommandLine parse_command_line(int argc, const char* const* argv);
std::string help_text();

}  // namespace cfs::daemon
