#include "cfs/store/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cfs/store/sqlite.hpp"

namespace cfs::store {

namespace {

struct Finish {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

void copy_pages(const std::string& from, const std::string& to) {
    Connection source(from, Connection::Mode::existing);
    Connection target(to, Connection::Mode::existing);
    const std::unique_ptr<sqlite3_backup, Finish> backup(
        sqlite3_backup_init(target.get(), "main", source.get(), "main"));
    if (!backup) target.fail("backup failed", SQLITE_ERROR);
    // In one step: a reader of a database in WAL mode holds nobody up and sees one state.
    const int result = sqlite3_backup_step(backup.get(), -1);
    if (result != SQLITE_DONE) {
        throw SqliteError(fmt::format("backup failed: {}", sqlite3_errstr(result)), result & 0xff);
    }
}

}  // namespace

std::optional<Failure> copy_database(const std::string& from, const std::string& to) {
    const int made = ::open(to.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (made < 0) return Failure{fmt::format("Failed to create file '{}': {}", to, std::strerror(errno))};
    ::close(made);
    try {
        copy_pages(from, to);
        return std::nullopt;
    } catch (const SqliteError& error) {
        ::unlink(to.c_str());
        return Failure{fmt::format("unable to copy '{}' to '{}': {}", from, to, error.what())};
    }
}

}  // namespace cfs::store
