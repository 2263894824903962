// What may be a name.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

constexpr std::size_t kLongest = 1024;

// Of files and of directories, with all that can be done to them.
void usable(Place& at, const std::string& name) {
    const std::string what = fmt::format("name of {} bytes \"{}\": ", name.size(), name.substr(0, 20));
    at.error(what + "making", open_error(at / name, O_RDWR | O_CREAT | O_EXCL), 0);
    at.error(what + "writing", put(at / name, name), 0);
    at.is_true(what + "listing", names(at.directory()) == std::vector{name});
    at.content(what + "reading", get(at / name), name);
    at.error(what + "renaming", move(at / name, at / "other"), 0);
    at.error(what + "renaming back", move(at / "other", at / name), 0);
    at.error(what + "removing", remove(at / name), 0);
    at.error(what + "mkdir", make_directory(at / name), 0);
    at.error(what + "a file below", put(at / (name + "/file"), ""), 0);
    at.error(what + "removing that", remove(at / (name + "/file")), 0);
    at.error(what + "rmdir", remove_directory(at / name), 0);
}

void longest(Place& at) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{254}, std::size_t{255}, std::size_t{256}, kLongest})
        usable(at, std::string(size, 'n'));
    const std::string longer(kLongest + 1, 'n');
    put(at / "file", "");
    at.error("a longer file", open_error(at / longer, O_RDWR | O_CREAT), ENAMETOOLONG);
    at.error("a longer directory", make_directory(at / longer), ENAMETOOLONG);
    at.error("a longer one by mknod", errno_of(::mknod((at / longer).c_str(), S_IFREG | 0640, 0)), ENAMETOOLONG);
    at.error("a longer one by rename", move(at / "file", at / longer), ENAMETOOLONG);
    at.error("a longer path than there is", open_error(at / std::string(4096, 'n'), O_RDONLY), ENAMETOOLONG);
    at.is_true("nothing of that name", names(at.directory()) == std::vector<std::string>{"file"});
}

void odd(Place& at) {
    for (const char* const name :
         {"with space", " ",  "new\nline", "\t",  "*",       "?",  "%s%n", "a\\b",  "\"quoted\"", "'", "-",
          "-rf",        "--", "...",       "..a", ".hidden", "a.", "~",    "$HOME", "`id`",       ";", "a:b"})
        usable(at, name);
}

void any_bytes(Place& at) {
    for (const char* const name : {"\xc3\xa4\xc3\xb6", "\xf0\x9f\x98\x80", "\xe2\x80\x8f", "\xff\xfe", "\xc3", "\x80",
                                   "\xed\xa0\x80", "\xc0\xaf"})
        usable(at, name);
    std::size_t made = 0;
    for (int byte = 1; byte < 256; byte += at.store().quick ? 7 : 1) {
        if (byte == '/' || byte == '.') continue;
        ++made;
        const std::string name(1, static_cast<char>(byte));
        at.error(fmt::format("the byte {} as a name", byte), put(at / name, name), 0);
    }
    const auto all = names(at.directory());
    at.equal("all of them", all.size(), made);
    for (const auto& each : all)
        at.content("content", get(at / each), each);
}

void different(Place& at) {
    const std::array<const char*, 6> alike = {"a", "A", "\xc3\xa4", "a\xcc\x88", "a ", "a."};
    for (const char* const each : alike)
        at.error("making", open_error(at / each, O_RDWR | O_CREAT | O_EXCL), 0);
    at.equal("all of them", names(at.directory()).size(), alike.size());
}

// Only the root has those.
void virtual_below(Place& at) {
    for (const char* const name :
         {".version", ".members", ".vmlist", ".clusterlog", ".rrd", ".debug", "local", "qemu-server", "openvz", "lxc"})
        usable(at, name);
}

void dots(Place& at) {
    make_directory(at / "directory");
    put(at / "file", "content");
    at.content("./", get(at / "./directory/../file"), "content");
    at.content("slashes", get(at / "directory//..///file"), "content");
    at.error("unlink of .", remove(at / "directory/."), EISDIR);
    at.error("rename of .", move(at / "directory/.", at / "other"), EBUSY);
    at.error("rename to ..", move(at / "directory", at / ".."), EBUSY);
    at.error("a file called .", open_error(at / ".", O_RDWR | O_CREAT), EISDIR);
    at.equal(".. of a directory", stat_of(at / "directory/..").st_ino, stat_of(at.directory()).st_ino);
}

constexpr Check kChecks[] = {
    {"name/longest", longest},
    {"name/odd", odd},
    {"name/any-bytes", any_bytes},
    {"name/different", different},
    {"name/virtual-below", virtual_below},
    {"name/dots", dots},
};

}  // namespace

Checks name_checks() {
    return kChecks;
}

}  // namespace posix
