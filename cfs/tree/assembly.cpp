#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cfs/tree/entries.hpp"
#include "cfs/tree/paths.hpp"

namespace cfs {

namespace {

Failure no_directory(const Entry& entry) {
    return {fmt::format("parent is not a directory (inode = {:016X}, parent = {:016X}, name = '{}')", entry.inode,
                        entry.parent, entry.name)};
}

// Directories that contain each other hang together and are yet not in the tree.
std::optional<Inode> unreachable(const Entries& entries) {
    std::unordered_set<Inode> reached{kRootInode};
    std::vector<Inode> open{kRootInode};
    while (!open.empty()) {
        const Inode directory = open.back();
        open.pop_back();
        for (const auto& [name, inode] : entries.names(directory)) {
            if (reached.insert(inode).second) open.push_back(inode);
        }
    }
    const auto outside =
        std::ranges::find_if(entries.all(), [&](const auto& item) { return !reached.contains(item.first); });
    return outside == entries.all().end() ? std::nullopt : std::optional<Inode>(outside->first);
}

}  // namespace

std::optional<Failure> Assembly::add(Entry entry) {
    if (entry.is_root()) {
        entries_.set_root(entry.version, entry.writer, entry.mtime);
        return std::nullopt;
    }
    // Names that no path reaches; a real tree has none.
    if (!allowed_name(entry.name) || entry.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
        return Failure{fmt::format("inode has a bad name (inode = {:016X})", entry.inode)};
    }
    const Entry* parent = entries_.find(entry.parent);
    if ((parent && !parent->is_directory()) || entry.parent == entry.inode) return no_directory(entry);
    if (entries_.find(entry.inode)) {
        return Failure{
            fmt::format("found strange placeholder for (inode = {:016X}, parent = {:016X}, name = '{}', type = '{}')",
                        entry.inode, entry.parent, entry.name, static_cast<int>(entry.kind))};
    }
    if (entries_.names(entry.parent).contains(entry.name)) {
        return Failure{fmt::format("found entry with duplicate name (inode = {:016X}, parent = {:016X}, name = '{}')",
                                   entry.inode, entry.parent, entry.name)};
    }
    const bool was_awaited = awaited_.erase(entry.inode) != 0;
    if (was_awaited && entry.is_file()) {
        return no_directory(*entries_.find(entries_.names(entry.inode).begin()->second));
    }
    if (!parent) awaited_.insert(entry.parent);
    entries_.put(std::move(entry));
    return std::nullopt;
}

Or<Entries> Assembly::finish() {
    if (!awaited_.empty()) {
        return Failure{fmt::format("missing directory inode (inode = {:016X})", *std::ranges::min_element(awaited_))};
    }
    if (const auto inode = unreachable(entries_)) {
        return Failure{fmt::format("inode is not below the root (inode = {:016X})", *inode)};
    }
    // The next new entry gets the next version as its inode.
    const Inode last = entries_.all().rbegin()->first;
    if (last > entries_.root().version) {
        return Failure{fmt::format("inode is newer than the version of the root (inode = {:016X}, version = {:016X})",
                                   last, entries_.root().version)};
    }
    return std::move(entries_);
}

}  // namespace cfs
