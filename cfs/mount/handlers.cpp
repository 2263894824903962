#include "cfs/mount/handlers.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <optional>
#include <utility>

#include "cfs/tree/modes.hpp"

namespace cfs::mount {
namespace {

// C's callback for a member: finds the object, and lets no exception out.
template <auto Method>
struct Callback;
template <typename... Arguments, void (Handlers::*Method)(fuse_req_t, Arguments...)>
struct Callback<Method> {
    static void call(fuse_req_t request, Arguments... arguments) {
        try {
            (static_cast<Handlers*>(fuse_req_userdata(request))->*Method)(request, arguments...);
        } catch (const std::bad_alloc&) {
            fuse_reply_err(request, ENOMEM);
        } catch (const std::exception&) {
            fuse_reply_err(request, EIO);
        }
    }
};

}  // namespace

const fuse_lowlevel_ops& Handlers::operations() {
    // What is missing is answered with ENOSYS: links, special files, extended attributes (pmxcfs.md section 9).
    static const fuse_lowlevel_ops kOperations = [] {
        fuse_lowlevel_ops out{};
        out.init = [](void* self, fuse_conn_info* connection) { static_cast<Handlers*>(self)->init(*connection); };
        out.lookup = Callback<&Handlers::lookup>::call;
        out.forget = Callback<&Handlers::forget>::call;
        out.getattr = Callback<&Handlers::getattr>::call;
        out.setattr = Callback<&Handlers::setattr>::call;
        out.readlink = Callback<&Handlers::readlink>::call;
        out.statfs = Callback<&Handlers::statfs>::call;
        out.mknod = Callback<&Handlers::mknod>::call;
        out.mkdir = Callback<&Handlers::mkdir>::call;
        out.unlink = Callback<&Handlers::unlink>::call;
        out.rmdir = Callback<&Handlers::unlink>::call;  // the kernel knows which of them it may ask for
        out.rename = Callback<&Handlers::rename>::call;
        out.opendir = Callback<&Handlers::opendir>::call;
        out.readdir = Callback<&Handlers::readdir>::call;
        out.releasedir = Callback<&Handlers::releasedir>::call;
        out.open = Callback<&Handlers::open>::call;
        out.create = Callback<&Handlers::create>::call;
        out.read = Callback<&Handlers::read>::call;
        out.write = Callback<&Handlers::write>::call;
        out.fsync = Callback<&Handlers::fsync>::call;
        out.fsyncdir = Callback<&Handlers::fsync>::call;
        out.release = Callback<&Handlers::release>::call;
        return out;
    }();
    return kOperations;
}

void Handlers::init(fuse_conn_info& connection) {
    // One message for a write of any size that fits in a file, wherever in a page it begins; at most what the library
    // has room for, or the kernel gives it nothing.
    files_.look([&](const Tree& tree) {
        const Limits& limits = tree.settings().limits;
        connection.max_write = std::min(connection.max_write, limits.file_size + limits.block_size);
    });
}

bool Handlers::look(fuse_ino_t node, const Visit& visit) const {
    if (node >= kFirstVirtual) return false;
    bool found = false;
    files_.look([&](const Tree& tree) {
        const Entry* entry = tree.entries().find(inode_of(node));
        if (!entry) return;
        found = true;
        visit(tree, *entry);
    });
    return found;
}

std::optional<std::string> Handlers::path_in(fuse_ino_t parent, std::string_view name) const {
    std::optional<std::string> path;
    look(parent, [&](const Tree& tree, const Entry& directory) {
        path = tree.entries().path(directory.inode);
        if (!path->empty()) *path += '/';
        *path += name;
    });
    return path;
}

std::optional<std::string> Handlers::new_path(fuse_req_t request, fuse_ino_t parent, std::string_view name) const {
    auto path = path_in(parent, name);
    const int error = !path ? ENOENT : is_virtual(parent, name) ? EACCES : too_long(name) ? ENAMETOOLONG : 0;
    if (error == 0) return path;
    fuse_reply_err(request, error);
    return std::nullopt;
}

bool Handlers::too_long(std::string_view name) {
    // What kernels before 6.15 can list; one longer name would make its directory unreadable on such a node.
    constexpr std::size_t kLongestName = 1024;
    return name.size() > kLongestName;
}

bool Handlers::is_virtual(fuse_ino_t parent, std::string_view name) {
    return parent == kRootNode && virtual_entry(name) != nullptr;
}

bool Handlers::failed(fuse_req_t request, std::int64_t result) {
    if (result >= 0) return false;
    fuse_reply_err(request, static_cast<int>(-result));
    return true;
}

void Handlers::change(fuse_req_t request, Operation operation, const std::string& losing) {
    files_.look([&](const Tree& tree) {
        const Entry* entry = tree.find(losing);
        if (entry) known_files_.keep(*entry);
    });
    files_.submit(std::move(operation), [request](std::int64_t result) {
        if (!failed(request, result)) fuse_reply_err(request, 0);
    });
}

std::int64_t Handlers::write_left_over(fuse_ino_t node, const Operation& operation) {
    Limits limits;
    files_.look([&](const Tree& tree) { limits = tree.settings().limits; });
    return known_files_.write(inode_of(node), operation, limits);
}

}  // namespace cfs::mount
