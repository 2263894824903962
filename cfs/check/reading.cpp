#include "cfs/check/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <utility>

#include "cfs/store/database.hpp"

namespace cfs::check {

namespace {

using store::SqliteError;
using store::Statement;

// So often the file is asked; a file that is damaged in more places is not worth more time.
constexpr int kMostQuestions = 200'000;
// Beyond the highest number that was read, where row 0 can't say where inodes end.
constexpr Inode kFartherOn = 1'000'000;

struct Range {
    Inode from = 0;
    Inode to = 0;  // not in it
};

// Divides what can't be read at once, from both ends, until single inodes are left: the rows of a page that is gone.
class Reader {
public:
    Reader(store::Connection& connection, Reading& out)
        : out_(out),
          forward_(connection, std::string(store::kSelectAll) + " WHERE inode>=? AND inode<? ORDER BY inode"),
          backward_(connection, std::string(store::kSelectAll) + " WHERE inode>=? AND inode<? ORDER BY inode DESC"),
          name_(connection, "SELECT name FROM tree WHERE inode=?") {}

    void read(const Range& all) {
        // The widest first, so that what is readable is found before the questions are used up.
        std::deque<Range> open{all};
        for (int asked = 0; !open.empty() && asked < kMostQuestions; ++asked) {
            const Range range = open.front();
            open.pop_front();
            const Range rest = unread(range);
            if (rest.from >= rest.to) continue;
            out_.whole = false;
            if (rest.to - rest.from == 1) {
                note_lost(rest.from);
                continue;
            }
            const Inode middle = rest.from + (rest.to - rest.from) / 2;
            open.push_back({rest.from, middle});
            open.push_back({middle, rest.to});
        }
    }

private:
    // Reads from both ends; what is left between them.
    Range unread(const Range& range) {
        Range rest = range;
        if (read_on(forward_, range, [&](Inode inode) { rest.from = inode + 1; })) return {};
        (void)read_on(backward_, rest, [&](Inode inode) { rest.to = inode; });
        return rest;
    }

    // True when it got to the end.
    template <typename Note>
    bool read_on(Statement& select, const Range& range, Note note) {
        try {
            select.bind(1, range.from).bind(2, range.to);
            while (select.step()) {
                RawRow row = store::row_of(select);
                note(row.inode);
                out_.rows[row.inode] = std::move(row);
            }
            select.reset();
            return true;
        } catch (const SqliteError& error) {
            select.reset();
            if (!error.is_damage()) throw;
            return false;
        }
    }

    // Sometimes the name can be read where the content can't.
    void note_lost(Inode inode) {
        try {
            name_.bind(1, inode);
            if (name_.step()) {
                out_.lost.push_back(fmt::format("content of inode {:016X} ('{}') can't be read", inode, name_.text(0)));
            }
        } catch (const SqliteError& error) {
            if (!error.is_damage()) throw;
        }
        name_.reset();
    }

    Reading& out_;
    Statement forward_;
    Statement backward_;
    Statement name_;
};

// All rows as one; false, with those before it, for a page that can't be read.
bool read_simply(store::Connection& connection, const char* order, Rows& rows) {
    try {
        Statement select(connection, std::string(store::kSelectAll) + order);
        while (select.step()) {
            RawRow row = store::row_of(select);
            rows[row.inode] = std::move(row);
        }
        return true;
    } catch (const SqliteError& error) {
        if (!error.is_damage()) throw;
        return false;
    }
}

Inode end_of(const Rows& rows) {
    Inode end = 0;
    for (const auto& [inode, row] : rows)
        end = std::max({end, inode, row.version});
    if (!rows.contains(kRootInode)) end += kFartherOn;
    // Numbers that no database has come from damage; SQLite's inodes are below 2^63.
    return std::min(end, static_cast<Inode>(std::numeric_limits<std::int64_t>::max()) - 1) + 1;
}

}  // namespace

Reading read_rows(store::Connection& connection) {
    Reading out;
    if (read_simply(connection, " ORDER BY inode", out.rows)) return out;
    out.whole = false;
    (void)read_simply(connection, " ORDER BY inode DESC", out.rows);
    Reader(connection, out).read({0, end_of(out.rows)});
    return out;
}

}  // namespace cfs::check
