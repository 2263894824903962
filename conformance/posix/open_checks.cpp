// What the flags of open() do.

#include <unistd.h>

#include <cerrno>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

void exclusive(Place& at) {
    at.error("O_CREAT | O_EXCL of a new file", open_error(at / "file", O_RDWR | O_CREAT | O_EXCL), 0);
    at.error("of one that is there", open_error(at / "file", O_RDWR | O_CREAT | O_EXCL), EEXIST);
    at.error("of a directory", open_error(at.directory(), O_RDWR | O_CREAT | O_EXCL), EEXIST);
}

void existing(Place& at) {
    put(at / "file", "content");
    at.error("O_CREAT of a file that is there", open_error(at / "file", O_RDWR | O_CREAT), 0);
    at.content("it keeps its content", get(at / "file"), "content");
    at.error("O_CREAT of a directory", open_error(at.directory(), O_RDONLY | O_CREAT), EISDIR);
}

void truncating(Place& at) {
    put(at / "file", "content");
    at.error("O_TRUNC", open_error(at / "file", O_WRONLY | O_TRUNC), 0);
    at.content("it is empty", get(at / "file"), "");
    at.equal("its size", stat_of(at / "file").st_size, 0);
    at.error("O_CREAT | O_TRUNC of a new file", open_error(at / "other", O_WRONLY | O_CREAT | O_TRUNC), 0);
    put(at / "file", "again");
    at.error("O_CREAT | O_TRUNC of an existing one", open_error(at / "file", O_RDWR | O_CREAT | O_TRUNC), 0);
    at.content("it is empty, too", get(at / "file"), "");
}

void appending(Place& at) {
    put(at / "file", "start ");
    const auto file = open(at / "file", O_RDWR | O_APPEND);
    at.error("append", append(file, "one "), 0);
    ::lseek(file.get(), 0, SEEK_SET);
    at.error("append after lseek", append(file, "two "), 0);
    at.error("append by somebody else", append(open(at / "file", O_WRONLY | O_APPEND), "three "), 0);
    at.error("append behind that", append(file, "four"), 0);
    at.content("all of it", get(at / "file"), "start one two three four");
}

void missing(Place& at) {
    put(at / "file", "");
    at.error("of a missing file", open_error(at / "nothing", O_RDONLY), ENOENT);
    at.error("below a missing directory", open_error(at / "nothing/file", O_RDWR | O_CREAT), ENOENT);
    at.error("below a file", open_error(at / "file/file", O_RDWR | O_CREAT), ENOTDIR);
    at.error("of a file as of a directory", open_error(at / "file/", O_RDONLY), ENOTDIR);
    at.error("making a file with a slash behind", open_error(at / "new/", O_RDWR | O_CREAT), EISDIR);
    at.error("of the empty path", open_error("", O_RDONLY), ENOENT);
}

void directory(Place& at) {
    put(at / "file", "");
    at.error("O_DIRECTORY of a directory", open_error(at.directory(), O_RDONLY | O_DIRECTORY), 0);
    at.error("O_DIRECTORY of a file", open_error(at / "file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    at.error("directory for writing", open_error(at.directory(), O_WRONLY), EISDIR);
    at.error("directory for both", open_error(at.directory(), O_RDWR), EISDIR);
    const auto opened = open(at.directory(), O_RDONLY);
    char byte = 0;
    at.error("read of a directory", errno_of(::read(opened.get(), &byte, 1)), EISDIR);
    at.error("openat below it", errno_of(::faccessat(opened.get(), "file", R_OK, 0)), 0);
}

void no_follow(Place& at) {
    put(at / "file", "");
    at.error("O_NOFOLLOW of a file", open_error(at / "file", O_RDONLY | O_NOFOLLOW), 0);
    at.error("O_NOFOLLOW of a link", open_error(at.root("local"), O_RDONLY | O_NOFOLLOW), ELOOP);
    at.error("O_PATH | O_NOFOLLOW of a link", open_error(at.root("local"), O_PATH | O_NOFOLLOW), 0);
    at.error("O_CREAT | O_EXCL of a link", open_error(at.root("local"), O_RDWR | O_CREAT | O_EXCL), EEXIST);
}

void access_modes(Place& at) {
    put(at / "file", "content");
    char byte = 'x';
    const auto reading = open(at / "file", O_RDONLY), writing = open(at / "file", O_WRONLY);
    at.error("write to what is open for reading", errno_of(::write(reading.get(), &byte, 1)), EBADF);
    at.error("truncation of it", errno_of(::ftruncate(reading.get(), 1)), EINVAL);
    at.error("read of what is open for writing", errno_of(::read(writing.get(), &byte, 1)), EBADF);
    at.content("it is untouched", get(at / "file"), "content");
}

void many(Place& at) {
    put(at / "file", "content");
    std::vector<int> files;
    for (int i = 0; i < 300; ++i)
        files.push_back(::open((at / "file").c_str(), O_RDWR | O_CLOEXEC));
    for (const int each : files) {
        char byte = 0;
        at.equal("bytes read", ::pread(each, &byte, 1, 6), 1);
        at.equal("the byte", byte, 't');
        ::close(each);
    }
}

constexpr Check kChecks[] = {
    {"open/exclusive", exclusive}, {"open/existing", existing},   {"open/truncating", truncating},
    {"open/appending", appending}, {"open/missing", missing},     {"open/directory", directory},
    {"open/no-follow", no_follow}, {"open/access", access_modes}, {"open/many", many},
};

}  // namespace

Checks open_checks() {
    return kChecks;
}

}  // namespace posix
