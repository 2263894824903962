// What users other than root may do: the group www-data reads what is not private, everybody lists it.

#include <unistd.h>

#include <array>
#include <cerrno>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

// Errors of calls that are made, as somebody else, in a directory of ours.
class As {
public:
    As(Place& at, const char* name) : at_(at), name_(name), user_(user_named(name)) {}

    void error(const std::string& what, const std::function<int()>& call, int wanted) {
        error_in(at_.directory(), what, call, wanted);
    }
    void error_in(const std::string& directory, const std::string& what, const std::function<int()>& call, int wanted) {
        at_.error(fmt::format("{}: {}", name_, what), as_user(user_, directory, call), wanted);
    }

private:
    Place& at_;
    std::string name_;
    User user_;
};

void prepare(Place& at) {
    put(at / "file", "content");
    put(at / "100.start", "#!/bin/sh\n");
    make_directory(at / "directory");
}

void may_not_change(As& user) {
    const auto now = [] { return errno_of(::utimensat(AT_FDCWD, "file", nullptr, 0)); };
    const auto chown_to_self = [] { return errno_of(::chown("file", ::getuid(), static_cast<gid_t>(-1))); };
    user.error(
        "open for writing", [] { return open_error("file", O_WRONLY); }, EACCES);
    user.error(
        "open for both", [] { return open_error("file", O_RDWR); }, EACCES);
    user.error(
        "O_TRUNC", [] { return open_error("file", O_WRONLY | O_TRUNC); }, EACCES);
    user.error(
        "a new file", [] { return open_error("new", O_RDWR | O_CREAT); }, EACCES);
    user.error(
        "mkdir", [] { return make_directory("new"); }, EACCES);
    user.error(
        "rmdir", [] { return remove_directory("directory"); }, EACCES);
    user.error(
        "unlink", [] { return remove("file"); }, EACCES);
    user.error(
        "rename", [] { return move("file", "other"); }, EACCES);
    user.error(
        "truncate", [] { return cut("file", 0); }, EACCES);
    user.error("utimes to now", now, EACCES);
    user.error(
        "utimes",
        [] {
            return set_mtime("file", {0, 0});
        },
        EPERM);
    user.error(
        "chmod", [] { return errno_of(::chmod("file", 0640)); }, EPERM);
    user.error("chown", chown_to_self, EPERM);
    user.error(
        "run a script", [] { return errno_of(::access("100.start", X_OK)); }, EACCES);
}

// A list of the current directory.
int list() {
    return open_error(".", O_RDONLY | O_DIRECTORY);
}

void of_the_group(Place& at) {
    prepare(at);
    As user(at, "www-data");
    user.error(
        "read a file", [] { return get("file") == "content" ? 0 : EIO; }, 0);
    user.error("list", list, 0);
    user.error(
        "access", [] { return errno_of(::access("file", R_OK)); }, 0);
    user.error(
        "access for writing", [] { return errno_of(::access("file", W_OK)); }, EACCES);
    may_not_change(user);
    at.content("the file is untouched", get(at / "file"), "content");
}

void others(Place& at) {
    prepare(at);
    As user(at, "nobody");
    user.error(
        "read a file", [] { return open_error("file", O_RDONLY); }, EACCES);
    user.error(
        "access", [] { return errno_of(::access("file", R_OK)); }, EACCES);
    user.error("list", list, 0);
    user.error(
        "stat", [] { return stat_of("file").st_size == 7 ? 0 : EIO; }, 0);
    may_not_change(user);
    at.content("the file is untouched", get(at / "file"), "content");
}

void in_private(Place& at) {
    const std::string directory = at.elsewhere("priv");
    put(directory + "/file", "secret");
    for (const char* const name : {"www-data", "nobody"}) {
        As user(at, name);
        // Root may change to it before it becomes the user.
        user.error_in(directory, "list", list, EACCES);
        user.error_in(
            directory, "read", [] { return open_error("file", O_RDONLY); }, EACCES);
        user.error_in(
            directory, "make", [] { return open_error("new", O_RDWR | O_CREAT); }, EACCES);
        user.error_in(
            at.store().mount, "enter", [] { return errno_of(::chdir("priv")); }, EACCES);
        user.error_in(
            at.store().mount, "stat", [] { return errno_of(::access("priv/file", F_OK)); }, EACCES);
    }
}

void containers(Place& at) {
    const std::string node = at.elsewhere("nodes");
    make_directory(node + "/lxc");
    put(node + "/lxc/file", "content");
    As user(at, "nobody");
    user.error_in(
        node, "read", [] { return open_error("lxc/file", O_RDONLY); }, at.store().p9 ? EACCES : 0);
    user.error_in(
        node, "write", [] { return open_error("lxc/file", O_WRONLY); }, EACCES);
}

void virtual_files(Place& at) {
    const std::string& mount = at.store().mount;
    As group(at, "www-data"), other(at, "nobody");
    for (const std::string name : {".version", ".members", ".vmlist", ".clusterlog", ".rrd", ".debug"}) {
        group.error_in(
            mount, "read " + name, [&] { return open_error(name, O_RDONLY); }, 0);
        group.error_in(
            mount, "write " + name, [&] { return open_error(name, O_WRONLY); }, EACCES);
        other.error_in(
            mount, "read " + name, [&] { return open_error(name, O_RDONLY); }, EACCES);
    }
    other.error_in(
        mount, "readlink",
        [] {
            std::array<char, 256> target{};
            return errno_of(::readlink("local", target.data(), target.size()));
        },
        0);
}

constexpr Check kChecks[] = {
    {"user/of-the-group", of_the_group},   {"user/others", others},
    {"user/in-private", in_private},       {"user/containers", containers},
    {"user/virtual-files", virtual_files},
};

}  // namespace

Checks user_checks() {
    return kChecks;
}

}  // namespace posix
