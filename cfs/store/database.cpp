#include "cfs/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace cfs::store {

namespace {

struct Column {
    std::string_view name;
    std::string_view type;
};
constexpr std::array<Column, 8> kColumns{{{"inode", "INTEGER"},
                                          {"parent", "INTEGER"},
                                          {"version", "INTEGER"},
                                          {"writer", "INTEGER"},
                                          {"mtime", "INTEGER"},
                                          {"type", "INTEGER"},
                                          {"name", "TEXT"},
                                          {"data", "BLOB"}}};

constexpr const char* kCreateTable =
    "CREATE TABLE IF NOT EXISTS tree ("
    "inode INTEGER PRIMARY KEY NOT NULL,"
    "parent INTEGER NOT NULL CHECK(typeof(parent)='integer'),"
    "version INTEGER NOT NULL CHECK(typeof(version)='integer'),"
    "writer INTEGER NOT NULL CHECK(typeof(writer)='integer'),"
    "mtime INTEGER NOT NULL CHECK(typeof(mtime)='integer'),"
    "type INTEGER NOT NULL CHECK(typeof(type)='integer'),"
    "name TEXT NOT NULL,"
    "data BLOB)";

[[noreturn]] void foreign(const std::string& path, std::string_view why) {
    throw SqliteError(fmt::format("'{}' is not a configuration database: {}", path, why), SQLITE_NOTADB);
}

void check_columns(Connection& connection, const std::string& path) {
    Statement info(connection, "PRAGMA table_info(tree)");
    std::size_t count = 0;
    for (; info.step(); ++count) {
        const std::string name = info.text(1);
        if (count >= kColumns.size()) foreign(path, fmt::format("its table 'tree' has a column '{}' too much", name));
        const Column& column = kColumns.at(count);
        if (name != column.name || info.text(2) != column.type) {
            foreign(path, fmt::format("its table 'tree' has '{} {}' where '{} {}' should be", name, info.text(2),
                                      column.name, column.type));
        }
        // Without it inodes would not be unique.
        if (count == 0 && info.integer(5) != 1) foreign(path, "'inode' is not the key of its table 'tree'");
    }
    if (count < kColumns.size()) {
        foreign(path, fmt::format("its table 'tree' has no column '{}'", kColumns.at(count).name));
    }
}

// SQLite reads what is missing of the last page as zeros. With a log the file may end early: the page is in there.
std::optional<std::string> missing_end(Connection& connection, const std::string& path) {
    std::error_code unknown;
    const auto log = std::filesystem::file_size(path + "-wal", unknown);
    if (!unknown && log > 0) return std::nullopt;
    Statement page_count(connection, "PRAGMA page_count");
    Statement page_size(connection, "PRAGMA page_size");
    if (!page_count.step() || !page_size.step()) return std::nullopt;
    const std::uint64_t expected = page_count.integer(0) * page_size.integer(0);
    const auto size = std::filesystem::file_size(path, unknown);
    if (unknown || size >= expected) return std::nullopt;
    return fmt::format("the file ends after {} of {} bytes", size, expected);
}

}  // namespace

void refuse_foreign(Connection& connection, const std::string& path) {
    bool has_something = false;
    bool has_tree = false;
    try {
        Statement schema(connection, "SELECT type, name FROM sqlite_master");
        while (schema.step()) {
            has_something = true;
            if (schema.text(0) == "table" && schema.text(1) == "tree") has_tree = true;
        }
    } catch (const SqliteError& error) {
        if (error.code() == SQLITE_NOTADB)
            foreign(path, fmt::format("it is not a file of SQLite, or one of a format that version {} does not know",
                                      sqlite3_libversion()));
        throw;
    }
    if (has_something && !has_tree) foreign(path, "it has no table 'tree'");
    if (has_tree) check_columns(connection, path);
}

std::vector<std::string> damage(Connection& connection, const std::string& path) {
    std::vector<std::string> out;
    try {
        if (const auto missing = missing_end(connection, path)) out.push_back(*missing);
        Statement check(connection, "PRAGMA quick_check");
        while (check.step())
            out.push_back(check.text(0));
    } catch (const SqliteError& error) {
        if (!error.is_damage()) throw;
        out.emplace_back(error.what());
    }
    std::erase(out, "ok");
    return out;
}

void set_durable_wal(Connection& connection) {
    {
        Statement wal(connection, "PRAGMA journal_mode=WAL");
        std::string mode;
        try {
            if (wal.step()) mode = wal.text(0);
        } catch (const SqliteError& error) {
            connection.fail("unable to set WAL mode", error.code());
        }
        if (mode != "wal") throw SqliteError("unable to set WAL mode: it is " + mode, SQLITE_ERROR);
    }
    // Upstream takes NORMAL and may lose its last commits with the power. With FULL a commit is on disk.
    connection.execute("PRAGMA synchronous=FULL", "unable to set synchronous mode");
    connection.execute("PRAGMA wal_autocheckpoint=0", "unable to set synchronous mode");
}

void create_table(Connection& connection) {
    connection.execute(kCreateTable, "init database failed");
}

RawRow row_of(const Statement& select) {
    RawRow row;
    row.inode = select.integer(0);
    row.parent = select.integer(1);
    row.version = select.integer(2);
    row.writer = select.integer(3);
    row.mtime = select.integer(4);
    row.type = select.integer(5);
    row.name = select.text(6);
    row.content = make_content(select.blob(7));
    return row;
}

RowWriter::RowWriter(Connection& connection)
    : connection_(&connection),
      // Not REPLACE, which writes all pages of a row: as an update SQLite leaves those that stay the same, where the
      // row keeps its length.
      replace_(connection,
               "INSERT INTO tree (inode, parent, version, writer, mtime, type, name, data) VALUES (?,?,?,?,?,?,?,?) "
               "ON CONFLICT (inode) DO UPDATE SET parent=excluded.parent, version=excluded.version, "
               "writer=excluded.writer, mtime=excluded.mtime, type=excluded.type, name=excluded.name, "
               "data=excluded.data"),
      update_(connection,
              "UPDATE tree SET parent=?2, version=?3, writer=?4, mtime=?5, type=?6, name=?7 WHERE inode=?1"),
      remove_(connection, "DELETE FROM tree WHERE inode=?") {}

void RowWriter::put(const Row& row) {
    const Entry& entry = row.entry;
    Statement& statement = row.content_changed ? replace_ : update_;
    statement.bind(1, entry.inode).bind(2, entry.parent).bind(3, entry.version);
    statement.bind(4, std::uint64_t{entry.writer}).bind(5, std::uint64_t{entry.mtime});
    statement.bind(6, static_cast<std::uint64_t>(entry.kind)).bind(7, std::string_view(entry.name));
    if (row.content_changed) statement.bind_blob(8, entry.data());
    statement.run();
    if (sqlite3_changes(connection_->get()) != 1) {
        throw SqliteError(fmt::format("no such inode {:016X}", entry.inode), SQLITE_ERROR);
    }
}

void RowWriter::put_raw(const RawRow& row) {
    replace_.bind(1, row.inode).bind(2, row.parent).bind(3, row.version).bind(4, row.writer).bind(5, row.mtime);
    replace_.bind(6, row.type).bind(7, std::string_view(row.name));
    replace_.bind_blob(8, row.content ? Bytes(*row.content) : Bytes());
    replace_.run();
}

void RowWriter::put_version(std::uint64_t version, std::uint32_t writer, std::uint32_t mtime, std::uint8_t type) {
    RawRow row;
    row.version = version;
    row.writer = writer;
    row.mtime = mtime;
    row.type = type;
    row.name = kVersionRowName;
    put_raw(row);
}

void RowWriter::remove(Inode inode) {
    try {
        remove_.bind(1, inode).run();
    } catch (const SqliteError& error) {
        connection_->fail("delete_inode failed", error.code());
    }
}

}  // namespace cfs::store
