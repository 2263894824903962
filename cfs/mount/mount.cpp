#include "cfs/mount/mount.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "cfs/mount/handlers.hpp"
#include "engine/base/file_descriptor.hpp"

namespace cfs::mount {
namespace {

// What the kernel has to forget, told by a thread of its own: the kernel may make it wait for a request that the
// telling thread would have to answer.
class Forgetter {
public:
    explicit Forgetter(fuse_session* session) : session_(session), thread_([this] { run(); }) {}
    ~Forgetter() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void add(std::vector<Mount::Changed> changes) {
        {
            const std::lock_guard lock(mutex_);
            // Attributes are remembered for a second only, so losing these costs as much.
            if (waiting_.size() > kMost) waiting_.clear();
            waiting_.insert(waiting_.end(), std::make_move_iterator(changes.begin()),
                            std::make_move_iterator(changes.end()));
        }
        wake_.notify_one();
    }

private:
    static constexpr std::size_t kMost = 10000;

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
            if (ended_) return;
            const Mount::Changed next = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            // Errors: the kernel did not remember it.
            if (next.inode != kRootInode) fuse_lowlevel_notify_inval_inode(session_, node_id(next.inode), 0, 0);
            fuse_lowlevel_notify_inval_inode(session_, node_id(next.parent), -1, 0);
            fuse_lowlevel_notify_inval_entry(session_, node_id(next.parent), next.name.c_str(), next.name.size());
            lock.lock();
        }
    }

    fuse_session* session_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Mount::Changed> waiting_;
    bool ended_ = false;
    std::thread thread_;
};

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
        forgetter_ = std::make_unique<Forgetter>(session_);
    }

    ~Session() {
        fuse_session_unmount(session_);
        forgetter_.reset();  // after the unmounting, which ends what it waits for
        fuse_session_destroy(session_);
    }

    bool serve() {
        std::vector<std::thread> others;
        for (unsigned i = 1; i < threads_; ++i)
            others.emplace_back([this] { work(); });
        work();
        for (auto& other : others)
            other.join();
        return unmounted_;
    }

    void stop() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    }

    void changed(std::vector<Changed> changes) { forgetter_->add(std::move(changes)); }

private:
    void work() {
        fuse_buf buffer{};
        std::array<pollfd, 2> ready = {{{fuse_session_fd(session_), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
        while (true) {
            if (::poll(ready.data(), ready.size(), -1) < 0) continue;
            if (ready[1].revents != 0) break;
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
    std::unique_ptr<Forgetter> forgetter_;
};

Mount::Mount(FileSystem& files, const Options& options) : session_(std::make_unique<Session>(files, options)) {}
Mount::~Mount() = default;

bool Mount::serve() {
    return session_->serve();
}
void Mount::stop() {
    session_->stop();
}
void Mount::changed(std::vector<Changed> changes) {
    session_->changed(std::move(changes));
}

void remove_stale_mount(const std::filesystem::path& point) {
    ::umount2(point.c_str(), MNT_FORCE);
}

}  // namespace cfs::mount
