#include "cfs/daemon/shared_tree.hpp"

#include <cerrno>

#include "cfs/daemon/log.hpp"

namespace cfs::daemon {

void SharedTree::look(const std::function<void(const Tree&)>& visit) const {
    const std::shared_lock lock(mutex_);
    visit(tree_);
}

void SharedTree::exclusively(const std::function<void(Tree&)>& change) {
    const std::unique_lock lock(mutex_);
    change(tree_);
}

void SharedTree::change(const Changing& change, Done done) {
    {
        const std::lock_guard lock(idle_mutex_);
        ++unanswered_;
    }
    std::unique_lock order(order_);
    Outcome outcome;
    {
        const std::unique_lock lock(mutex_);
        outcome = change(tree_);
    }
    const std::int64_t result = outcome.result;
    if (outcome.change.empty()) {
        order.unlock();
        return answer(done, result, nullptr);
    }
    store_.submit(std::move(outcome.change),
                  [this, result, done = std::move(done)](const Failure* failure) { answer(done, result, failure); });
}

void SharedTree::answer(const Done& done, std::int64_t result, const Failure* failure) {
    bool first = false;
    if (failure) {
        const std::unique_lock lock(mutex_);
        first = !tree_.failed();
        tree_.fail();
    }
    // What waits behind a failed change fails as well, and need not be said again.
    if (first) log(Severity::critical, Domain::database, failure->text);
    done(failure ? -EIO : result);
    const std::lock_guard lock(idle_mutex_);
    if (--unanswered_ == 0) idle_.notify_all();
}

void SharedTree::wait_until_idle() {
    std::unique_lock lock(idle_mutex_);
    idle_.wait(lock, [this] { return unanswered_ == 0; });
}

}  // namespace cfs::daemon
