#pragma once
// From the command line to a running daemon, in the order of spec corosync-conf.md section 14.3.

#include "engine/main/options.hpp"

namespace engine::program {

// Returns the process's exit code (section 14.2); everything has been said to log or stderr.
int run(Options options);

}  // namespace engine::program
