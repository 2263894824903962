// Contents: opened, read and written.

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cfs/mount/handlers.hpp"

namespace cfs::mount {
namespace {

// Contents are never cached by the kernel: what another node wrote is read at once.
void no_cache(fuse_file_info& info) {
    info.direct_io = 1;
    info.keep_cache = 0;
}

std::string_view slice(std::string_view text, off_t offset, std::size_t size) {
    const auto from = static_cast<std::size_t>(offset);
    return from >= text.size() ? std::string_view() : text.substr(from, size);
}

}  // namespace

void Handlers::open(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
    if (info->flags & O_TRUNC) {
        truncate(node, 0, [this, request, node, copy = *info](std::int64_t result) {
            if (!failed(request, result)) open_now(request, node, copy);
        });
    } else {
        open_now(request, node, *info);
    }
}

void Handlers::open_now(fuse_req_t request, fuse_ino_t node, fuse_file_info info) {
    OpenFile file;
    if (const VirtualEntry* entry = virtual_of(node)) {
        file.entry = entry;
        if (entry->file) file.text = files_.text(*entry->file);
    } else if (!look(node, [](const Tree&, const Entry&) {}) && !known_files_.left_over(inode_of(node))) {
        fuse_reply_err(request, kGone);
        return;
    }
    info.fh = file_handles_.add(std::move(file));
    no_cache(info);
    if (fuse_reply_open(request, &info) != 0) file_handles_.take(info.fh);  // the kernel will never release it
}

void Handlers::create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t, fuse_file_info* info) {
    const auto path = new_path(request, parent, name);
    if (!path) return;
    files_.submit(Operation::create(*path), [this, request, path = *path, info = *info](std::int64_t result) {
        // Another node was quicker; only O_EXCL cares who made it.
        const auto there = [&] {
            bool found = false;
            files_.look([&](const Tree& tree) { found = tree.find(path) != nullptr; });
            return found;
        };
        if (result != -EEXIST || (info.flags & O_EXCL) || !there()) {
            reply_created(request, path, info, result);
        } else if (info.flags & O_TRUNC) {
            files_.submit(Operation::truncated(path, 0), [this, request, path, info](std::int64_t truncated) {
                reply_created(request, path, info, truncated);
            });
        } else {
            reply_created(request, path, info, 0);
        }
    });
}

void Handlers::reply_created(fuse_req_t request, const std::string& path, fuse_file_info info, std::int64_t result) {
    if (failed(request, result)) return;
    const auto entry = look_up(path);
    if (!entry || S_ISDIR(entry->attr.st_mode)) {
        fuse_reply_err(request, ENOENT);  // another node has removed it meanwhile
        return;
    }
    info.fh = file_handles_.add({});
    no_cache(info);
    if (fuse_reply_create(request, &*entry, &info) == 0) return;
    file_handles_.take(info.fh);
    known_files_.forget(inode_of(entry->ino), 1);
}

void Handlers::read(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info) {
    const auto opened = file_handles_.find(info->fh);
    if (opened && opened->entry) {
        const std::string_view part = slice(opened->text, offset, size);
        fuse_reply_buf(request, part.data(), part.size());
        return;
    }
    std::optional<Entry> file;
    if (!look(node, [&](const Tree&, const Entry& entry) { file = entry; }))
        file = known_files_.left_over(inode_of(node));
    if (!file) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    const auto bytes = cfs::read(*file, static_cast<std::uint64_t>(offset), size);
    fuse_reply_buf(request, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Handlers::write(fuse_req_t request, fuse_ino_t node, const char* bytes, std::size_t size, off_t offset,
                     fuse_file_info* info) {
    if (const VirtualEntry* entry = virtual_of(node)) {
        write_virtual(request, *entry, std::string_view(bytes, size), offset);
        return;
    }
    const auto answer = [request](std::int64_t result) {
        if (!failed(request, result)) fuse_reply_write(request, static_cast<std::size_t>(result));
    };
    std::optional<std::string> path;
    look(node, [&](const Tree& tree, const Entry& entry) {
        path = tree.entries().path(entry.inode);
        // The kernel need not have heard yet of what other nodes have appended.
        if (info->flags & O_APPEND) offset = static_cast<off_t>(entry.size);
    });
    auto operation = Operation::write(path.value_or(""), {bytes, bytes + size}, static_cast<std::uint64_t>(offset));
    if (path)
        files_.submit(std::move(operation), answer);
    else
        answer(write_left_over(node, operation));
}

// pmxcfs.md section 11.
void Handlers::write_virtual(fuse_req_t request, const VirtualEntry& entry, std::string_view text, off_t offset) {
    const bool understood = text.starts_with("0\n") || text.starts_with("1\n");
    if (entry.file != VirtualFile::debug || offset != 0 || !understood) {
        fuse_reply_err(request, EIO);
        return;
    }
    files_.set_debug(text.front() == '1');
    fuse_reply_write(request, 2);
}

void Handlers::fsync(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
    fuse_reply_err(request, 0);  // a write is answered when it is on disk
}

void Handlers::release(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
    file_handles_.take(info->fh);
    fuse_reply_err(request, 0);
}

}  // namespace cfs::mount
