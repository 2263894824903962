#include "tests/net/namespaces.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace testnet {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

int open_own() {
    int fd = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("network namespace file");
    return fd;
}

void write_file(const char* path, const std::string& text) {
    int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) fail(path);
    ssize_t written = ::write(fd, text.data(), text.size());
    ::close(fd);
    if (written != static_cast<ssize_t>(text.size())) fail(path);
}

int make_namespace() {
    if (::unshare(CLONE_NEWNET) != 0) {
        if (errno != EPERM) fail("unshare");
        // An ordinary user may have namespaces inside a user namespace of his own.
        std::string uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) fail("unshare");
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + uid + " 1");
        write_file("/proc/self/gid_map", "0 " + gid + " 1");
    }
    return open_own();
}

void run_ip(const std::string& arguments) {
    if (std::system(("ip " + arguments).c_str()) != 0) throw std::runtime_error("ip " + arguments + " failed");
}

}  // namespace

Namespaces::Namespaces() : home_(open_own()), a_(make_namespace()), b_(make_namespace()) {
    std::string other = "/proc/" + std::to_string(::getpid()) + "/fd/";
    enter(Side::a);
    run_ip("link add cable type veth peer name cable netns " + other + std::to_string(b_));
    for (Side side : {Side::a, Side::b}) {
        bool first = side == Side::a;
        ip(side, "link set lo up");
        ip(side, std::string("addr add 10.77.0.") + (first ? "1" : "2") + "/24 brd + dev cable");
        if (first) ip(side, "addr add 10.77.0.9/24 brd + dev cable");
        ip(side, std::string("addr add fd77::") + (first ? "1" : "2") + "/64 dev cable nodad");
        ip(side, "link set cable up");
        // The kernel adds this one itself, but up to a second after the carrier came.
        ip(side, "-6 route replace multicast ff00::/8 dev cable table local metric 256");
    }
    enter(Side::a);
}

Namespaces::~Namespaces() {
    if (::setns(home_, CLONE_NEWNET) != 0) std::perror("setns");
    for (int fd : {home_, a_, b_})
        ::close(fd);
}

void Namespaces::enter(Side side) {
    if (::setns(side == Side::a ? a_ : b_, CLONE_NEWNET) != 0) fail("setns");
}

void Namespaces::ip(Side side, const std::string& arguments) {
    enter(side);
    run_ip(arguments);
}

}  // namespace testnet
