#pragma once
// Nobody waits for ever: an answer that does not come in time is given without what it depends on. A thread of its own
// does it, as the one that should have answered may be stuck in a call to corosync.
//
// Thread-safe.

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "cfs/daemon/decider.hpp"

namespace cfs::daemon {

class Patience {
public:
    using GivenUp = std::function<void(const std::string& path)>;
    // `given_up` is told of every answer that is late, from a thread of this.
    Patience(std::chrono::milliseconds limit, GivenUp given_up);
    ~Patience();
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;

    // The same answer, but only the first one counts, and it is -ETIMEDOUT when nothing came in time. What is returned
    // must not be called when this is gone.
    Decider::Done watch(std::string path, Decider::Done done);

private:
    struct Waiting {
        std::string path;
        Decider::Done done;
        std::chrono::steady_clock::time_point until;
    };
    using Queue = std::list<std::shared_ptr<Waiting>>;  // in the order of their times

    void run();

    const std::chrono::milliseconds limit_;
    const GivenUp given_up_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Queue queue_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace cfs::daemon
