#include "engine/ipc/qb_loop.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <new>
#include <stdexcept>

namespace engine::ipc {

namespace asio = boost::asio;

namespace {
thread_local QbLoop* current_loop = nullptr;
constexpr int kInput = POLLIN | POLLPRI;
constexpr std::size_t kMostAtOnce = 4096;  // notifications
// Of one descriptor. libqb takes about ten requests in each, and a client's socket holds 278: a byte each.
constexpr int kCallbacksPerLook = 32;
}  // namespace

// One registration of one descriptor. Lives as long as an operation of it is pending, so a completion
// that was already queued when libqb dropped the watch finds `alive_` false and touches nothing.
class QbLoop::Watch : public std::enable_shared_from_this<Watch> {
public:
    Watch(QbLoop& loop, int fd) : loop_(loop), descriptor_(loop.io_, fd), fd_(fd) {}

    void set(int events, void* data, qb_ipcs_dispatch_fn_t fn) {
        events_ = events & (kInput | POLLOUT);
        data_ = data;
        fn_ = fn;
    }

    // Waits for what the mask asks for. Hangup ends every wait; while nothing is to be read, the wait for
    // an error condition is there for it.
    void arm() {
        if (!alive_ || in_callback_ || resting_) return;
        if (const bool read = wanted() & kInput; read && !reading_) {
            wait(asio::posix::stream_descriptor::wait_read, reading_);
        } else if (!read && !hangup_) {
            wait(asio::posix::stream_descriptor::wait_error, hangup_);
        }
        if ((wanted() & POLLOUT) && !writing_) wait(asio::posix::stream_descriptor::wait_write, writing_);
    }

    // Gives the descriptor back to libqb, which closes it at once.
    void stop() {
        alive_ = false;
        loop_.paused_.erase(data_);
        if (!resting_) descriptor_.release();
    }

    // What came while it rested.
    void take() {
        if (serve(kCallbacksPerLook) && !resting_) arm();  // libqb changed what it watches for
    }

    // What a callback leaves: rest, or waiting for more.
    void settle() {
        if (!alive_) return;
        const bool watched_for_output = (wanted() & POLLOUT) || writing_ || paying_;
        if (!streams_ || watched_for_output || !(wanted() & kInput) || !loop_.hooks_.can_wait()) {
            return watch();
        }
        if (!std::exchange(resting_, true)) descriptor_.release();
        loop_.rest(shared_from_this());
    }

    // Ends the rest, if it does.
    void watch() {
        if (resting_) {
            boost::system::error_code failure;
            descriptor_.assign(fd_, failure);
            if (failure) return loop_.rest(shared_from_this());  // looked at again soon
            resting_ = false;
            std::erase(loop_.resting_, shared_from_this());
        }
        arm();
    }

    // One more notification to send; true if there were none before.
    bool owe() { return owed_++ == 0; }

    // A client that does not take them keeps its socket full; the rest follows when it does.
    void pay() {
        static constexpr std::array<char, kMostAtOnce> kBytes{};
        while (alive_ && owed_ > 0) {
            const ssize_t sent =
                ::sendto(fd_, kBytes.data(), std::min(owed_, kBytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT, nullptr, 0);
            if (sent > 0) {
                owed_ -= static_cast<std::size_t>(sent);
            } else if (errno == EAGAIN) {
                if (resting_) watch();
                if (!paying_ && !resting_) wait(asio::posix::stream_descriptor::wait_write, paying_);
                return;
            } else if (errno != EINTR) {
                owed_ = 0;  // the end of the connection is noticed when it is read
            }
        }
    }

private:
    int wanted() const { return loop_.paused_.contains(data_) ? events_ & ~kInput : events_; }

    void wait(asio::posix::stream_descriptor::wait_type type, bool& pending) {
        pending = true;
        descriptor_.async_wait(type, [self = shared_from_this(), &pending](const boost::system::error_code&) {
            pending = false;
            if (!self->resting_) self->ready();
        });
    }

    void ready() {
        if (serve(1)) settle();
    }

    // Pays, and calls libqb so many times at most; false if the watch is gone.
    bool serve(int callbacks) {
        if (!alive_) return false;
        if (owed_ > 0 && !paying_) pay();
        while (callbacks-- > 0 && call()) {
        }
        if (alive_) streams_ = loop_.hooks_.streams && loop_.hooks_.streams();
        return alive_;
    }

    // Tells libqb what its descriptor is ready for; false if for nothing, or if the watch is gone.
    bool call() {
        pollfd state{fd_, static_cast<short>(wanted()), 0};
        const int revents = ::poll(&state, 1, 0) > 0 ? state.revents : 0;
        if (revents == 0) return false;
        in_callback_ = true;
        const bool outermost = loop_.begin_burst();
        const int32_t result = fn_(fd_, revents, data_);
        in_callback_ = false;
        if (outermost && current_loop == &loop_) loop_.end_burst();
        if (!alive_) return false;
        if (result >= 0) return true;
        auto& loop = loop_;
        const int fd = fd_;
        stop();
        loop.watches_.erase(fd);
        return false;
    }

    QbLoop& loop_;
    asio::posix::stream_descriptor descriptor_;
    int fd_;
    int events_ = 0;
    void* data_ = nullptr;
    qb_ipcs_dispatch_fn_t fn_ = nullptr;
    bool alive_ = true, in_callback_ = false;
    bool reading_ = false, writing_ = false, hangup_ = false, paying_ = false;
    bool streams_ = false;
    bool resting_ = false;  // the reactor does not know the descriptor
    std::size_t owed_ = 0;
};

QbLoop::QbLoop(asio::io_context& io, Hooks hooks) : io_(io), hooks_(std::move(hooks)), rest_timer_(io) {
    if (current_loop != nullptr) throw std::logic_error("a second libqb loop on this thread");
    current_loop = this;
}

QbLoop::~QbLoop() {
    for (auto& [fd, watch] : watches_)
        watch->stop();
    current_loop = nullptr;
}

qb_ipcs_poll_handlers QbLoop::handlers() {
    return {.job_add = post_job, .dispatch_add = add, .dispatch_mod = mod, .dispatch_del = del};
}

void QbLoop::rearm() {
    for (auto& [fd, watch] : watches_)
        watch->arm();
}

bool QbLoop::owe_notification(int fd) {
    if (current_loop == nullptr) return false;
    const auto found = current_loop->watches_.find(fd);
    if (found == current_loop->watches_.end()) return false;
    if (!found->second->owe()) return true;
    current_loop->owing_.push_back(found->second);
    if (current_loop->owing_.size() > 1 || current_loop->in_burst_) return true;
    asio::post(current_loop->io_, [] {
        if (current_loop != nullptr) current_loop->pay();
    });
    return true;
}

void QbLoop::pay() {
    for (const auto& watch : std::exchange(owing_, {}))
        watch->pay();
}

bool QbLoop::begin_burst() {
    if (std::exchange(in_burst_, true)) return false;
    if (hooks_.burst) hooks_.burst(true);
    return true;
}

void QbLoop::end_burst() {
    if (hooks_.burst) hooks_.burst(false);
    in_burst_ = false;
    pay();
}

void QbLoop::rest(std::shared_ptr<Watch> watch) {
    if (std::find(resting_.begin(), resting_.end(), watch) == resting_.end()) resting_.push_back(std::move(watch));
    if (std::exchange(rest_limited_, true)) return;
    rest_timer_.expires_after(hooks_.longest_rest);
    rest_timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled || current_loop != this) return;
        rest_limited_ = false;
        look();
        if (current_loop == this) settle();
    });
}

void QbLoop::look() {
    if (resting_.empty()) return;
    const bool outermost = begin_burst();
    for (const auto& watch : std::vector(resting_))
        watch->take();
    if (outermost && current_loop == this) end_burst();
}

void QbLoop::settle() {
    for (const auto& watch : std::exchange(resting_, {}))
        watch->settle();
}

int32_t QbLoop::add(qb_loop_priority, int32_t fd, int32_t events, void* data, qb_ipcs_dispatch_fn_t fn) {
    if (current_loop == nullptr) return -ESRCH;
    if (current_loop->watches_.contains(fd)) return -EEXIST;
    try {
        auto watch = std::make_shared<Watch>(*current_loop, fd);
        watch->set(events, data, fn);
        current_loop->watches_.emplace(fd, watch);
        watch->arm();
        return 0;
    } catch (const boost::system::system_error& error) {
        return -error.code().value();
    } catch (const std::bad_alloc&) {
        return -ENOMEM;
    }
}

int32_t QbLoop::mod(qb_loop_priority, int32_t fd, int32_t events, void* data, qb_ipcs_dispatch_fn_t fn) {
    if (current_loop == nullptr) return -ESRCH;
    auto found = current_loop->watches_.find(fd);
    if (found == current_loop->watches_.end()) return -ENOENT;
    found->second->set(events, data, fn);
    found->second->watch();
    return 0;
}

int32_t QbLoop::del(int32_t fd) {
    if (current_loop == nullptr) return -ESRCH;
    auto found = current_loop->watches_.find(fd);
    if (found == current_loop->watches_.end()) return -ENOENT;
    auto watch = found->second;
    current_loop->watches_.erase(found);
    watch->stop();
    return 0;
}

int32_t QbLoop::post_job(qb_loop_priority, void* data, qb_loop_job_dispatch_fn fn) {
    if (current_loop == nullptr) return -ESRCH;
    asio::post(current_loop->io_, [data, fn] { fn(data); });
    return 0;
}

}  // namespace engine::ipc

// libqb tells a client of each event by a byte, and sends each with a system call of its own (client-ipc.md section
// 2.7.3). The bytes of a burst of events are sent together. libqb has no hook for that, so we stand in for the function
// that it calls.
extern "C" __attribute__((visibility("default"))) ssize_t send(int fd, const void* data, size_t size, int flags) {
    if (size == 1 && engine::ipc::QbLoop::owe_notification(fd)) return 1;
    return ::sendto(fd, data, size, flags, nullptr, 0);
}
