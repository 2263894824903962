#pragma once
// Files that the kernel has looked up and not forgotten; it counts its lookups and gives them back. Who deletes or
// replaces such a file, here or elsewhere, takes its name; its content stays with those who have it open or are about
// to open it, as POSIX has it, and no other node hears of it.
//
// Thread-safe.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "cfs/tree/tree.hpp"

namespace cfs::mount {

class KnownFiles {
public:
    // One more lookup, to be called while the tree is kept from changing, so that the file can't get lost in between.
    void looked_up(const Entry& file, std::string path);
    void forget(Inode inode, std::uint64_t lookups);  // nothing happens for what is no file

    // The file as it is now, in case it loses its name; nothing happens if the kernel does not know it. As above, or by
    // who makes all changes.
    void keep(const Entry& file);
    // What is left of a file that the tree no longer has; nothing if the kernel does not know it.
    std::optional<Entry> left_over(Inode inode) const;
    // Where it was when it was looked up last: its mode depends on that. Empty if the kernel does not know it.
    std::string last_path(Inode inode) const;
    // Writes to, or cuts, a left-over file. A count or a negative errno.
    std::int64_t write(Inode inode, const Operation& operation, const Limits& limits);
    std::int64_t set_mtime(Inode inode, std::uint32_t mtime);

private:
    struct File {
        std::uint64_t lookups = 0;
        Entry entry;
        std::string path;
    };
    mutable std::mutex mutex_;
    std::unordered_map<Inode, File> files_;
};

}  // namespace cfs::mount
