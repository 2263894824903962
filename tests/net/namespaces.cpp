#include "tests/net/namespaces.hpp"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
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

// Listing takes the lock under which the kernel handles a change of carrier, routes included.
bool cable_runs() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) fail("getifaddrs");
    bool running = false;
    for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
        if (std::strcmp(entry->ifa_name, "cable") == 0) running = (entry->ifa_flags & IFF_RUNNING) != 0;
    }
    ::freeifaddrs(list);
    return running;
}

// Until both ends of the cable noticed that they are connected, what they send is lost.
void wait_until_running() {
    int events = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    sockaddr_nl links{};
    links.nl_family = AF_NETLINK;
    links.nl_groups = RTMGRP_LINK;
    if (events < 0 || ::bind(events, reinterpret_cast<sockaddr*>(&links), sizeof(links)) != 0) fail("netlink");
    pollfd wait{events, POLLIN, 0};
    std::uint8_t message[8192];
    bool running = cable_runs();
    while (!running && ::poll(&wait, 1, 5000) == 1 && ::recv(events, message, sizeof(message), 0) > 0) {
        running = cable_runs();
    }
    ::close(events);
    if (!running) throw std::runtime_error("the cable has no carrier");
}

}  // namespace

Namespaces::Namespaces() : home_(open_own()), a_(make_namespace()), b_(make_namespace()) {
    std::string other = "/proc/" + std::to_string(::getpid()) + "/fd/";
    enter(Side::a);
    // Different indexes at both ends: only then the kernel takes a change of carrier for urgent, instead
    // of up to a second later.
    run_ip("link add cable index 77 type veth peer name cable netns " + other + std::to_string(b_));
    for (Side side : {Side::a, Side::b}) {
        bool first = side == Side::a;
        ip(side, "link set lo up");
        ip(side, std::string("addr add 10.77.0.") + (first ? "1" : "2") + "/24 brd + dev cable");
        if (first) ip(side, "addr add 10.77.0.9/24 brd + dev cable");
        ip(side, std::string("addr add fd77::") + (first ? "1" : "2") + "/64 dev cable nodad");
        ip(side, "link set cable up");
    }
    for (Side side : {Side::b, Side::a}) {
        enter(side);
        wait_until_running();
    }
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
