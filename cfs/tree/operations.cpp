// What each operation does, in the order of checks of pmxcfs.md 5.3.

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "cfs/tree/paths.hpp"
#include "cfs/tree/tree.hpp"

namespace cfs {

namespace {

Outcome refused(int error) {
    Outcome outcome;
    outcome.result = -error;
    return outcome;
}

// Puts the operation's data into the file; false when its bytes stay what they were.
bool overwrite(Entry& file, const Operation& operation) {
    const std::uint64_t end = operation.offset + operation.data.size();
    if (operation.data.empty() && file.size == 0) {
        // The truncate quirk: a size without data.
        file.size = static_cast<std::uint32_t>(end);
        return false;
    }
    const std::uint64_t size = operation.truncate ? end : std::max<std::uint64_t>(end, file.size);
    if (operation.data.empty() && size == file.size) return false;
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(size);
    const Bytes earlier = file.data();
    std::ranges::copy(earlier.first(std::min<std::uint64_t>(earlier.size(), size)), bytes->begin());
    std::ranges::copy(operation.data, bytes->begin() + static_cast<std::ptrdiff_t>(operation.offset));
    file.size = static_cast<std::uint32_t>(size);
    file.content = size == 0 ? nullptr : std::move(bytes);
    return true;
}

// Locks are remembered by this path however it was spelled.
std::string lock_key(std::string_view path) {
    return std::string(kLockDirectory) + '/' + std::string(split_path(path).name);
}

}  // namespace

// Where a modifying operation works.
struct Tree::Place {
    const Entry* directory = nullptr;
    std::string_view name;
    const Entry* entry = nullptr;  // what has that name, if anything
    int error = 0;
};

Tree::Place Tree::place(std::string_view path) const {
    const SplitPath split = split_path(path);
    Place place;
    place.directory = find(split.directory);
    place.name = split.name;
    if (!place.directory) {
        place.error = ENOENT;
    } else if (!place.directory->is_directory()) {
        place.error = ENOTDIR;
    } else if (!allowed_name(place.name)) {
        place.error = EACCES;
    } else {
        place.entry = entries_.child(*place.directory, place.name);
    }
    return place;
}

Outcome Tree::apply(const Operation& operation, const Stamp& stamp) {
    // A version that can't grow any more would give an inode twice.
    if (failed_ || version() == std::numeric_limits<std::uint64_t>::max()) return refused(EIO);
    switch (operation.type) {
        case Operation::Type::write:
        case Operation::Type::create:
            return write(operation, stamp);
        case Operation::Type::make_directory:
            return make_directory(operation, stamp);
        case Operation::Type::remove:
            return remove(operation, stamp);
        case Operation::Type::rename:
            return rename(operation, stamp);
        case Operation::Type::set_mtime:
            return set_mtime(operation, stamp);
        case Operation::Type::unlock:
            return unlock(operation, stamp);
    }
    return refused(EINVAL);
}

void Tree::advance_root(const Stamp& stamp, std::uint32_t mtime, Change& change) {
    entries_.set_root(version() + 1, stamp.writer, mtime);
    change.version = version();
    change.writer = stamp.writer;
    change.mtime = mtime;
    change.root_changed = true;
}

Entry& Tree::put(Entry entry, bool content_changed, const Stamp& stamp, std::uint32_t mtime, Change& change) {
    advance_root(stamp, mtime, change);
    entry.version = version();
    entry.writer = stamp.writer;
    entry.mtime = mtime;
    if (entry.is_root()) entry.inode = version();  // a new one
    entries_.put(entry);
    change.put.push_back({std::move(entry), content_changed});
    return change.put.back().entry;
}

Outcome Tree::write(const Operation& operation, const Stamp& stamp) {
    const std::uint32_t limit = settings_.limits.file_size;
    if (operation.offset > limit || operation.data.size() > limit - operation.offset) return refused(EFBIG);
    const Place where = place(operation.path);
    if (where.error != 0) return refused(where.error);
    const auto guest = guest_path(operation.path);
    if (guest && guests_.taken_by_another(*guest)) return refused(EEXIST);
    const bool create = operation.type == Operation::Type::create;
    if (where.entry && where.entry->is_directory()) return refused(ENOTDIR);
    if (create && where.entry) return refused(EEXIST);
    if (!create && !where.entry) return refused(ENOENT);

    Entry file;
    if (where.entry) {
        file = *where.entry;
    } else {
        file.parent = where.directory->inode;
        file.kind = Kind::file;
        file.name = where.name;
    }
    const bool content_changed = !create && overwrite(file, operation);
    Outcome outcome;
    put(std::move(file), content_changed || create, stamp, stamp.time, outcome.change);
    if (guest) guests_.set(*guest);
    tracked_.count(operation.path);
    outcome.result = static_cast<std::int64_t>(operation.data.size());
    return outcome;
}

Outcome Tree::make_directory(const Operation& operation, const Stamp& stamp) {
    const Place where = place(operation.path);
    if (where.error != 0) return refused(where.error);
    if (where.entry) return refused(EEXIST);
    Entry directory;
    directory.parent = where.directory->inode;
    directory.name = where.name;
    Outcome outcome;
    const Entry& made = put(std::move(directory), true, stamp, stamp.time, outcome.change);
    if (is_in_lock_directory(operation.path)) {
        locks_.set(lock_key(operation.path), entry_checksum(made), stamp.local_time);
    }
    return outcome;
}

Outcome Tree::set_mtime(const Operation& operation, const Stamp& stamp) {
    const Place where = place(operation.path);
    if (where.error != 0) return refused(where.error);
    if (!where.entry) return refused(ENOENT);
    const bool lock = where.entry->is_directory() && is_in_lock_directory(operation.path);
    // Only who made a lock may prolong it, and nobody may make it older.
    if (lock && (operation.mtime < where.entry->mtime || stamp.writer != where.entry->writer)) return refused(EACCES);
    Outcome outcome;
    const Entry& changed = put(*where.entry, false, stamp, operation.mtime, outcome.change);
    if (lock) locks_.set(lock_key(operation.path), entry_checksum(changed), stamp.local_time);
    tracked_.count(operation.path);
    return outcome;
}

// False for a directory that is not empty.
bool Tree::erase_entry(const Entry& entry, std::string_view path, const Stamp& stamp, Change& change) {
    if (!entries_.names(entry.inode).empty()) return false;
    if (entry.is_directory()) locks_.remove(is_in_lock_directory(path) ? lock_key(path) : std::string(path));
    // Of a directory that is called like a guest's file, too (pmxcfs.md 17, 6).
    if (const auto guest = guest_path(path)) guests_.remove(guest->id);
    change.remove.push_back(entry.inode);
    entries_.erase(entry.inode);
    advance_root(stamp, stamp.time, change);
    return true;
}

Outcome Tree::remove(const Operation& operation, const Stamp& stamp) {
    const Entry* entry = find(operation.path);
    if (!entry) return refused(ENOENT);
    if (entry->is_root()) return refused(EACCES);
    Outcome outcome;
    if (!erase_entry(*entry, operation.path, stamp, outcome.change)) return refused(ENOTEMPTY);
    tracked_.count(operation.path);
    return outcome;
}

Outcome Tree::unlock(const Operation& operation, const Stamp& stamp) {
    if (lock_checksum(operation.path) != operation.checksum) return refused(ENOENT);
    Outcome outcome;
    if (!erase_entry(*find(operation.path), operation.path, stamp, outcome.change)) return refused(ENOTEMPTY);
    return outcome;
}

// A guest may move between nodes and kinds, but not onto the id of another one.
bool Tree::guest_forbids_rename(const Entry& from, const Operation& operation) const {
    const auto target = guest_path(operation.to);
    if (!from.is_file() || !target || !guests_.taken_by_another(*target)) return false;
    const auto source = guest_path(operation.path);
    return !source || source->id != target->id;
}

void Tree::follow_rename(const Entry& moved, const Operation& operation) {
    tracked_.count(operation.path);
    tracked_.count(operation.to);
    if (!moved.is_file()) return;
    if (const auto source = guest_path(operation.path)) guests_.remove(source->id);
    if (const auto target = guest_path(operation.to)) guests_.set(*target);
}

Outcome Tree::rename(const Operation& operation, const Stamp& stamp) {
    const Entry* from = find(operation.path);
    if (!from) return refused(ENOENT);
    if (from->is_root()) return refused(EACCES);
    const Entry* target = find(operation.to);
    if (target == from) return {};  // never sent; upstream would free the entry twice
    if (guest_forbids_rename(*from, operation)) return refused(EEXIST);
    if (is_lock(*from, operation.path)) return refused(EACCES);
    if (target && (target->is_root() || !entries_.names(target->inode).empty())) return refused(ENOTEMPTY);

    const bool source_is_full = !entries_.names(from->inode).empty();
    Outcome outcome;
    if (target && source_is_full) {
        // The rename quirk: upstream has dropped the target by now, without a new version. So do we, with its row.
        outcome = refused(ENOTEMPTY);
        outcome.change.remove.push_back(target->inode);
        entries_.erase(target->inode);
        return outcome;
    }
    const Place where = place(operation.to);
    if (where.error != 0) return refused(where.error);
    if (source_is_full) return refused(ENOTEMPTY);
    if (where.directory == from) return refused(EINVAL);  // into itself: no kernel asks for that
    Entry moved = *from;
    moved.parent = where.directory->inode;
    moved.name = where.name;
    if (target) {
        outcome.change.remove.push_back(target->inode);
        entries_.erase(target->inode);
    }
    const Entry& done = put(std::move(moved), false, stamp, stamp.time, outcome.change);
    follow_rename(done, operation);
    return outcome;
}

}  // namespace cfs
