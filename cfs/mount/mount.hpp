#pragma once
// The mount itself: a session with the kernel, served by a few threads until it is stopped or unmounted from outside.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "cfs/mount/file_system.hpp"

namespace cfs::mount {

class Mount {
public:
    struct Options {
        std::filesystem::path point;  // a directory that is there
        gid_t group = 0;              // www-data's
        unsigned threads = 4;
    };

    // Mounts; from now on processes that look there wait for serve(). Throws std::runtime_error with the reason.
    // `files` has to outlive this.
    Mount(FileSystem& files, const Options& options);
    ~Mount();  // unmounts
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

    // Answers requests. Returns after stop(), or when somebody has unmounted it; true for the latter.
    bool serve();
    // From any thread, also before serve().
    void stop();

    // What became of entries in the tree, whoever changed them: the kernel forgets the attributes that it remembers of
    // them. From the thread that makes all changes, or between them; never waits.
    void changed(const Change& change);

private:
    class Session;
    std::unique_ptr<Session> session_;
};

// Takes mounts away that daemons left behind which were killed; nothing happens if there is none. Throws
// std::runtime_error where another file system is mounted: it is somebody's, and ours would hide it.
void clear_mount_point(const std::filesystem::path& point);

// Also one that is busy. Throws std::runtime_error.
void force_unmount(const std::filesystem::path& point);

}  // namespace cfs::mount
