#include "cfs/tree/adopt.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cfs {

namespace {

// What the database needs to go from one tree to the other.
Change difference(const Entries& before, const Entries& after) {
    Change change;
    change.version = after.root().version;
    change.writer = after.root().writer;
    change.mtime = after.root().mtime;
    change.root_changed = true;
    change.from_sync = true;
    for (const auto& [inode, entry] : before.all()) {
        if (!after.find(inode)) change.remove.push_back(inode);
    }
    for (const auto& [inode, entry] : after.all()) {
        const Entry* earlier = before.find(inode);
        if (entry.is_root() || (earlier && *earlier == entry)) continue;
        const bool same_content = earlier && std::ranges::equal(earlier->data(), entry.data());
        change.put.push_back({entry, !same_content});
    }
    return change;
}

}  // namespace

Or<Adopted> adopt(const Tree& own, const Index& leader, std::vector<Entry> received, std::uint64_t local_time) {
    std::map<Inode, Entry> wanted;
    for (const Index::Item& item : leader.items) {
        if (const Entry* entry = own.entries().find(item.inode)) wanted.emplace(item.inode, *entry);
    }
    for (Entry& entry : received) {
        const Inode inode = entry.inode;
        wanted.insert_or_assign(inode, std::move(entry));
    }
    Assembly assembly;
    for (auto& [inode, entry] : wanted) {
        if (auto failure = assembly.add(std::move(entry))) return *failure;
    }
    Or<Entries> entries = assembly.finish();
    if (!entries) return Failure{entries.text()};
    Or<Tree> tree = own.replaced_by(std::move(*entries), local_time);
    if (!tree) return Failure{tree.text()};
    if (tree->index() != leader) return Failure{"new index does not match master index - internal error"};
    Change change = difference(own.entries(), tree->entries());
    return Adopted{std::move(*tree), std::move(change)};
}

}  // namespace cfs
