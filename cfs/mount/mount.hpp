#pragma once
// The mount itself: a session with the kernel, served by a few threads until it is stopped or unmounted from outside.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

    // What another node changed: the kernel forgets what it remembers of it. From any thread, never waits. Of what is
    // gone the inode is kRootInode.
    struct Changed {
        Inode parent = kRootInode;
        std::string name;
        Inode inode = kRootInode;
    };
    void changed(std::vector<Changed> changes);

private:
    class Session;
    std::unique_ptr<Session> session_;
};

// Takes a mount away that a daemon left behind which was killed; nothing happens if there is none.
void remove_stale_mount(const std::filesystem::path& point);

}  // namespace cfs::mount
