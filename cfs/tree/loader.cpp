#include "cfs/tree/loader.hpp"

#include <fmt/format.h>

#include <utility>

namespace cfs {

Or<Entry> entry_of(RawRow row) {
    const auto type = static_cast<std::uint8_t>(row.type);
    if (row.name.empty()) return Failure{fmt::format("inode has no name (inode = {:016X})", row.inode)};
    const bool is_file = type == static_cast<std::uint8_t>(Kind::file);
    if (!is_file && type != static_cast<std::uint8_t>(Kind::directory)) {
        return Failure{fmt::format("inode has unknown type (inode = {:016X}, type = {})", row.inode, type)};
    }
    if (!is_file && row.content) {
        return Failure{fmt::format("directory inode contains data (inode = {:016X})", row.inode)};
    }
    Entry entry;
    entry.inode = row.inode;
    entry.version = row.version;
    entry.writer = static_cast<std::uint32_t>(row.writer);
    entry.mtime = static_cast<std::uint32_t>(row.mtime);
    if (entry.is_root()) {
        if (row.name == kVersionRowName) return entry;
        return Failure{fmt::format("root inode has unexpected name '{}'", row.name)};
    }
    entry.parent = row.parent;
    entry.kind = is_file ? Kind::file : Kind::directory;
    entry.name = std::move(row.name);
    entry.content = std::move(row.content);
    entry.size = static_cast<std::uint32_t>(entry.data().size());
    return entry;
}

std::optional<Failure> Loader::add(RawRow row) {
    Or<Entry> entry = entry_of(std::move(row));
    if (!entry) return Failure{entry.text()};
    empty_ = false;
    if (entry->is_root()) {
        has_root_ = true;
        version_ = entry->version;
    }
    return assembly_.add(std::move(*entry));
}

Or<Loaded> Loader::finish(std::uint64_t local_time) {
    const bool fresh = version_ == 0;
    if (fresh && !empty_ && !has_root_) return Failure{"the row with the version of the root is missing"};
    // In memory the root of a fresh database keeps the mtime 0 (pmxcfs.md 3.3): it is what peers see and digest.
    if (fresh) {
        Entry root;
        root.version = 1;
        if (auto failure = assembly_.add(std::move(root))) return *failure;
    }
    Or<Entries> entries = assembly_.finish();
    if (!entries) return Failure{entries.text()};
    Or<Tree> tree = Tree::of(settings_, std::move(*entries), local_time);
    if (!tree) return Failure{tree.text()};
    Loaded loaded{std::move(*tree), {}};
    if (fresh) {
        loaded.first.root_changed = true;
        loaded.first.version = 1;
        loaded.first.mtime = static_cast<std::uint32_t>(local_time);
    }
    return loaded;
}

}  // namespace cfs
