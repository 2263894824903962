#pragma once
// Who this node is, as far as the system knows (pmxcfs.md 1.3, steps 3 to 5). The failures have pmxcfs's words.

#include <sys/types.h>

#include <string>

#include "cfs/tree/report.hpp"

namespace cfs::daemon {

struct Identity {
    std::string node;     // without its domain
    std::string address;  // as text, never one of the loopback interface
    gid_t group = 0;      // www-data's
};

Or<Identity> find_identity();

}  // namespace cfs::daemon
