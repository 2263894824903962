#pragma once
// Signals that end the service of a mount (pmxcfs.md 1.3, step 13).

#include "cfs/mount/mount.hpp"

namespace cfs::daemon {

// From now on HUP, INT and TERM wait, in this thread and in those it starts.
void hold_signals();

// In the thread that serves the mount, and those it starts for that, these signals stop it; unless they were ignored
// before. PIPE is ignored. One at a time, after hold_signals(); the threads have to end before this does.
class StopOnSignal {
public:
    explicit StopOnSignal(mount::Mount& mount);
    ~StopOnSignal();  // what comes during the teardown does not cut it short
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
};

}  // namespace cfs::daemon
