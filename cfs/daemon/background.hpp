#pragma once
// Becoming a daemon (pmxcfs.md 1.3, step 14): who started it waits until the file system can be used.
//
// pmxcfs forks when it has mounted. Here threads work by then, the database's for one, and threads do not survive a
// fork; so the child does the whole start, and what the parent sees of it is the same.

#include <sys/stat.h>

#include "cfs/daemon/paths.hpp"

namespace cfs::daemon {

inline constexpr mode_t kProcessIdMode = 0644;

class Background {
public:
    // While the process has one thread. Returns in the child; the parent waits there, writes the process id file and
    // exits: 0 for a child that is ready, else with the status of the child that ended. Throws std::runtime_error.
    void split(const Paths& paths);

    void detach() const;  // from terminal and session; the log goes to syslog only
    void ready();         // the parent may go

private:
    int parent_ = -1;
};

}  // namespace cfs::daemon
