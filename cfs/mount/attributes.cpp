// Lookup, attributes and their changes.

#include <cerrno>
#include <ctime>
#include <utility>

#include "cfs/mount/handlers.hpp"
#include "cfs/tree/modes.hpp"

namespace cfs::mount {
namespace {

// Changes by other nodes are told to the kernel; this bounds what it shows of quorum in the modes.
constexpr double kValid = 1.0;  // seconds
constexpr blksize_t kBlockSize = 4096;

}  // namespace

struct stat Handlers::stat_of(const Entry& entry, std::string_view path, bool quorate, Era era) const {
    const Attributes from = attributes(entry, path, quorate, era);
    struct stat out {};
    out.st_ino = node_id(entry.inode);
    out.st_mode = from.mode;
    out.st_nlink = from.links;
    out.st_gid = group_;
    out.st_size = static_cast<off_t>(from.size);
    out.st_blocks = static_cast<blkcnt_t>(from.blocks);
    out.st_blksize = kBlockSize;
    out.st_atim.tv_sec = out.st_mtim.tv_sec = out.st_ctim.tv_sec = from.mtime;
    return out;
}

struct stat Handlers::stat_of(const VirtualEntry& entry) const {
    struct stat out {};
    out.st_ino = node_id(entry);
    out.st_nlink = 1;
    out.st_gid = group_;
    out.st_blksize = kBlockSize;
    if (entry.file) {
        out.st_mode = S_IFREG | (*entry.file == VirtualFile::debug ? kDebugFilePermissions : kVirtualFilePermissions);
        out.st_size = static_cast<off_t>(files_.text(*entry.file).size());
    } else {
        out.st_mode = S_IFLNK | permissions(NodeType::link, entry.name, files_.quorate(), Era::p9);
        out.st_size = static_cast<off_t>(link_target(entry, files_.node_name()).size());
    }
    return out;
}

bool Handlers::stat_of(fuse_ino_t node, struct stat& out) const {
    if (const VirtualEntry* entry = virtual_of(node)) {
        out = stat_of(*entry);
        return true;
    }
    const bool quorate = files_.quorate();
    const bool found = look(node, [&](const Tree& tree, const Entry& entry) {
        out = stat_of(entry, tree.entries().path(entry.inode), quorate, tree.settings().era);
    });
    if (found || node >= kFirstVirtual) return found;
    const auto left = known_files_.left_over(inode_of(node));
    if (!left) return false;
    out = stat_of(*left, known_files_.last_path(left->inode), quorate, Era::p9);
    out.st_nlink = 0;
    return true;
}

fuse_entry_param Handlers::entry_param(const struct stat& attributes) {
    fuse_entry_param out{};
    out.attr = attributes;
    out.ino = attributes.st_ino;
    out.attr_timeout = kValid;
    out.entry_timeout = 0;  // names are asked for each time: see Mount::Session::changed()
    return out;
}

fuse_entry_param Handlers::looked_up(const Entry& entry, std::string_view path, bool quorate, Era era) {
    if (entry.is_file()) known_files_.looked_up(entry, std::string(path));
    return entry_param(stat_of(entry, path, quorate, era));
}

std::optional<fuse_entry_param> Handlers::look_up(const std::string& path) {
    std::optional<fuse_entry_param> out;
    const bool quorate = files_.quorate();
    files_.look([&](const Tree& tree) {
        if (const Entry* entry = tree.find(path)) out = looked_up(*entry, path, quorate, tree.settings().era);
    });
    return out;
}

void Handlers::reply_lookup(fuse_req_t request, const std::optional<fuse_entry_param>& entry) {
    if (!entry)
        fuse_reply_err(request, ENOENT);  // also where another node was quicker to remove it
    else if (fuse_reply_entry(request, &*entry) != 0)
        known_files_.forget(inode_of(entry->ino), 1);
}

void Handlers::reply_attributes(fuse_req_t request, fuse_ino_t node) const {
    struct stat out {};
    if (stat_of(node, out))
        fuse_reply_attr(request, &out, kValid);
    else
        fuse_reply_err(request, kGone);
}

void Handlers::lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    std::optional<fuse_entry_param> out;
    if (is_virtual(parent, name)) {
        out = entry_param(stat_of(*virtual_entry(name)));
    } else {
        const bool quorate = files_.quorate();
        look(parent, [&](const Tree& tree, const Entry& directory) {
            if (const Entry* entry = tree.entries().child(directory, name))
                out = looked_up(*entry, tree.entries().path(entry->inode), quorate, tree.settings().era);
        });
    }
    reply_lookup(request, out);
}

void Handlers::forget(fuse_req_t request, fuse_ino_t node, std::uint64_t lookups) {
    known_files_.forget(inode_of(node), lookups);
    fuse_reply_none(request);
}

void Handlers::getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info*) {
    reply_attributes(request, node);
}

void Handlers::truncate(fuse_ino_t node, std::uint64_t size, Then then) {
    if (const VirtualEntry* entry = virtual_of(node)) return then(entry->file == VirtualFile::debug ? 0 : -EIO);
    std::optional<std::string> path;
    look(node, [&](const Tree& tree, const Entry& file) { path = tree.entries().path(file.inode); });
    if (path)
        files_.submit(Operation::truncated(std::move(*path), size), std::move(then));
    else
        then(write_left_over(node, Operation::truncated("", size)));
}

void Handlers::setattr(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int what, fuse_file_info*) {
    std::string path;
    struct stat now {};
    if (!stat_of(node, now)) {
        fuse_reply_err(request, kGone);
        return;
    }
    const bool named =
        look(node, [&](const Tree& tree, const Entry& entry) { path = tree.entries().path(entry.inode); });
    if (!named) path = known_files_.last_path(inode_of(node));
    if (const VirtualEntry* entry = virtual_of(node)) path = entry->name;
    int error = 0;
    if (what & FUSE_SET_ATTR_MODE) error = check_chmod(path, wanted->st_mode);
    if (error == 0 && (what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)))
        error = check_chown(what & FUSE_SET_ATTR_UID ? wanted->st_uid : static_cast<uid_t>(-1),
                            what & FUSE_SET_ATTR_GID ? wanted->st_gid : static_cast<gid_t>(-1), group_);
    if (error != 0) {
        fuse_reply_err(request, -error);
        return;
    }
    const auto answer = [this, request, node](std::int64_t result) {
        if (!failed(request, result)) reply_attributes(request, node);
    };
    // A truncation comes with a new time, which it sets anyway.
    if (what & FUSE_SET_ATTR_SIZE) return truncate(node, static_cast<std::uint64_t>(wanted->st_size), answer);
    if (!(what & FUSE_SET_ATTR_MTIME)) return answer(0);
    if (virtual_of(node)) return answer(-EACCES);
    const std::time_t time = what & FUSE_SET_ATTR_MTIME_NOW ? std::time(nullptr) : wanted->st_mtim.tv_sec;
    if (!named) return answer(known_files_.set_mtime(inode_of(node), static_cast<std::uint32_t>(time)));
    files_.submit(Operation::set_mtime(path, static_cast<std::uint32_t>(time)), answer);
}

void Handlers::readlink(fuse_req_t request, fuse_ino_t node) {
    const VirtualEntry* entry = virtual_of(node);
    if (entry && !entry->file)
        fuse_reply_readlink(request, link_target(*entry, files_.node_name()).c_str());
    else
        fuse_reply_err(request, EINVAL);
}

void Handlers::statfs(fuse_req_t request, fuse_ino_t) {
    Statfs from;
    files_.look([&](const Tree& tree) { from = tree.statfs(); });
    struct statvfs out {};
    out.f_bsize = out.f_frsize = from.block_size;
    out.f_blocks = from.blocks;
    out.f_bfree = out.f_bavail = from.free_blocks;
    out.f_files = from.files;
    out.f_ffree = out.f_favail = from.free_files;
    out.f_namemax = from.name_length;
    fuse_reply_statfs(request, &out);
}

}  // namespace cfs::mount
