#include "cfs/daemon/patience.hpp"

#include <cerrno>
#include <iterator>
#include <utility>

namespace cfs::daemon {

Patience::Patience(std::chrono::milliseconds limit, GivenUp given_up)
    : limit_(limit), given_up_(std::move(given_up)), thread_([this] { run(); }) {}

Patience::~Patience() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Decider::Done Patience::watch(std::string path, Decider::Done done) {
    auto waiting = std::make_shared<Waiting>();
    waiting->path = std::move(path);
    waiting->done = std::move(done);
    waiting->until = std::chrono::steady_clock::now() + limit_;
    Queue::iterator place;
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(waiting);
        place = std::prev(queue_.end());
    }
    changed_.notify_all();
    return [this, waiting, place](std::int64_t result) {
        Decider::Done answer;
        {
            const std::lock_guard lock(mutex_);
            if (!waiting->done) return;
            answer = std::exchange(waiting->done, nullptr);
            queue_.erase(place);
        }
        answer(result);
    };
}

void Patience::run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (queue_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto until = queue_.front()->until;
        if (until > std::chrono::steady_clock::now()) {
            changed_.wait_until(lock, until);
            continue;
        }
        const auto late = std::move(queue_.front());
        queue_.pop_front();
        const Decider::Done answer = std::exchange(late->done, nullptr);
        lock.unlock();
        given_up_(late->path);
        answer(-ETIMEDOUT);
        lock.lock();
    }
}

}  // namespace cfs::daemon
