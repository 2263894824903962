#pragma once
// The configuration database on disk (pmxcfs.md section 3): the file of a pmxcfs, written so that what was
// acknowledged is there after a crash.
//
// Changes are committed by a thread of the store. All that come while a commit is under way become the next one, with
// one sync of the disk, so every state in the file is one that the tree was in. A commit that fails ends the store:
// every change that waits, and every later one, gets the error.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cfs/tree/operation.hpp"
#include "cfs/tree/report.hpp"
#include "cfs/tree/tree.hpp"

namespace cfs::store {

struct Options {
    std::string path;
    Settings settings;
    std::uint64_t local_time = 0;  // seconds since 1970: the age of locks, the mtime of a new database
    int log_pages = 1000;          // so long a write-ahead log is copied into the database; SQLite's own measure
};

struct Counters {
    std::uint64_t changes = 0;           // on disk
    std::uint64_t commits = 0;           // so many transactions did it
    std::uint64_t rows = 0;              // written or deleted, row 0 included
    std::uint64_t log_bytes = 0;         // written to the write-ahead log, in whole pages
    std::uint64_t checkpoints = 0;       // times the log was copied into the database
    std::uint64_t checkpoint_bytes = 0;  // written by that
    std::uint64_t failed_checkpoints = 0;
    std::uint64_t bytes_written() const { return log_bytes + checkpoint_bytes; }
};

struct Opened;

class Store {
public:
    // Called on the store's thread, in the order of submit(); nullptr when the change is on disk. Must not call the
    // store back but for submit(), and not throw.
    using Completion = std::function<void(const Failure*)>;

    // Opens or creates, checks everything, loads. A failure has been told to `events` in the words of pmxcfs.md 3.3;
    // its text is a summary with the file's name. A file that is not ours, or is damaged, is left as it is.
    static Or<Opened> open(const Options& options, Events& events);

    ~Store();  // as close()
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Any thread may call these.
    void submit(Change change, Completion done);
    void drain();                            // returns when all that was submitted before is completed
    std::optional<Failure> failure() const;  // the one that ended the store
    Counters counters() const;

    // Copies the database as it is now to a new file, while changes go on. The failure says why there is none; an
    // existing file is not overwritten.
    std::optional<Failure> backup(const std::string& to) const;

    // Completes what was submitted, moves the log into the database and closes it. The failure that ended the store, if
    // any. What is submitted later fails at once, on the caller's thread.
    std::optional<Failure> close();

private:
    class Work;
    explicit Store(std::unique_ptr<Work> work);

    std::unique_ptr<Work> work_;
};

struct Opened {
    std::unique_ptr<Store> store;
    Tree tree;
    bool created = false;  // there was no file before
};

}  // namespace cfs::store
