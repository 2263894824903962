#pragma once
// The program from the command line to its exit status (pmxcfs.md 1.2 to 1.4).

#include "cfs/daemon/options.hpp"
#include "cfs/daemon/paths.hpp"

namespace cfs::daemon {

inline constexpr int kExitOptions = 1;
inline constexpr int kExitFailure = 255;

// The exit status. With threads of its own, so it is called by main() only. In the parent of a daemon it does not
// return.
int run(const Options& options, const Paths& paths);

}  // namespace cfs::daemon
