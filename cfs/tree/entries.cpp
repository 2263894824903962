#include "cfs/tree/entries.hpp"

#include <utility>

#include "cfs/tree/paths.hpp"

namespace cfs {

Entries::Entries() {
    entries_.try_emplace(kRootInode);
}

const Entry* Entries::find(Inode inode) const {
    const auto found = entries_.find(inode);
    return found == entries_.end() ? nullptr : &found->second;
}

const Entry* Entries::find(std::string_view path) const {
    const Entry* entry = &root();
    if (names_root(path)) return entry;
    while (const auto name = next_component(path)) {
        entry = child(*entry, *name);
        if (!entry) return nullptr;
    }
    return entry;
}

const Entry* Entries::child(const Entry& directory, std::string_view name) const {
    const Names& inside = names(directory.inode);
    const auto found = inside.find(name);
    return found == inside.end() ? nullptr : find(found->second);
}

const Entries::Names& Entries::names(Inode directory) const {
    static const Names none;
    const auto found = names_.find(directory);
    return found == names_.end() ? none : found->second;
}

std::string Entries::path(Inode inode) const {
    std::string out;
    for (const Entry* entry = find(inode); entry && !entry->is_root(); entry = find(entry->parent)) {
        if (!out.empty()) out.insert(0, 1, '/');
        out.insert(0, entry->name);
    }
    return out;
}

void Entries::set_root(std::uint64_t version, std::uint32_t writer, std::uint32_t mtime) {
    Entry& entry = entries_.begin()->second;
    entry.version = version;
    entry.writer = writer;
    entry.mtime = mtime;
}

void Entries::put(Entry entry) {
    const auto earlier = entries_.find(entry.inode);
    if (earlier != entries_.end()) {
        total_size_ -= earlier->second.size;
        names_[earlier->second.parent].erase(earlier->second.name);
    }
    total_size_ += entry.size;
    names_[entry.parent].insert_or_assign(entry.name, entry.inode);
    const Inode inode = entry.inode;
    entries_.insert_or_assign(inode, std::move(entry));
}

void Entries::erase(Inode inode) {
    const auto found = entries_.find(inode);
    if (found == entries_.end()) return;
    total_size_ -= found->second.size;
    names_[found->second.parent].erase(found->second.name);
    names_.erase(inode);
    entries_.erase(found);
}

}  // namespace cfs
