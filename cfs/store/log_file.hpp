#pragma once
// One database open for writing: transactions and the care of its write-ahead log. Single-threaded. Internal to
// cfs/store; everything here throws SqliteError.

#include "cfs/store/batch.hpp"
#include "cfs/store/database.hpp"
#include "cfs/store/store.hpp"

namespace cfs::store {

class LogFile {
public:
    LogFile(std::unique_ptr<Connection> connection, int longest_log);  // of a database with the table

    void commit(const Batch& batch);     // on disk when it returns; unchanged when it throws
    void checkpoint_if_long() noexcept;  // a failure is counted: the log has everything
    void close();
    const Counters& counters() const { return counters_; }

private:
    void write(const Batch& batch);
    void count_log();

    std::unique_ptr<Connection> connection_;  // statements have its address
    std::unique_ptr<RowWriter> rows_;
    Counters counters_;
    int longest_log_;
    std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);  // SQLite's hook has its address
};

}  // namespace cfs::store
