#include "cfs/store/log_file.hpp"

#include <sqlite3.h>

#include <utility>

namespace cfs::store {

namespace {

int remember_pages(void* pages, sqlite3* /*database*/, const char* /*name*/, int in_log) {
    *static_cast<int*>(pages) = in_log;
    return SQLITE_OK;
}

}  // namespace

LogFile::LogFile(std::unique_ptr<Connection> connection, int longest_log)
    : connection_(std::move(connection)), rows_(std::make_unique<RowWriter>(*connection_)), longest_log_(longest_log) {
    sqlite3_wal_hook(connection_->get(), remember_pages, log_pages_.get());
}

void LogFile::commit(const Batch& batch) {
    if (batch.empty()) return;
    connection_->execute("BEGIN IMMEDIATE TRANSACTION", "begin transaction failed");
    try {
        write(batch);
        connection_->execute("COMMIT TRANSACTION", "commit transaction failed");
    } catch (...) {
        // SQLite may have rolled back by itself; what counts is the first error.
        sqlite3_exec(connection_->get(), "ROLLBACK TRANSACTION", nullptr, nullptr, nullptr);
        throw;
    }
    ++counters_.commits;
    counters_.rows += batch.put().size() + batch.remove().size() + (batch.root_changed() ? 1 : 0);
    count_log();
}

void LogFile::write(const Batch& batch) {
    for (const Inode inode : batch.remove())
        rows_->remove(inode);
    for (const auto& [inode, row] : batch.put())
        rows_->put(row);
    if (!batch.root_changed()) return;
    rows_->put_version(batch.version(), batch.writer(), batch.mtime(),
                       batch.from_sync() ? kVersionRowTypeSync : kVersionRowTypeLocal);
}

void LogFile::count_log() {
    int pages = 0;
    int highest = 0;
    sqlite3_db_status(connection_->get(), SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 1);
    counters_.log_bytes += static_cast<std::uint64_t>(pages) * kPageSize;
}

void LogFile::checkpoint_if_long() noexcept {
    if (*log_pages_ < longest_log_) return;
    int in_log = 0;
    int copied = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(connection_->get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    if (result != SQLITE_OK) {
        ++counters_.failed_checkpoints;
        return;
    }
    ++counters_.checkpoints;
    if (copied > 0) counters_.checkpoint_bytes += static_cast<std::uint64_t>(copied) * kPageSize;
    if (copied >= in_log) *log_pages_ = 0;
}

void LogFile::close() {
    rows_.reset();
    const int result =
        sqlite3_wal_checkpoint_v2(connection_->get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    // Somebody else reading the file keeps the log alive; it is complete, and that is all that counts.
    if (result != SQLITE_OK && result != SQLITE_BUSY) connection_->fail("checkpoint failed", result);
    if (!connection_->close()) connection_->fail("close failed", SQLITE_BUSY);
}

}  // namespace cfs::store
