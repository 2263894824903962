#include "cfs/check/check.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "cfs/check/reading.hpp"
#include "cfs/store/backup.hpp"
#include "cfs/store/database.hpp"

namespace cfs::check {

namespace {

using store::Connection;

// The daemons' lock beside the database (pmxcfs.md 1.3, 7), held while we write. A folder without one has no daemon.
class DaemonLock {
public:
    explicit DaemonLock(const std::string& database) {
        const auto path = std::filesystem::path(database).parent_path() / ".pmxcfs.lockfile";
        file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (file_ < 0) return;
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) taken_ = true;
    }
    ~DaemonLock() {
        if (file_ >= 0) ::close(file_);
    }
    DaemonLock(const DaemonLock&) = delete;
    DaemonLock& operator=(const DaemonLock&) = delete;
    bool taken_by_another() const { return taken_; }

private:
    int file_ = -1;
    bool taken_ = false;
};

struct Examined {
    Reading reading;
    Plan plan;
    bool file_damaged = false;
};

Examined examine_file(Connection& connection, const std::string& path, const Say& say) {
    Examined out;
    store::refuse_foreign(connection, path);
    for (const std::string& text : store::damage(connection, path)) {
        say("file: " + text);
        out.file_damaged = true;
    }
    {
        store::Statement table(connection, "SELECT 1 FROM sqlite_master WHERE type='table' AND name='tree'");
        if (!table.step()) return out;  // an empty database is one that never was used
    }
    out.reading = read_rows(connection);
    out.file_damaged |= !out.reading.whole || !out.reading.lost.empty();
    for (const std::string& text : out.reading.lost)
        say("file: " + text);
    out.plan = examine(out.reading.rows);
    return out;
}

void tell(const Plan& plan, const Say& say) {
    for (const Finding& finding : plan.findings)
        say(fmt::format("row: {}; {}", finding.text, finding.remedy));
}

void tell_size(const Rows& rows, const Say& say) {
    std::uint64_t bytes = 0;
    std::uint64_t version = 0;
    for (const auto& [inode, row] : rows) {
        if (inode == kRootInode) version = row.version;
        if (row.content) bytes += row.content->size();
    }
    say(fmt::format("version {}, {} rows, {} bytes in files", version, rows.size(), bytes));
}

void carry_out(Connection& connection, const Plan& plan) {
    connection.execute("PRAGMA synchronous=FULL", "unable to set synchronous mode");
    connection.execute("BEGIN IMMEDIATE TRANSACTION", "begin transaction failed");
    store::RowWriter writer(connection);
    for (const RawRow& row : plan.put)
        writer.put_raw(row);
    for (const Inode inode : plan.remove)
        writer.remove(inode);
    connection.execute("COMMIT TRANSACTION", "commit transaction failed");
}

void write_new(const std::string& to, const Rows& rows) {
    Connection connection(to, Connection::Mode::existing);
    store::create_table(connection);
    Plan all;
    for (const auto& [inode, row] : rows)
        all.put.push_back(row);
    carry_out(connection, all);
}

Result guarded(const Say& say, const std::function<Result()>& work) {
    try {
        return work();
    } catch (const std::exception& error) {
        say(error.what());
        return Result::failed;
    }
}

std::string backup_name(const std::string& path) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    return fmt::format("{}.backup-{:%Y%m%d-%H%M%S}", path, local);
}

}  // namespace

Result check(const std::string& path, const Say& say) {
    return guarded(say, [&] {
        Connection connection(path, Connection::Mode::existing);
        const Examined examined = examine_file(connection, path, say);
        tell(examined.plan, say);
        tell_size(examined.reading.rows, say);
        return examined.file_damaged || !examined.plan.nothing() ? Result::problems : Result::good;
    });
}

Result repair(const std::string& path, const std::string& backup, const Say& say) {
    return guarded(say, [&] {
        const DaemonLock lock(path);
        if (lock.taken_by_another()) {
            say(fmt::format("'{}' is in use: stop the daemon first", path));
            return Result::failed;
        }
        Connection connection(path, Connection::Mode::existing);
        const Examined examined = examine_file(connection, path, say);
        if (examined.file_damaged) {
            say("the file itself is damaged: use --salvage");
            return Result::failed;
        }
        tell(examined.plan, say);
        if (examined.plan.nothing()) {
            say("nothing to repair");
            return Result::good;
        }
        const std::string copy = backup.empty() ? backup_name(path) : backup;
        if (const auto failure = store::copy_database(path, copy)) {
            say(failure->text);
            return Result::failed;
        }
        say(fmt::format("copied to '{}'", copy));
        carry_out(connection, examined.plan);
        tell_size(carried_out(examined.reading.rows, examined.plan), say);
        say("repaired");
        return Result::good;
    });
}

Result salvage(const std::string& path, const std::string& to, const Say& say) {
    return guarded(say, [&] {
        Connection connection(path, Connection::Mode::existing);
        const Examined examined = examine_file(connection, path, say);
        tell(examined.plan, say);
        const Rows rows = carried_out(examined.reading.rows, examined.plan);
        if (rows.empty()) {
            say("no row can be read");
            return Result::failed;
        }
        const int made = ::open(to.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
        if (made < 0) {
            say(fmt::format("Failed to create file '{}': {}", to, std::strerror(errno)));
            return Result::failed;
        }
        ::close(made);
        write_new(to, rows);
        tell_size(rows, say);
        say(fmt::format("saved to '{}'", to));
        return Result::good;
    });
}

}  // namespace cfs::check
