#pragma once
// The tree with its database, for many threads at once. Readers wait for no disk: a change is made in memory, which is
// brief, and answered when the database has it.
//
// Thread-safe.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <shared_mutex>

#include "cfs/store/store.hpp"

namespace cfs::daemon {

class SharedTree {
public:
    SharedTree(Tree tree, store::Store& store) : tree_(std::move(tree)), store_(store) {}
    ~SharedTree() { wait_until_idle(); }
    SharedTree(const SharedTree&) = delete;
    SharedTree& operator=(const SharedTree&) = delete;

    void look(const std::function<void(const Tree&)>& visit) const;

    // What happens to the tree: done at once by `change`, which must not call back here. Its changes reach the
    // database in the order they were made in.
    using Changing = std::function<Outcome(Tree&)>;
    // Called once with the outcome's result when it is on disk, or with -EIO. From the calling thread or the store's;
    // may call change() again.
    using Done = std::function<void(std::int64_t result)>;
    void change(const Changing& change, Done done);

    void wait_until_idle();  // until everything has been answered

    // --- for a single thread that makes all changes, and says itself what became of them
    const Tree& unguarded() const { return tree_; }
    void exclusively(const std::function<void(Tree&)>& change);
    void store(Change change, store::Store::Completion done) { store_.submit(std::move(change), std::move(done)); }
    void drain() { store_.drain(); }

private:
    void answer(const Done& done, std::int64_t result, const Failure* failure);

    // Recursive, as a store that has failed answers at once, and who is answered may want the next change.
    std::recursive_mutex order_;
    mutable std::shared_mutex mutex_;
    Tree tree_;
    store::Store& store_;

    std::mutex idle_mutex_;
    std::condition_variable idle_;
    std::uint64_t unanswered_ = 0;
};

}  // namespace cfs::daemon
