#pragma once
// What a configuration database looks like, and its rows one by one (pmxcfs.md 3.1, 3.2). Internal to cfs/store and
// cfs/check; everything here throws SqliteError.

#include <string>
#include <vector>

#include "cfs/store/sqlite.hpp"
#include "cfs/tree/loader.hpp"

namespace cfs::store {

inline constexpr int kPageSize = 4096;

// Thrown as SqliteError with SQLITE_NOTADB: the file is fine and belongs to somebody else, or is no database.
void refuse_foreign(Connection& connection, const std::string& path);
// What is wrong with the file itself; empty for nothing.
std::vector<std::string> damage(Connection& connection, const std::string& path);

void set_durable_wal(Connection& connection);
void create_table(Connection& connection);

inline constexpr const char* kSelectAll = "SELECT inode, parent, version, writer, mtime, type, name, data FROM tree";
RawRow row_of(const Statement& select);  // of a SELECT of these columns

// Writes what a pmxcfs would have written.
class RowWriter {
public:
    explicit RowWriter(Connection& connection);

    void put(const Row& row);  // `no such inode N` when the row without changed content is not there
    void put_raw(const RawRow& row);
    void put_version(std::uint64_t version, std::uint32_t writer, std::uint32_t mtime, std::uint8_t type);
    void remove(Inode inode);

private:
    Connection* connection_;
    Statement replace_;
    Statement update_;
    Statement remove_;
};

}  // namespace cfs::store
