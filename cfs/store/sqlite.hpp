#pragma once
// SQLite's objects with an owner, and its errors as exceptions. Internal to cfs/store and cfs/check.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "totem/base/bytes.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cfs::store {

class SqliteError : public std::runtime_error {
public:
    SqliteError(const std::string& text, int code) : std::runtime_error(text), code_(code) {}
    int code() const { return code_; }  // without the extension
    // The file is what it should not be, as opposed to: the disk is full, somebody else has it.
    bool is_damage() const;

private:
    int code_;
};

class Connection {
public:
    enum class Mode : std::uint8_t { create, existing, read_only };

    // Throws SqliteError: `splite3_open_v2 failed: CODE` (pmxcfs.md 3.1).
    Connection(const std::string& path, Mode mode);

    // Throws SqliteError with `what` and SQLite's reason: "begin transaction failed: disk is full".
    void execute(const char* sql, std::string_view what);
    [[noreturn]] void fail(std::string_view what, int code) const;
    // Closes; false if something is still open in it.
    bool close();

    sqlite3* get() const { return database_.get(); }

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

// A prepared statement; the connection has to outlive it. Parameters and columns count as in SQLite: from 1 and from 0.
class Statement {
public:
    Statement(Connection& connection, std::string_view sql);

    Statement& bind(int parameter, std::uint64_t value);
    Statement& bind(int parameter, std::string_view value);
    Statement& bind_blob(int parameter, totem::Bytes value);  // NULL for none
    // Bound texts and blobs have to live until reset().
    bool step();  // is there a row?
    void run();   // to the end, ready to be used again
    void reset();

    std::uint64_t integer(int column) const;
    std::string text(int column) const;   // up to the first NUL
    totem::Bytes blob(int column) const;  // until the next step
    bool is_null(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void bound(int result) const;

    Connection* connection_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace cfs::store
