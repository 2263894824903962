// rename() in all its cases. Directories that are not empty can't be renamed: pmxcfs has no such operation.

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

void to_a_free_name(Place& at) {
    put(at / "from", "content");
    make_directory(at / "directory");
    const auto inode = stat_of(at / "from").st_ino;
    at.error("in one directory", move(at / "from", at / "to"), 0);
    at.is_true("the old name is gone", !exists(at / "from"));
    at.error("to another directory", move(at / "to", at / "directory/to"), 0);
    at.content("the content", get(at / "directory/to"), "content");
    at.equal("the inode", stat_of(at / "directory/to").st_ino, inode);
    at.error("of an empty directory", move(at / "directory/to", at / "to") | move(at / "directory", at / "moved"), 0);
    at.error("of one with a slash behind", move(at / "moved/", at / "again/"), 0);
    at.is_true("what is there", names(at.directory()) == std::vector<std::string>{"again", "to"});
}

void over_a_file(Place& at) {
    put(at / "old", "old");
    put(at / "new", "new");
    const auto inode = stat_of(at / "new").st_ino;
    at.error("rename", move(at / "new", at / "old"), 0);
    at.content("content", get(at / "old"), "new");
    at.equal("inode", stat_of(at / "old").st_ino, inode);
    at.is_true("one name", names(at.directory()) == std::vector<std::string>{"old"});
}

void over_open_file(Place& at) {
    put(at / "file", "old");
    put(at / "new", "new");
    const auto replaced = open(at / "file", O_RDWR), moved = open(at / "new", O_RDWR);
    at.error("rename", move(at / "new", at / "file"), 0);
    at.content("who has it open sees the old one", get(replaced), "old");
    at.content("who opens it sees the new one", get(at / "file"), "new");
    at.error("writing to the old one", write_at(replaced, "gone", 0), 0);
    at.error("writing to the moved one", write_at(moved, "newer", 0), 0);
    at.content("the file is the moved one", get(at / "file"), "newer");
    at.is_true("no hidden name", names(at.directory()) == std::vector<std::string>{"file"});
}

void over_a_directory(Place& at) {
    for (const char* const name : {"empty", "other", "full", "full/below"})
        make_directory(at / name);
    put(at / "file", "");
    at.error("file over a directory", move(at / "file", at / "empty"), EISDIR);
    at.error("directory over a file", move(at / "empty", at / "file"), ENOTDIR);
    at.error("directory over a full one", move(at / "empty", at / "full"), ENOTEMPTY);
    at.error("directory over what is above it", move(at / "full/below", at / "full"), ENOTEMPTY);
    at.error("directory over an empty one", move(at / "empty", at / "other"), 0);
    at.is_true("what is there", names(at.directory()) == std::vector<std::string>{"file", "full", "other"});
}

void of_a_full_directory(Place& at) {
    make_directory(at / "full");
    make_directory(at / "empty");
    put(at / "full/file", "content");
    at.error("to a free name", move(at / "full", at / "new"), ENOTEMPTY);
    at.error("over an empty directory", move(at / "full", at / "empty"), ENOTEMPTY);
    at.is_true("nothing has changed", names(at.directory()) == std::vector<std::string>{"empty", "full"});
    at.content("nor below", get(at / "full/file"), "content");
}

void into_itself(Place& at) {
    make_directory(at / "directory");
    put(at / "file", "content");
    const auto before = stat_of(at / "file");
    at.error("a directory into itself", move(at / "directory", at / "directory/below"), EINVAL);
    at.error("a file onto itself", move(at / "file", at / "file"), 0);
    at.error("a directory onto itself", move(at / "directory", at / "directory"), 0);
    at.content("the file", get(at / "file"), "content");
    at.equal("its inode", stat_of(at / "file").st_ino, before.st_ino);
}

void refused(Place& at) {
    put(at / "file", "content");
    make_directory(at / "directory");
    at.error("of nothing", move(at / "nothing", at / "new"), ENOENT);
    at.error("to below nothing", move(at / "file", at / "nothing/new"), ENOENT);
    at.error("to below a file", move(at / "directory", at / "file/new"), ENOTDIR);
    at.error("from below a file", move(at / "file/file", at / "new"), ENOTDIR);
    at.error("of a file to the name of a directory", move(at / "file", at / "new/"), ENOTDIR);
    at.error("to another file system", move(at / "file", "/proc/file"), EXDEV);
    at.content("it is where it was", get(at / "file"), "content");
}

// No message says them to the other nodes.
void with_flags(Place& at) {
    put(at / "one", "1");
    put(at / "two", "2");
    const auto rename = [&](const char* from, const char* to, unsigned flags) {
        return errno_of(::renameat2(AT_FDCWD, (at / from).c_str(), AT_FDCWD, (at / to).c_str(), flags));
    };
    at.error("RENAME_NOREPLACE to a free name", rename("one", "free", RENAME_NOREPLACE), EINVAL);
    at.error("RENAME_NOREPLACE over a file", rename("one", "two", RENAME_NOREPLACE), EEXIST);
    at.error("RENAME_EXCHANGE", rename("one", "two", RENAME_EXCHANGE), EINVAL);
    at.error("RENAME_WHITEOUT", rename("one", "two", RENAME_WHITEOUT), EINVAL);
    at.content("nothing has changed", get(at / "one") + get(at / "two"), "12");
}

constexpr Check kChecks[] = {
    {"rename/to-a-free-name", to_a_free_name},
    {"rename/over-a-file", over_a_file},
    {"rename/over-open-file", over_open_file},
    {"rename/over-a-directory", over_a_directory},
    {"rename/of-a-full-directory", of_a_full_directory},
    {"rename/into-itself", into_itself},
    {"rename/refused", refused},
    {"rename/with-flags", with_flags},
};

}  // namespace

Checks rename_checks() {
    return kChecks;
}

}  // namespace posix
