// Files that are open while their names go, and locks on open files.

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

void removed(Place& at) {
    put(at / "file", "content");
    const auto file = open(at / "file", O_RDWR);
    at.error("unlink", remove(at / "file"), 0);
    at.is_true("no name is left, not even a hidden one", names(at.directory()).empty());
    at.content("content", get(file), "content");
    at.equal("links", stat_of(file).st_nlink, 0);
    at.error("a write", write_at(file, "more", 7), 0);
    at.content("with it", get(file), "contentmore");
    at.error("a truncation", errno_of(::ftruncate(file.get(), 3)), 0);
    at.content("after it", get(file), "con");
    at.equal("st_size", stat_of(file).st_size, 3);
    at.error("beyond the limit", errno_of(::pwrite(file.get(), "x", 1, static_cast<off_t>(at.store().largest))), EFBIG);
    at.error("fsync", errno_of(::fsync(file.get())), 0);
    at.error("a new file of that name", put(at / "file", "new"), 0);
    at.content("is another one", get(at / "file") + get(file), "newcon");
}

void removed_by_another_process(Place& at) {
    put(at / "file", "content");
    const auto file = open(at / "file", O_RDWR), second = open(at / "file", O_RDONLY);
    at.error("unlink in a child", in_process([&] { return remove(at / "file"); }), 0);
    at.content("content", get(file), "content");
    at.error("a write", write_at(file, "C", 0), 0);
    at.content("seen by who has it open, too", get(second), "Content");
}

void replaced_again_and_again(Place& at) {
    std::vector<int> files;
    for (int i = 0; i < 50; ++i) {
        put(at / "new", fmt::format("content {}", i));
        at.error("rename", move(at / "new", at / "file"), 0);
        files.push_back(::open((at / "file").c_str(), O_RDONLY | O_CLOEXEC));
    }
    for (int i = 0; i < 50; ++i)
        at.content("each has its own", get(FileDescriptor(files[static_cast<std::size_t>(i)])),
                   fmt::format("content {}", i));
}

void moved(Place& at) {
    make_directory(at / "directory");
    put(at / "file", "content");
    const auto file = open(at / "file", O_RDWR);
    at.error("rename", move(at / "file", at / "directory/other"), 0);
    at.error("a write", write_at(file, "C", 0), 0);
    at.content("is seen where it is now", get(at / "directory/other"), "Content");
}

void position_is_shared(Place& at) {
    const auto file = open(at / "file", O_RDWR | O_CREAT);
    const FileDescriptor copy(::dup(file.get()));
    at.error("write", append(file, "one "), 0);
    at.error("write in a child", in_process([&] { return append(file, "two "); }), 0);
    at.error("write through a duplicate", append(copy, "three"), 0);
    at.content("all", get(file), "one two three");
}

// What a child gets when it tries to lock while we hold a lock.
int try_flock(const std::string& path, int how) {
    return in_process([&] {
        const auto file = open(path, O_RDWR);
        return errno_of(::flock(file.get(), how | LOCK_NB));
    });
}

int try_record_lock(const std::string& path, short type, off_t start) {
    return in_process([&] {
        const auto file = open(path, O_RDWR);
        struct flock range = {type, SEEK_SET, start, 10, 0};
        return errno_of(::fcntl(file.get(), F_SETLK, &range));
    });
}

void whole_file_locks(Place& at) {
    put(at / "file", "");
    {
        const auto file = open(at / "file", O_RDWR);
        at.error("flock", errno_of(::flock(file.get(), LOCK_EX | LOCK_NB)), 0);
        at.error("of somebody else", try_flock(at / "file", LOCK_EX), EWOULDBLOCK);
        at.error("to share it", errno_of(::flock(file.get(), LOCK_SH | LOCK_NB)), 0);
        at.error("sharing", try_flock(at / "file", LOCK_SH), 0);
        at.error("not sharing", try_flock(at / "file", LOCK_EX), EWOULDBLOCK);
    }
    at.error("after it was closed", try_flock(at / "file", LOCK_EX), 0);
}

void record_locks(Place& at) {
    put(at / "file", pattern(100));
    const auto file = open(at / "file", O_RDWR);
    struct flock range = {F_WRLCK, SEEK_SET, 10, 10, 0};
    at.error("F_SETLK", errno_of(::fcntl(file.get(), F_SETLK, &range)), 0);
    at.error("the same for somebody else", try_record_lock(at / "file", F_RDLCK, 15), EAGAIN);
    at.error("another range", try_record_lock(at / "file", F_WRLCK, 20), 0);
    range.l_type = F_UNLCK;
    at.error("unlock", errno_of(::fcntl(file.get(), F_SETLK, &range)), 0);
    at.error("the same again", try_record_lock(at / "file", F_WRLCK, 15), 0);
}

constexpr Check kChecks[] = {
    {"open-file/removed", removed},
    {"open-file/removed-by-another-process", removed_by_another_process},
    {"open-file/replaced-again-and-again", replaced_again_and_again},
    {"open-file/moved", moved},
    {"open-file/position-is-shared", position_is_shared},
    {"open-file/whole-file-locks", whole_file_locks},
    {"open-file/record-locks", record_locks},
};

}  // namespace

Checks open_file_checks() {
    return kChecks;
}

}  // namespace posix
