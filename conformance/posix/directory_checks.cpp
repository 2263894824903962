// Directories: made, removed, listed, deep and full.

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <thread>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

struct CloseDirectory {
    void operator()(DIR* list) const { ::closedir(list); }
};
using List = std::unique_ptr<DIR, CloseDirectory>;

std::map<std::string, int> read_all(DIR* list) {
    std::map<std::string, int> out;
    while (const dirent* const each = ::readdir(list))
        ++out[each->d_name];
    return out;
}

void made(Place& at) {
    put(at / "file", "");
    at.error("mkdir", make_directory(at / "new"), 0);
    at.error("mkdir of what is there", make_directory(at / "new"), EEXIST);
    at.error("mkdir where a file is", make_directory(at / "file"), EEXIST);
    at.error("mkdir below nothing", make_directory(at / "nothing/new"), ENOENT);
    at.error("mkdir below a file", make_directory(at / "file/new"), ENOTDIR);
    at.error("mkdir with a slash behind", make_directory(at / "other/"), 0);
    at.error("mkdir of .", make_directory(at / "."), EEXIST);
    at.error("mkdir of ..", make_directory(at / ".."), EEXIST);
    at.error("mkdir of the root", make_directory(at.store().mount), EEXIST);
}

void removed(Place& at) {
    make_directory(at / "full");
    put(at / "full/file", "");
    at.error("rmdir of a full one", remove_directory(at / "full"), ENOTEMPTY);
    at.error("rmdir of a file", remove_directory(at / "full/file"), ENOTDIR);
    at.error("rmdir of nothing", remove_directory(at / "nothing"), ENOENT);
    at.error("rmdir of .", remove_directory(at / "full/."), EINVAL);
    at.error("rmdir of ..", remove_directory(at / "full/.."), ENOTEMPTY);
    at.error("rmdir of the root", remove_directory(at.store().mount), EBUSY);
    at.error("unlink of a directory", remove(at / "full"), EISDIR);
    at.error("unlink of nothing", remove(at / "nothing"), ENOENT);
    at.error("unlink below a file", remove(at / "full/file/file"), ENOTDIR);
    at.error("unlink with a slash behind", remove(at / "full/file/"), ENOTDIR);
    at.error("unlink", remove(at / "full/file"), 0);
    at.error("rmdir", remove_directory(at / "full"), 0);
    at.is_true("nothing is left", names(at.directory()).empty());
}

void listed(Place& at) {
    make_directory(at / "directory");
    put(at / "file", "");
    const List list(::opendir(at.directory().c_str()));
    std::map<std::string, unsigned char> types;
    while (const dirent* const each = ::readdir(list.get())) {
        types[each->d_name] = each->d_type;
        if (each->d_name[0] != '.') at.equal("d_ino as st_ino", each->d_ino, stat_of(at / each->d_name).st_ino);
    }
    at.is_true(". and ..", types["."] == DT_DIR && types[".."] == DT_DIR);
    at.is_true("a directory", types["directory"] == DT_DIR);
    at.is_true("a file", types["file"] == DT_REG);
    at.equal("no others", types.size(), 4);
    put(at / "new", "");
    ::rewinddir(list.get());
    at.equal("after rewinddir also what is new", read_all(list.get()).count("new"), 1);
}

void sought(Place& at) {
    const unsigned count = at.times(300);
    for (unsigned i = 0; i < count; ++i)
        open_error(at / fmt::format("file-{}", i), O_RDWR | O_CREAT);
    const List list(::opendir(at.directory().c_str()));
    std::vector<std::pair<long, std::string>> places;
    for (long place = ::telldir(list.get()); const dirent* const each = ::readdir(list.get());
         place = ::telldir(list.get()))
        places.emplace_back(place, each->d_name);
    at.equal("all of them", places.size(), count + 2);
    for (std::size_t i = 0; i < places.size(); i += 37) {
        ::seekdir(list.get(), places[i].first);
        const dirent* const each = ::readdir(list.get());
        at.content("seekdir", each ? each->d_name : "nothing", places[i].second);
    }
}

// What nobody touches is in every list once.
void listed_while_changed(Place& at) {
    const unsigned untouched = at.times(400);
    for (unsigned i = 0; i < untouched; ++i)
        open_error(at / fmt::format("kept-with-a-name-of-some-length-{}", i), O_RDWR | O_CREAT);
    std::atomic<bool> ended = false;
    std::thread changer([&] {
        for (int i = 0; !ended; ++i) {
            const std::string name = at / fmt::format("changing-{}", i % 50);
            put(name, "") == 0 && move(name, name + "-moved") == 0 && remove(name + "-moved");
        }
    });
    for (int round = 0; round < 30; ++round) {
        unsigned kept = 0;
        for (const auto& [name, times] : read_all(List(::opendir(at.directory().c_str())).get())) {
            at.is_true(name + " is there twice", times == 1);
            kept += name.starts_with("kept") ? 1U : 0U;
        }
        at.equal("untouched files in a list", kept, untouched);
    }
    ended = true;
    changer.join();
}

void removed_while_open(Place& at) {
    make_directory(at / "gone");
    const auto directory = open(at / "gone", O_RDONLY | O_DIRECTORY);
    at.error("rmdir of an open one", remove_directory(at / "gone"), 0);
    at.error("a file in it", errno_of(::openat(directory.get(), "file", O_RDWR | O_CREAT | O_CLOEXEC, 0640)), ENOENT);
    at.error("a directory in it", errno_of(::mkdirat(directory.get(), "new", 0755)), ENOENT);
    at.error("looking into it", errno_of(::faccessat(directory.get(), "file", F_OK, 0)), ENOENT);
}

// Deeper than a path can name.
void deep(Place& at) {
    const unsigned depth = at.times(300);
    const std::string name = "directory-on-the-way-down";
    std::vector<int> levels = {::open(at.directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (unsigned level = 0; level < depth && levels.back() >= 0; ++level) {
        at.error("mkdirat", errno_of(::mkdirat(levels.back(), name.c_str(), 0755)), 0);
        levels.push_back(::openat(levels.back(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    const FileDescriptor bottom(::openat(levels.back(), "bottom", O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    at.error("a file at the bottom", append(bottom, "deep"), 0);
    at.content("its content", get(bottom), "deep");
    at.error("its removal", errno_of(::unlinkat(levels.back(), "bottom", 0)), 0);
    while (levels.size() > 1) {
        ::close(levels.back());
        levels.pop_back();
        at.error("rmdir on the way up", errno_of(::unlinkat(levels.back(), name.c_str(), AT_REMOVEDIR)), 0);
    }
    ::close(levels.back());
}

void thousands(Place& at) {
    constexpr unsigned kThreads = 8;
    const unsigned each_of_them = at.times(250);
    const auto name = [](unsigned thread, unsigned i) { return fmt::format("file-{}-{:04}", thread, i); };
    in_threads(kThreads, [&](unsigned thread) {
        for (unsigned i = 0; i < each_of_them; ++i)
            at.error("making a file", open_error(at / name(thread, i), O_RDWR | O_CREAT | O_EXCL), 0);
        at.error("writing one", put(at / name(thread, 7), "content"), 0);
    });
    std::vector<std::string> expected;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
        for (unsigned i = 0; i < each_of_them; ++i)
            expected.push_back(name(thread, i));
    }
    at.is_true("the list has all of them", names(at.directory()) == expected);
    for (const auto& each : expected)
        at.content("content", get(at / each), each.ends_with("-0007") ? "content" : "");
    in_threads(kThreads, [&](unsigned thread) {
        for (unsigned i = 0; i < each_of_them; ++i)
            at.error("removing a file", remove(at / name(thread, i)), 0);
    });
    at.is_true("the list is empty", names(at.directory()).empty());
}

constexpr Check kChecks[] = {
    {"directory/made", made},
    {"directory/removed", removed},
    {"directory/listed", listed},
    {"directory/sought", sought},
    {"directory/listed-while-changed", listed_while_changed},
    {"directory/removed-while-open", removed_while_open},
    {"directory/deep", deep},
    {"directory/thousands", thousands},
};

}  // namespace

Checks directory_checks() {
    return kChecks;
}

}  // namespace posix
