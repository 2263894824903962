// The database of a node, read as any program can: the daemon may be using it.
#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>

#include "conformance/store/store_nodes.hpp"

namespace lab {
namespace {

// The type of row 0 tells whether it was written last by an operation or by a sync, as in pmxcfs.
constexpr const char* all_rows =
    "SELECT inode||' '||parent||' '||version||' '||writer||' '||mtime||' '||iif(inode=0,'root',type)||' '||name||' '"
    "||quote(data) FROM tree ORDER BY inode";

[[noreturn]] void fail(const std::filesystem::path& file, sqlite3* database) {
    throw LabError(fmt::format("cannot read {}: {}", file.string(), ::sqlite3_errmsg(database)));
}

}  // namespace

std::string StoreNodes::rows(unsigned node) const {
    const auto file = database(node);
    sqlite3* opened = nullptr;
    const int error = ::sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, decltype(&::sqlite3_close)> connection(opened, ::sqlite3_close);
    sqlite3_stmt* prepared = nullptr;
    if (error != SQLITE_OK || ::sqlite3_prepare_v2(opened, all_rows, -1, &prepared, nullptr) != SQLITE_OK)
        fail(file, opened);
    const std::unique_ptr<sqlite3_stmt, decltype(&::sqlite3_finalize)> statement(prepared, ::sqlite3_finalize);
    std::string text;
    int step = SQLITE_ROW;
    while ((step = ::sqlite3_step(prepared)) == SQLITE_ROW) {
        const auto* row = reinterpret_cast<const char*>(::sqlite3_column_text(prepared, 0));
        text += fmt::format("{}\n", row ? row : "NULL");
    }
    if (step != SQLITE_DONE) fail(file, opened);
    return text;
}

}  // namespace lab
