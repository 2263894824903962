// Sizes: changed without writing, and the largest there is.

#include <unistd.h>

#include <cerrno>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

void down_and_up(Place& at) {
    put(at / "file", "0123456789");
    at.error("truncate down", cut(at / "file", 4), 0);
    at.content("shorter", get(at / "file"), "0123");
    at.error("truncate up", cut(at / "file", 8), 0);
    at.content("zeros behind", get(at / "file"), std::string("0123") + std::string(4, '\0'));
    at.error("truncate to the same size", cut(at / "file", 8), 0);
    const auto file = open(at / "file", O_RDWR);
    at.error("ftruncate down", errno_of(::ftruncate(file.get(), 2)), 0);
    at.error("ftruncate up", errno_of(::ftruncate(file.get(), 9000)), 0);
    at.content("zeros behind that", get(file), "01" + std::string(8998, '\0'));
    at.equal("st_size", stat_of(file).st_size, 9000);
}

// What a real pmxcfs of the time does not survive.
void of_an_empty_file(Place& at) {
    put(at / "file", "");
    at.error("truncate up", cut(at / "file", 5000), 0);
    at.content("zeros", get(at / "file"), std::string(5000, '\0'));
    at.error("truncate to nothing", cut(at / "file", 0), 0);
    at.content("empty", get(at / "file"), "");
    at.error("and up again", cut(at / "file", 3), 0);
    at.content("zeros again", get(at / "file"), std::string(3, '\0'));
}

void refused(Place& at) {
    put(at / "file", "content");
    at.error("to less than nothing", cut(at / "file", -1), EINVAL);
    at.error("of a directory", cut(at.directory(), 0), EISDIR);
    at.error("of a missing file", cut(at / "nothing", 0), ENOENT);
    at.error("below a file", cut(at / "file/file", 0), ENOTDIR);
    at.content("untouched", get(at / "file"), "content");
}

void seen_by_readers(Place& at) {
    put(at / "file", "0123456789");
    const auto reader = open(at / "file", O_RDONLY);
    ::lseek(reader.get(), 6, SEEK_SET);
    at.error("truncate", cut(at / "file", 5), 0);
    char byte = 0;
    at.equal("read behind the new end", ::read(reader.get(), &byte, 1), 0);
    at.equal("fstat", stat_of(reader).st_size, 5);
}

void largest(Place& at) {
    const auto limit = static_cast<off_t>(at.store().largest);
    const std::string content = pattern(at.store().largest);
    at.error("as large as possible", put(at / "file", content), 0);
    const auto file = open(at / "file", O_RDWR), appending = open(at / "file", O_WRONLY | O_APPEND);
    at.error("pwrite of one byte more", errno_of(::pwrite(file.get(), "x", 1, limit)), EFBIG);
    at.error("pwrite across the limit", errno_of(::pwrite(file.get(), "xy", 2, limit - 1)), EFBIG);
    at.error("append of one byte", errno_of(::write(appending.get(), "x", 1)), EFBIG);
    at.error("pwrite far behind", errno_of(::pwrite(file.get(), "x", 1, off_t{1} << 40)), EFBIG);
    at.error("pwrite at 2^32 + 5", errno_of(::pwrite(file.get(), "x", 1, (off_t{1} << 32) + 5)), EFBIG);
    at.error("truncate to one byte more", cut(at / "file", limit + 1), EFBIG);
    at.error("truncate to 2^32 + 5", cut(at / "file", (off_t{1} << 32) + 5), EFBIG);
    at.content("the content is kept", get(file), content);
    at.equal("so is st_size", stat_of(at / "file").st_size, limit);
    at.error("pwrite of the last byte", errno_of(::pwrite(file.get(), "x", 1, limit - 1)), 0);
    at.error("truncate of an empty file to the limit", put(at / "empty", "") | cut(at / "empty", limit), 0);
    at.error("truncate of an empty file above it", put(at / "empty", "") | cut(at / "empty", limit + 1), EFBIG);
    at.error("a new file of one byte more", put(at / "larger", content + "x"), EFBIG);
}

constexpr Check kChecks[] = {
    {"truncate/down-and-up", down_and_up}, {"truncate/of-an-empty-file", of_an_empty_file},
    {"truncate/refused", refused},         {"truncate/seen-by-readers", seen_by_readers},
    {"truncate/largest", largest},
};

}  // namespace

Checks truncate_checks() {
    return kChecks;
}

}  // namespace posix
