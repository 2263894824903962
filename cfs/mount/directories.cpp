// Names: made, removed, moved and listed.

#include <cerrno>
#include <cstdint>
#include <utility>

#include "cfs/mount/handlers.hpp"

namespace cfs::mount {

void Handlers::mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t) {
    if (!S_ISREG(mode)) {
        fuse_reply_err(request, ENOSYS);
        return;
    }
    make(request, parent, name, &Operation::create);
}

void Handlers::mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t) {
    make(request, parent, name, &Operation::make_directory);
}

void Handlers::make(fuse_req_t request, fuse_ino_t parent, const char* name, Operation (*what)(std::string)) {
    const auto path = new_path(request, parent, name);
    if (!path) return;
    files_.submit(what(*path), [this, request, path = *path](std::int64_t result) {
        if (!failed(request, result)) reply_lookup(request, look_up(path));
    });
}

void Handlers::unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
    auto path = path_in(parent, name);
    if (!path || is_virtual(parent, name)) {
        fuse_reply_err(request, path ? EACCES : ENOENT);
        return;
    }
    change(request, Operation::remove(*path), *path);
}

void Handlers::rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
                      const char* new_name, unsigned flags) {
    auto from = path_in(parent, name), to = path_in(new_parent, new_name);
    if (!from || !to) {
        fuse_reply_err(request, ENOENT);
    } else if (is_virtual(parent, name) || is_virtual(new_parent, new_name)) {
        fuse_reply_err(request, EACCES);
    } else if (too_long(new_name)) {
        fuse_reply_err(request, ENAMETOOLONG);
    } else if (flags != 0) {
        // Neither an exchange nor "only if there is none" is an operation that all nodes know.
        fuse_reply_err(request, EINVAL);
    } else {
        change(request, Operation::rename(std::move(*from), *to), *to);
    }
}

std::optional<Handlers::OpenDirectory> Handlers::list(fuse_ino_t node) const {
    OpenDirectory list;
    list.names.push_back({".", node, S_IFDIR});
    list.names.push_back({"..", kRootNode, S_IFDIR});
    if (node == kRootNode) {
        for (const VirtualEntry& each : virtual_entries())
            list.names.push_back({std::string(each.name), node_id(each), each.file ? mode_t{S_IFREG} : S_IFLNK});
    }
    const bool found = look(node, [&](const Tree& tree, const Entry& directory) {
        list.names[1].node = node_id(directory.parent);
        for (const auto& [name, inode] : tree.entries().names(directory.inode)) {
            if (is_virtual(node, name)) continue;
            const Entry* entry = tree.entries().find(inode);
            list.names.push_back({name, node_id(inode), entry->is_directory() ? mode_t{S_IFDIR} : S_IFREG});
        }
    });
    return found ? std::optional(std::move(list)) : std::nullopt;
}

void Handlers::opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
    if (!look(node, [](const Tree&, const Entry&) {})) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    info->fh = directory_handles_.add({});
    // An error says that the kernel will never release it.
    if (fuse_reply_open(request, info) != 0) directory_handles_.take(info->fh);
}

void Handlers::readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info) {
    // From the start, for the first time or after rewinddir(): as it is now.
    if (offset == 0) directory_handles_.replace(info->fh, list(node).value_or(OpenDirectory{}));
    const auto list = directory_handles_.find(info->fh);
    if (!list) {
        fuse_reply_err(request, EBADF);
        return;
    }
    const auto& names = list->names;
    std::vector<char> out(size);
    std::size_t used = 0;
    for (auto at = static_cast<std::size_t>(offset); at < names.size(); ++at) {
        struct stat kind {};
        kind.st_ino = names[at].node;
        kind.st_mode = names[at].type;
        const std::size_t needed = fuse_add_direntry(request, out.data() + used, size - used, names[at].name.c_str(),
                                                     &kind, static_cast<off_t>(at + 1));
        if (needed > size - used) break;
        used += needed;
    }
    fuse_reply_buf(request, out.data(), used);
}

void Handlers::releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
    directory_handles_.take(info->fh);
    fuse_reply_err(request, 0);
}

}  // namespace cfs::mount
