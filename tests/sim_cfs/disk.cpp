#include "tests/sim_cfs/disk.hpp"

#include <algorithm>
#include <iterator>

namespace totem::sim::store {

namespace {

// A size without content (the truncate quirk) has no place in a row.
cfs::Entry as_stored(cfs::Entry entry) {
    entry.size = static_cast<std::uint32_t>(entry.data().size());
    return entry;
}

}  // namespace

Disk::Disk(const cfs::Tree& tree) : rows_(tree.entries().all()) {}

std::uint64_t Disk::write(const cfs::Change& change) {
    waiting_.push_back(change);
    return ++written_;
}

void Disk::begin() {
    busy_ = true;
    group_.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
    waiting_.clear();
}

void Disk::finish() {
    for (const cfs::Change& change : group_)
        apply(change);
    synced_ += group_.size();
    group_.clear();
    busy_ = false;
}

void Disk::crash(bool group_survives) {
    if (busy_ && group_survives) finish();
    group_.clear();
    waiting_.clear();
    busy_ = false;
    written_ = synced_;
}

void Disk::apply(const cfs::Change& change) {
    for (const cfs::Inode inode : change.remove)
        rows_.erase(inode);
    for (const cfs::Row& row : change.put) {
        cfs::Entry entry = row.entry;
        // Of a row whose content did not change the blob stays.
        if (!row.content_changed) entry.content = rows_[entry.inode].content;
        rows_[entry.inode] = std::move(entry);
    }
    if (!change.root_changed) return;
    cfs::Entry& root = rows_[cfs::kRootInode];
    root.version = change.version;
    root.writer = change.writer;
    root.mtime = change.mtime;
}

cfs::Or<cfs::Tree> Disk::load(std::uint64_t local_time) const {
    cfs::Assembly assembly;
    for (const auto& [inode, entry] : rows_)
        if (auto failure = assembly.add(as_stored(entry))) return *failure;
    auto entries = assembly.finish();
    if (!entries) return cfs::Failure{entries.text()};
    return cfs::Tree::of({}, std::move(*entries), local_time);
}

bool Disk::holds(std::string_view name) const {
    return std::ranges::any_of(
        rows_, [name](const auto& row) { return row.second.parent == cfs::kRootInode && row.second.name == name; });
}

bool Disk::equals(const cfs::Tree& tree) const {
    return std::ranges::equal(rows_, tree.entries().all(), [](const auto& row, const auto& entry) {
        return row.first == entry.first && as_stored(row.second) == as_stored(entry.second);
    });
}

}  // namespace totem::sim::store
