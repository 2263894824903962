#include "cfs/store/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace cfs::store {

namespace {

constexpr int kBusyMilliseconds = 10000;  // pmxcfs.md 3.1

int open_flags(Connection::Mode mode) {
    switch (mode) {
        case Connection::Mode::create:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        case Connection::Mode::existing:
            return SQLITE_OPEN_READWRITE;
        case Connection::Mode::read_only:
            return SQLITE_OPEN_READONLY;
    }
    return SQLITE_OPEN_READONLY;
}

}  // namespace

bool SqliteError::is_damage() const {
    return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
}

void Connection::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

Connection::Connection(const std::string& path, Mode mode) {
    sqlite3* database = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &database, open_flags(mode) | SQLITE_OPEN_FULLMUTEX, nullptr);
    database_.reset(database);
    if (result != SQLITE_OK) throw SqliteError(fmt::format("splite3_open_v2 failed: {}", result), result & 0xff);
    sqlite3_busy_timeout(database, kBusyMilliseconds);
    // A file may have been made by anybody: nothing in its schema is run, and it is never mapped, so that a file cut
    // short is an error and not a SIGBUS.
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_exec(database, "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
}

void Connection::fail(std::string_view what, int code) const {
    throw SqliteError(fmt::format("{}: {}", what, sqlite3_errmsg(get())), code & 0xff);
}

void Connection::execute(const char* sql, std::string_view what) {
    const int result = sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) fail(what, result);
}

bool Connection::close() {
    if (sqlite3_close(get()) != SQLITE_OK) return false;
    (void)database_.release();
    return true;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(&connection) {
    sqlite3_stmt* statement = nullptr;
    const int result =
        sqlite3_prepare_v2(connection.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (result != SQLITE_OK) connection.fail("sqlite3_prepare failed", result);
    statement_.reset(statement);
}

void Statement::bound(int result) const {
    if (result != SQLITE_OK) connection_->fail("sqlite3_bind failed", result);
}

Statement& Statement::bind(int parameter, std::uint64_t value) {
    bound(sqlite3_bind_int64(statement_.get(), parameter, static_cast<sqlite3_int64>(value)));
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
    bound(sqlite3_bind_text(statement_.get(), parameter, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_blob(int parameter, totem::Bytes value) {
    bound(value.empty() ? sqlite3_bind_null(statement_.get(), parameter)
                        : sqlite3_bind_blob(statement_.get(), parameter, value.data(), static_cast<int>(value.size()),
                                            SQLITE_STATIC));
    return *this;
}

bool Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    connection_->fail("sqlite3_step failed", result);
}

void Statement::run() {
    try {
        while (step()) {
        }
    } catch (...) {
        reset();
        throw;
    }
    reset();
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::uint64_t Statement::integer(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::string Statement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return text ? text : std::string();
}

totem::Bytes Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

}  // namespace cfs::store
