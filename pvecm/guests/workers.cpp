#include "pvecm/guests/workers.hpp"

#include <utility>

namespace pvecm::guests {

void Workers::begin(std::function<void()> job) {
    {
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [this] { return running_ < most_; });
        ++running_;
    }
    threads_.emplace_back([this, job = std::move(job)] {
        job();
        const std::lock_guard lock(mutex_);
        --running_;
        ended_.notify_one();
    });
}

void Workers::finish() {
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
}

}  // namespace pvecm::guests
