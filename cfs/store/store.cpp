#include "cfs/store/store.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cfs/store/backup.hpp"
#include "cfs/store/log_file.hpp"
#include "cfs/store/opening.hpp"

namespace cfs::store {

class Store::Work {
public:
    Work(LogFile file, std::string path) : path_(std::move(path)), file_(std::move(file)), thread_([this] { run(); }) {}

    void submit(Change change, Completion done) {
        {
            const std::scoped_lock lock(mutex_);
            if (!stopping_) {
                queue_.push_back({std::move(change), std::move(done)});
                ++submitted_;
                wake_.notify_one();
                return;
            }
        }
        const Failure closed{"the database is closed"};
        if (done) done(&closed);
    }

    void drain() {
        std::unique_lock lock(mutex_);
        const std::uint64_t last = submitted_;
        progress_.wait(lock, [&] { return completed_ >= last; });
    }

    std::optional<Failure> failure() const {
        const std::scoped_lock lock(mutex_);
        return failure_;
    }

    Counters counters() const {
        const std::scoped_lock lock(mutex_);
        return counters_;
    }

    std::optional<Failure> close() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            wake_.notify_one();
        }
        if (!thread_.joinable()) return failure();
        thread_.join();
        try {
            file_.close();
        } catch (const std::exception& error) {
            set_failure(error.what());
        }
        return failure();
    }

    const std::string& path() const { return path_; }

private:
    struct Item {
        Change change;
        Completion done;
    };

    void run() {
        for (;;) {
            const std::vector<Item> items = take();
            if (items.empty()) return;
            commit(items);
            const auto failed = failure();
            for (const Item& item : items) {
                if (item.done) item.done(failed ? &*failed : nullptr);
            }
            complete(items.size());
            file_.checkpoint_if_long();
        }
    }

    // All that is queued; nothing at the end.
    std::vector<Item> take() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        return std::exchange(queue_, {});
    }

    void commit(const std::vector<Item>& items) {
        if (failure()) return;
        try {
            Batch batch;
            for (const Item& item : items)
                batch.add(item.change);
            file_.commit(batch);
            changes_ += items.size();
        } catch (const std::exception& error) {
            set_failure(error.what());
        }
        const std::scoped_lock lock(mutex_);
        counters_ = file_.counters();
        counters_.changes = changes_;
    }

    void complete(std::size_t count) {
        const std::scoped_lock lock(mutex_);
        completed_ += count;
        progress_.notify_all();
    }

    void set_failure(const std::string& text) {
        const std::scoped_lock lock(mutex_);
        if (!failure_) failure_ = Failure{text};
    }

    const std::string path_;
    LogFile file_;  // the thread's, and close()'s after it
    std::uint64_t changes_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable progress_;
    std::vector<Item> queue_;
    std::uint64_t submitted_ = 0;
    std::uint64_t completed_ = 0;
    bool stopping_ = false;
    std::optional<Failure> failure_;
    Counters counters_;
    std::thread thread_;  // last: it starts with everything else in place
};

Store::Store(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Store::~Store() {
    (void)close();
}

Or<Opened> Store::open(const Options& options, Events& events) {
    Or<OpenedFile> file = open_file(options, events);
    if (!file) return Failure{file.text()};
    auto work = std::make_unique<Work>(std::move(file->log), options.path);
    return Opened{std::unique_ptr<Store>(new Store(std::move(work))), std::move(file->tree), file->created};
}

void Store::submit(Change change, Completion done) {
    work_->submit(std::move(change), std::move(done));
}
void Store::drain() {
    work_->drain();
}
std::optional<Failure> Store::failure() const {
    return work_->failure();
}
Counters Store::counters() const {
    return work_->counters();
}
std::optional<Failure> Store::close() {
    return work_->close();
}
std::optional<Failure> Store::backup(const std::string& to) const {
    return copy_database(work_->path(), to);
}

}  // namespace cfs::store
