// A store that is full: of entries, and of bytes.

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

constexpr unsigned kThreads = 16;

struct statvfs room(const Place& at) {
    struct statvfs out {};
    ::statvfs(at.directory().c_str(), &out);
    return out;
}

// Everybody makes files, in a directory of their own, until there is an error, which has to be the same for all.
// Returns how many there were room for.
unsigned fill(Place& at, const std::function<int(const std::string&)>& make) {
    for (unsigned thread = 0; thread < kThreads; ++thread)
        make_directory(at / std::to_string(thread));
    std::atomic<unsigned> made = 0;
    in_threads(kThreads, [&](unsigned thread) {
        int error = 0;
        for (unsigned i = 0; (error = make(at / fmt::format("{}/{}", thread, i))) == 0; ++i)
            ++made;
        at.error("the error of a full store", error, ENOSPC);
    });
    return made;
}

void entries(Place& at) {
    put(at / "before", "content");
    const auto free = room(at).f_ffree;
    const unsigned made = fill(at, [](const std::string& path) { return open_error(path, O_RDWR | O_CREAT | O_EXCL); });
    at.equal("files until it is full", made, static_cast<unsigned>(free) - kThreads);
    at.equal("none is free", room(at).f_ffree, 0);
    at.error("a directory", make_directory(at / "directory"), ENOSPC);
    at.error("a file that is there", put(at / "before", "changed"), 0);
    at.error("a rename", move(at / "0/0", at / "renamed"), 0);
    at.error("a rename over a file", move(at / "renamed", at / "1/0"), 0);
    at.error("then there is room for one", make_directory(at / "directory"), 0);
    at.error("and not for two", open_error(at / "file", O_RDWR | O_CREAT), ENOSPC);
    std::atomic<unsigned> listed = 0;
    in_threads(kThreads, [&](unsigned thread) {
        const std::string directory = at / std::to_string(thread);
        for (const auto& each : names(directory)) {
            ++listed;
            at.error("a removal", remove(directory + "/" + each), 0);
        }
    });
    at.equal("what was listed", listed.load(), made - 1);
    at.equal("all are free again", room(at).f_ffree, free - kThreads - 1);
}

void bytes(Place& at) {
    const std::string content = pattern(at.store().largest);
    fill(at, [&](const std::string& path) { return put(path, content); });
    at.is_true("there is no room for another one", room(at).f_bavail * room(at).f_bsize < content.size());
    for (unsigned thread = 0; thread < kThreads; ++thread) {
        const std::string directory = at / std::to_string(thread);
        for (const auto& each : names(directory)) {
            // A file that did not fit is there, and empty.
            const std::string got = get(directory + "/" + each);
            if (!got.empty()) at.content("content", got, content);
        }
    }
    put(at / "file", "");
    at.error("growing a file by truncate", cut(at / "file", static_cast<off_t>(content.size())), ENOSPC);
    at.error("a file that is there", write_at(open(at / "0/0", O_WRONLY), "changed", 0), 0);
    // In a cluster what was under way when it became full came on top: one removal need not be enough.
    for (unsigned thread = 0; thread < kThreads; ++thread)
        at.error("a removal", remove(at / fmt::format("{}/0", thread)), 0);
    remove(at / "0/1");
    at.error("makes room", put(at / "file", content), 0);
}

constexpr Check kChecks[] = {
    {"limit/entries", entries, true},
    {"limit/bytes", bytes, true},
};

}  // namespace

Checks limit_checks() {
    return kChecks;
}

}  // namespace posix
