#pragma once
// The entries and who is in which directory; knows no rule but the shape of a tree.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "cfs/tree/entry.hpp"
#include "cfs/tree/report.hpp"

namespace cfs {

class Entries {
public:
    using Names = std::map<std::string, Inode, std::less<>>;

    Entries();  // a root of version 0 and nothing else

    const Entry& root() const { return entries_.begin()->second; }
    const std::map<Inode, Entry>& all() const { return entries_; }  // the root first
    std::uint64_t total_size() const { return total_size_; }        // of all files

    // Pointers are good until the entry is put or erased. Null for what is not there.
    const Entry* find(Inode inode) const;
    const Entry* find(std::string_view path) const;
    const Entry* child(const Entry& directory, std::string_view name) const;
    const Names& names(Inode directory) const;  // none for files and unknown inodes
    std::string path(Inode inode) const;        // of an entry that is there; "" for the root

    void set_root(std::uint64_t version, std::uint32_t writer, std::uint32_t mtime);
    void put(Entry entry);  // new, or in place of the one with its inode; never the root
    void erase(Inode inode);

private:
    std::map<Inode, Entry> entries_;
    std::unordered_map<Inode, Names> names_;
    std::uint64_t total_size_ = 0;
};

// Puts entries that come in any order together, with the checks and texts of pmxcfs.md 3.3.
class Assembly {
public:
    std::optional<Failure> add(Entry entry);
    Or<Entries> finish();

private:
    Entries entries_;
    std::unordered_set<Inode> awaited_;  // parents that have not come yet
};

}  // namespace cfs
