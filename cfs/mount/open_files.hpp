#pragma once
// Files that processes of this node have open. Who deletes or replaces such a file, here or elsewhere, takes its name;
// its content stays with those who have it open, as POSIX has it, and no other node hears of it.
//
// Thread-safe.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "cfs/tree/tree.hpp"

namespace cfs::mount {

class OpenFiles {
public:
    void open(const Entry& file, std::string path);
    bool open_left_over(Inode inode);  // false if nobody has it open
    void close(Inode inode);

    // The file as it is now, for a last look before it loses its name; nothing happens if nobody has it open.
    void keep(const Entry& file);
    // What is left of a file that the tree no longer has; nothing if nobody has it open.
    std::optional<Entry> left_over(Inode inode) const;
    // Where it was when it was opened last: its mode depends on that. Empty if nobody has it open.
    std::string last_path(Inode inode) const;
    // Writes to, or cuts, a left-over file. A count or a negative errno.
    std::int64_t write(Inode inode, const Operation& operation, const Limits& limits);

private:
    struct File {
        std::size_t handles = 0;
        Entry entry;
        std::string path;
    };
    mutable std::mutex mutex_;
    std::unordered_map<Inode, File> files_;
};

}  // namespace cfs::mount
