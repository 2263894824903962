// What there is not, and the errors that say so.

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

void links(Place& at) {
    put(at / "file", "");
    at.error("symlink", errno_of(::symlink("file", (at / "link").c_str())), ENOSYS);
    at.error("symlink where a file is", errno_of(::symlink("x", (at / "file").c_str())), EEXIST);
    // Which of them is the kernel's choice.
    at.error("link", errno_of(::link((at / "file").c_str(), (at / "link").c_str())), {EPERM, ENOSYS});
    std::array<char, 8> target{};
    at.error("readlink of a file", errno_of(::readlink((at / "file").c_str(), target.data(), target.size())), EINVAL);
    at.is_true("nothing new", names(at.directory()) == std::vector<std::string>{"file"});
}

void special_files(Place& at) {
    const auto make = [&](mode_t type, dev_t device) {
        return errno_of(::mknod((at / "special").c_str(), type | 0640, device));
    };
    at.error("mkfifo", errno_of(::mkfifo((at / "special").c_str(), 0640)), ENOSYS);
    at.error("a character device", make(S_IFCHR, makedev(1, 3)), ENOSYS);
    at.error("a block device", make(S_IFBLK, makedev(7, 0)), ENOSYS);
    at.error("a socket", make(S_IFSOCK, 0), ENOSYS);
    at.is_true("nothing new", names(at.directory()).empty());
    at.error("a regular file by mknod", make(S_IFREG, 0), 0);
    at.content("is an empty file", get(at / "special"), "");
    at.error("once more", make(S_IFREG, 0), EEXIST);
}

void sockets(Place& at) {
    const int result = in_process([&] {  // the path of a socket is short: from here
        const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{AF_UNIX, "socket"};
        if (::chdir(at.directory().c_str()) != 0) return errno;
        return errno_of(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    });
    at.error("bind", result, ENOSYS);
}

void extended_attributes(Place& at) {
    put(at / "file", "");
    const std::string file = at / "file";
    char value = 'x';
    for (const char* const name : {"user.name", "trusted.name", "security.name"}) {
        at.error("setxattr", errno_of(::setxattr(file.c_str(), name, &value, 1, 0)), EOPNOTSUPP);
        at.error("getxattr", errno_of(::getxattr(file.c_str(), name, &value, 1)), EOPNOTSUPP);
        at.error("removexattr", errno_of(::removexattr(file.c_str(), name)), EOPNOTSUPP);
    }
    at.error("listxattr", errno_of(::listxattr(file.c_str(), nullptr, 0)), {0, EOPNOTSUPP});
    at.error("an access list", errno_of(::getxattr(file.c_str(), "system.posix_acl_access", &value, 1)),
             {ENODATA, EOPNOTSUPP});
}

void other_calls(Place& at) {
    put(at / "file", "content");
    const auto file = open(at / "file", O_RDWR);
    at.error("O_TMPFILE", open_error(at.directory(), O_RDWR | O_TMPFILE), EOPNOTSUPP);
    at.error("fallocate", errno_of(::fallocate(file.get(), 0, 0, 5000)), EOPNOTSUPP);
    at.error("punching a hole", errno_of(::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 3)),
             EOPNOTSUPP);
    int flags = 0;
    at.error("ioctl", errno_of(::ioctl(file.get(), FS_IOC_GETFLAGS, &flags)), ENOTTY);
    at.content("the file is untouched", get(file), "content");
    // What the C library does where fallocate is not.
    at.error("posix_fallocate", ::posix_fallocate(file.get(), 0, 5000), 0);
    at.content("has made it longer", get(file), "content" + std::string(4993, '\0'));
}

constexpr Check kChecks[] = {
    {"unsupported/links", links},
    {"unsupported/special-files", special_files},
    {"unsupported/sockets", sockets},
    {"unsupported/extended-attributes", extended_attributes},
    {"unsupported/other-calls", other_calls},
};

}  // namespace

Checks unsupported_checks() {
    return kChecks;
}

}  // namespace posix
