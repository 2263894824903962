#include "cfs/mount/mount.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <mntent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <stdexcept>
#include <thread>

#include "cfs/mount/handlers.hpp"
#include "engine/base/file_descriptor.hpp"

namespace cfs::mount {
namespace {

// The type of what is mounted there last. Asks the kernel only: a dead or stuck file system does not answer.
std::optional<std::string> mounted_at(const std::filesystem::path& point) {
    const std::filesystem::path absolute = std::filesystem::absolute(point).lexically_normal();
    const std::unique_ptr<FILE, int (*)(FILE*)> table(::setmntent("/proc/self/mounts", "r"), &::endmntent);
    if (!table) return std::nullopt;
    std::optional<std::string> type;
    std::vector<char> text(1 << 16);
    mntent entry{};
    while (::getmntent_r(table.get(), &entry, text.data(), static_cast<int>(text.size())))
        if (absolute == entry.mnt_dir) type = entry.mnt_type;
    return type;
}

}  // namespace

class Mount::Session {
public:
    Session(FileSystem& files, const Options& options)
        : handlers_(files, options.group), threads_(options.threads), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        std::array<const char*, 3> words = {"cfs", "-o", "default_permissions,allow_other"};
        fuse_args arguments{static_cast<int>(words.size()), const_cast<char**>(words.data()), 0};
        const fuse_lowlevel_ops& operations = Handlers::operations();
        session_ = fuse_session_new(&arguments, &operations, sizeof operations, &handlers_);
        fuse_opt_free_args(&arguments);
        if (!session_) throw std::runtime_error("fuse_new error: the FUSE library refuses its options");
        errno = 0;
        if (fuse_session_mount(session_, options.point.c_str()) != 0) {
            const std::string reason = errno != 0 ? std::strerror(errno) : "see the message above";
            fuse_session_destroy(session_);
            throw std::runtime_error("fuse_mount error: " + options.point.string() + ": " + reason);
        }
        const int device = fuse_session_fd(session_);
        fcntl(device, F_SETFL, fcntl(device, F_GETFL) | O_NONBLOCK);
    }

    ~Session() {
        fuse_session_unmount(session_);
        fuse_session_destroy(session_);
    }

    bool serve() {
        std::deque<engine::FileDescriptor> watches;
        for (unsigned i = 0; i < threads_; ++i)
            watch_all(watches.emplace_back(::epoll_create1(EPOLL_CLOEXEC)));
        std::vector<std::thread> others;
        for (unsigned i = 1; i < threads_; ++i)
            others.emplace_back([this, &watch = watches[i]] { work(watch); });
        work(watches.front());
        for (auto& other : others)
            other.join();
        return unmounted_;
    }

    void stop() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    }

    // Attributes only, which the kernel forgets at once. For names and contents it would take locks that others hold
    // who wait for our answer; and if we were killed meanwhile, neither they nor what is left of us would ever end.
    void changed(const Change& change) {
        for (const Row& row : change.put) {
            handlers_.changed(row.entry);
            // Fails for what it did not remember.
            fuse_lowlevel_notify_inval_inode(session_, node_id(row.entry.inode), -1, 0);
        }
    }

private:
    // A watch is one thread's, so that a request wakes one of those that wait, not all.
    void watch_all(const engine::FileDescriptor& watch) const {
        epoll_event request{EPOLLIN | EPOLLEXCLUSIVE, {.fd = fuse_session_fd(session_)}};
        epoll_event stop{EPOLLIN, {.fd = stop_.get()}};
        if (::epoll_ctl(watch.get(), EPOLL_CTL_ADD, request.data.fd, &request) != 0 ||
            ::epoll_ctl(watch.get(), EPOLL_CTL_ADD, stop.data.fd, &stop) != 0)
            throw std::runtime_error(std::string("epoll_ctl error: ") + std::strerror(errno));
    }

    void work(const engine::FileDescriptor& watch) {
        fuse_buf buffer{};
        while (true) {
            epoll_event ready{};
            if (::epoll_wait(watch.get(), &ready, 1, -1) < 1) continue;
            if (ready.data.fd == stop_.get()) break;
            const int size = fuse_session_receive_buf(session_, &buffer);
            if (size == -EINTR || size == -EAGAIN) continue;  // another thread was quicker
            if (size <= 0) {
                unmounted_ = true;
                stop();
                break;
            }
            fuse_session_process_buf(session_, &buffer);
        }
        std::free(buffer.mem);
    }

    Handlers handlers_;
    const unsigned threads_;
    engine::FileDescriptor stop_;
    std::atomic<bool> unmounted_ = false;
    fuse_session* session_ = nullptr;
};

Mount::Mount(FileSystem& files, const Options& options) : session_(std::make_unique<Session>(files, options)) {}
Mount::~Mount() = default;

bool Mount::serve() {
    return session_->serve();
}
void Mount::stop() {
    session_->stop();
}
void Mount::changed(const Change& change) {
    session_->changed(change);
}

void force_unmount(const std::filesystem::path& point) {
    // Processes that look into it keep it; nobody finds it any more.
    if (::umount2(point.c_str(), MNT_FORCE) != 0 && ::umount2(point.c_str(), MNT_DETACH) != 0)
        throw std::runtime_error(fmt::format("unable to unmount '{}': {}", point.string(), std::strerror(errno)));
}

void clear_mount_point(const std::filesystem::path& point) {
    for (auto type = mounted_at(point); type; type = mounted_at(point)) {
        if (!type->starts_with("fuse"))
            throw std::runtime_error(
                fmt::format("'{}' is busy: a file system of type {} is mounted there", point.string(), *type));
        force_unmount(point);
    }
}

}  // namespace cfs::mount
