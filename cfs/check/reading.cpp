#include "cfs/check/reading.hpp"

#include <fmt/format.h>

#include <limits>

#include "cfs/store/database.hpp"

namespace cfs::check {

namespace {

using store::SqliteError;
using store::Statement;

// After so many inodes in a row that are not there it is given up: the file can't be trusted to say where they end.
constexpr std::uint64_t kMostInVain = 1'000'000;

// Reads in the statement's order until the end or a page that can't be read; true for the end. `last` is the last
// inode read.
bool read_on(store::Connection& connection, const char* order, Rows& rows, Inode& last) {
    try {
        Statement select(connection, std::string(store::kSelectAll) + order);
        while (select.step()) {
            const RawRow row = store::row_of(select);
            last = row.inode;
            rows[row.inode] = row;
        }
        return true;
    } catch (const SqliteError& error) {
        if (!error.is_damage()) throw;
        return false;
    }
}

// One row by its inode; its name when only that can be read.
void read_one(Statement& select, Statement& select_name, Inode inode, Reading& out) {
    try {
        select.bind(1, inode);
        if (select.step()) out.rows[inode] = store::row_of(select);
    } catch (const SqliteError&) {
        try {
            select_name.bind(1, inode);
            if (select_name.step()) {
                out.lost.push_back(
                    fmt::format("content of inode {:016X} ('{}') can't be read", inode, select_name.text(0)));
            }
        } catch (const SqliteError&) {
            out.whole = false;  // its page; what else was on it nobody knows
        }
        select_name.reset();
    }
    select.reset();
}

}  // namespace

Reading read_rows(store::Connection& connection) {
    Reading out;
    Inode from = 0;
    if (read_on(connection, " ORDER BY inode", out.rows, from)) return out;
    out.whole = false;
    Inode to = 0;
    (void)read_on(connection, " ORDER BY inode DESC", out.rows, to);
    const auto root = out.rows.find(kRootInode);
    if (to <= from) to = root == out.rows.end() ? std::numeric_limits<Inode>::max() : root->second.version + 1;
    Statement select(connection, std::string(store::kSelectAll) + " WHERE inode=?");
    Statement select_name(connection, "SELECT name FROM tree WHERE inode=?");
    Inode last_found = from;
    for (Inode inode = from; inode < to && inode - last_found <= kMostInVain; ++inode) {
        if (!out.rows.contains(inode)) read_one(select, select_name, inode, out);
        if (out.rows.contains(inode)) last_found = inode;
    }
    return out;
}

}  // namespace cfs::check
