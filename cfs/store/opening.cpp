#include "cfs/store/opening.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace cfs::store {

namespace {

// What keeps a file from being used, with what helps.
struct Refusal {
    std::string text;
    std::string remedy;
};

Loaded load(Connection& connection, const Options& options) {
    Loader loader(options.settings);
    std::optional<Failure> failure;
    try {
        Statement select(connection, kSelectAll);
        while (!failure && select.step())
            failure = loader.add(row_of(select));
    } catch (const SqliteError&) {
        throw SqliteError(fmt::format("select returned error: {}", sqlite3_errmsg(connection.get())), SQLITE_CORRUPT);
    }
    if (!failure) {
        Or<Loaded> loaded = loader.finish(options.local_time);
        if (loaded) return std::move(*loaded);
        failure = Failure{loaded.text()};
    }
    throw Refusal{failure->text,
                  fmt::format("'cfs-check {}' lists all that is wrong, and with --repair mends it", options.path)};
}

void refuse_damaged(Connection& connection, const std::string& path) {
    const auto found = damage(connection, path);
    if (found.empty()) return;
    throw SqliteError(fmt::format("database '{}' is damaged: {}", path, found.front()), SQLITE_CORRUPT);
}

OpenedFile open_checked(const Options& options) {
    struct stat before {};
    const bool created = ::stat(options.path.c_str(), &before) != 0 && errno == ENOENT;
    auto owned = std::make_unique<Connection>(options.path, Connection::Mode::create);
    Connection& connection = *owned;
    // Before anything is written: the file may be somebody else's.
    refuse_foreign(connection, options.path);
    refuse_damaged(connection, options.path);
    if (::chmod(options.path.c_str(), 0600) != 0) {
        throw SqliteError(fmt::format("chmod failed: {}", std::strerror(errno)), SQLITE_IOERR);
    }
    set_durable_wal(connection);
    create_table(connection);
    Loaded loaded = load(connection, options);
    OpenedFile out{LogFile(std::move(owned), options.log_pages), std::move(loaded.tree), created};
    Batch first;
    first.add(loaded.first);
    out.log.commit(first);
    return out;
}

Failure refused(const std::string& path, const Refusal& refusal, Events& events) {
    events.push_back({Severity::critical, refusal.text});
    events.push_back({Severity::critical, "DB load failed"});
    if (!refusal.remedy.empty()) events.push_back({Severity::critical, refusal.remedy});
    return {fmt::format("unable to open database '{}': {}", path, refusal.text)};
}

}  // namespace

Or<OpenedFile> open_file(const Options& options, Events& events) {
    try {
        return open_checked(options);
    } catch (const Refusal& refusal) {
        return refused(options.path, refusal, events);
    } catch (const SqliteError& error) {
        std::string remedy;
        if (error.code() == SQLITE_CORRUPT) {
            remedy = fmt::format("'cfs-check --salvage NEWFILE {}' saves what can still be read", options.path);
        }
        return refused(options.path, {error.what(), remedy}, events);
    }
}

}  // namespace cfs::store
