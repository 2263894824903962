#include "cfs/tree/tree.hpp"

#include <fmt/format.h>

#include <utility>

#include "cfs/tree/paths.hpp"

namespace cfs {

namespace {

constexpr std::uint32_t kReportedNameLength = 256;

// pmxcfs.md 6.3: false when an id comes twice; then `why` says so.
bool list_guests(const Entries& entries, Guests& guests, std::string& why) {
    const Entry* nodes = entries.find("nodes");
    if (!nodes) return true;
    guests.start_anew();
    for (const auto& [node, node_inode] : entries.names(nodes->inode)) {
        if (!is_node_name(node)) continue;
        for (const auto& [folder, folder_inode] : entries.names(node_inode)) {
            const auto kind = guest_folder(folder);
            if (!kind) continue;
            // Upstream does not start with a file here; one such file would end a cluster. It holds no guests.
            for (const auto& [file, inode] : entries.names(folder_inode)) {
                const auto id = guest_file_id(file);
                if (!id || !entries.find(inode)->is_file() || guests.add({*id, *kind, node})) continue;
                why = fmt::format("detected duplicate VMID {}", *id);
                return false;
            }
        }
    }
    return true;
}

LockTable list_locks(const Entries& entries, const LockTable& earlier, std::uint64_t local_time) {
    LockTable locks;
    const Entry* directory = entries.find(kLockDirectory);
    if (!directory) return locks;
    for (const auto& [name, inode] : entries.names(directory->inode)) {
        const Entry& entry = *entries.find(inode);
        if (!entry.is_directory()) continue;
        locks.take_over(earlier, fmt::format("{}/{}", kLockDirectory, name), entry_checksum(entry), local_time);
    }
    return locks;
}

std::uint64_t left(std::uint64_t all, std::uint64_t used) {
    return used < all ? all - used : 0;
}

}  // namespace

Tree::Tree(const Settings& settings) : Tree(settings, Entries()) {
    entries_.set_root(1, 0, 0);
}

Tree::Tree(const Settings& settings, Entries entries)
    : settings_(settings), entries_(std::move(entries)), tracked_(settings.era) {}

Or<Tree> Tree::of(const Settings& settings, Entries entries, std::uint64_t local_time) {
    return Tree(settings, Entries()).replaced_by(std::move(entries), local_time);
}

Or<Tree> Tree::replaced_by(Entries entries, std::uint64_t local_time) const {
    Tree tree(settings_, std::move(entries));
    tree.failed_ = failed_;
    tree.guests_ = guests_;
    std::string why;
    if (!list_guests(tree.entries_, tree.guests_, why)) return Failure{why};
    tree.locks_ = list_locks(tree.entries_, locks_, local_time);
    tree.tracked_ = tracked_;
    tree.tracked_.count_all();
    return tree;
}

Statfs Tree::statfs() const {
    const Limits& limits = settings_.limits;
    Statfs out;
    out.block_size = limits.block_size;
    out.blocks = limits.total_size / limits.block_size;
    out.free_blocks = left(out.blocks, (entries_.total_size() + limits.block_size - 1) / limits.block_size);
    out.files = limits.inodes;
    out.free_files = left(out.files, entries_.all().size());
    out.name_length = kReportedNameLength;
    return out;
}

Index Tree::index() const {
    Index index;
    index.version = root().version;
    index.last_inode = entries_.all().rbegin()->first;
    index.writer = root().writer;
    index.mtime = root().mtime;
    index.items.reserve(entries_.all().size());
    Sha256 hash;
    for (const auto& [inode, entry] : entries_.all()) {
        hash.add_entry(entry);
        index.items.push_back({inode, hash.finish()});
    }
    return index;
}

Digest Tree::database_checksum() const {
    Sha256 hash;
    for (const auto& [inode, entry] : entries_.all())
        hash.add_entry_with_inode(entry);
    return hash.finish();
}

// --- locks ---------------------------------------------------------------------------------------

bool Tree::is_lock(const Entry& entry, std::string_view path) const {
    return entry.is_directory() && is_lock_path(path);
}

std::optional<Digest> Tree::lock_checksum(std::string_view path) const {
    const Entry* entry = find(path);
    if (!entry || !is_lock(*entry, path)) return std::nullopt;
    return entry_checksum(*entry);
}

bool Tree::lock_expired(std::string_view path, const Digest& checksum, std::uint64_t local_time, Events& events) {
    return lock_checksum(path) == checksum && locks_.expired(path, checksum, local_time, events);
}

Operation Tree::localized(Operation operation, std::uint64_t local_time, Events& events) {
    if (operation.type != Operation::Type::set_mtime || operation.mtime != 0) return operation;
    const auto checksum = lock_checksum(operation.path);
    if (!checksum || !lock_expired(operation.path, *checksum, local_time, events)) return operation;
    return Operation::remove(std::move(operation.path));
}

}  // namespace cfs
