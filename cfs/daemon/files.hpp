#pragma once
// The files beside the database (pmxcfs.md 1.3, 1.4, section 2). Failures have pmxcfs's words where it has any.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "cfs/daemon/paths.hpp"
#include "cfs/tree/report.hpp"
#include "engine/base/file_descriptor.hpp"

namespace cfs::daemon {

// The directories, if they are missing; that for what runs belongs to the group.
std::optional<Failure> make_folders(const Paths& paths, gid_t group);

// One daemon per database: held until the object goes.
class InstanceLock {
public:
    // Opens the file. Waits for a daemon that is about to end, up to ten seconds, and logs that.
    std::optional<Failure> take(const std::string& path);

private:
    std::optional<engine::FileDescriptor> file_;
};

// Complete and on disk under its name, or the old content stays.
std::optional<Failure> write_atomically(const std::string& path, std::string_view text, mode_t mode, gid_t group);

// Tells clients that the daemon comes back.
std::optional<Failure> raise_restart_flag(const std::string& path, gid_t group);

// Nothing if there is no such file, or it can't be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace cfs::daemon
