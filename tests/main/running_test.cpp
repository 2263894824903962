// The process itself: lock file, start, detaching, end. Spec corosync-conf.md sections 14.2 to 14.5.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "tests/main/process.hpp"

namespace engine {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class Lock {
public:
    explicit Lock(const std::string& path) : fd_(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640)) {
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        EXPECT_EQ(fcntl(fd_, F_SETLK, &lock), 0);
    }
    ~Lock() { close(fd_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    int fd_;
};

// What sd_notify writes to.
class NotifySocket {
public:
    explicit NotifySocket(std::string path) : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    ~NotifySocket() { close(fd_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // The next message; "" after 20 s.
    std::string next() const {
        pollfd wanted{.fd = fd_, .events = POLLIN, .revents = 0};
        if (poll(&wanted, 1, 20000) != 1) return {};
        char text[256];
        const ssize_t size = recv(fd_, text, sizeof text, 0);
        return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    int fd_;
};

class Daemon : public testing::Test {
protected:
    Scene scene;
};

TEST_F(Daemon, LockFileTaken) {
    const Lock lock(scene.path("lock"));
    const auto result = run_totemd(scene.foreground(scene.good()));
    EXPECT_EQ(result.exit_code, 18);
    EXPECT_THAT(result.err, HasSubstr("error   [MAIN  ] Another Corosync instance is already running.\n"));
    EXPECT_THAT(result.err,
                ContainsRegex("Corosync Cluster Engine exiting with status 18 at startup.cpp:[0-9]+\\.\n$"));
    EXPECT_TRUE(std::filesystem::exists(scene.path("lock")));
}

TEST_F(Daemon, LockFileThatCannotBeMade) {
    auto arguments = scene.foreground(scene.good());
    arguments.back() = "/nonexistent/lock";
    const auto result = run_totemd(arguments);
    EXPECT_EQ(result.exit_code, 17);
    EXPECT_THAT(result.err, HasSubstr("error   [MAIN  ] Corosync Executive couldn't create lock file.\n"));
}

TEST_F(Daemon, QuorumThatCannotStart) {
    const auto result = run_totemd(scene.foreground(scene.good() + "quorum {\nprovider: corosync_ykd\n}\n"));
    EXPECT_EQ(result.exit_code, 20);
    EXPECT_THAT(result.err, HasSubstr("Quorum provider: corosync_ykd failed to initialize."));
    EXPECT_THAT(result.err,
                HasSubstr("Service engine 'corosync_quorum' failed to load for reason 'Invalid quorum provider'"));
    EXPECT_FALSE(std::filesystem::exists(scene.path("lock")));
}

TEST_F(Daemon, RunsUntilItIsToldToStop) {
    if (!can_isolate()) GTEST_SKIP() << "NOT TESTED, needs network namespaces";
    const NotifySocket notify(scene.path("notify"));
    Running totemd(scene.foreground(scene.good()), {{"NOTIFY_SOCKET", notify.path()}}, scene.path("err"));
    ASSERT_EQ(notify.next(), "READY=1") << scene.read("err");
    EXPECT_EQ(scene.read("lock"), std::to_string(totemd.pid()) + "\n");
    struct stat status {};
    ASSERT_EQ(stat(scene.path("lock").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
    EXPECT_TRUE(std::filesystem::exists(scene.path("state/ringid_1")));

    const auto second = run_totemd(scene.foreground(scene.good()));
    EXPECT_EQ(second.exit_code, 18);

    totemd.signal(SIGPIPE);
    totemd.signal(SIGTERM);
    EXPECT_EQ(notify.next(), "STOPPING=1");
    EXPECT_EQ(totemd.wait(), 0) << scene.read("err");
    EXPECT_FALSE(std::filesystem::exists(scene.path("lock")));
    const std::string log = scene.read("err");
    EXPECT_THAT(log, HasSubstr("starting up\n"));
    EXPECT_THAT(log, HasSubstr("Completed service synchronization, ready to provide service.\n"));
    EXPECT_THAT(log, HasSubstr("Node was shut down by a signal\n"));
    EXPECT_TRUE(log.ends_with("notice  [MAIN  ] Corosync Cluster Engine exiting normally\n")) << log;
}

TEST_F(Daemon, TellsTheWatchdogThatItIsAlive) {
    if (!can_isolate()) GTEST_SKIP() << "NOT TESTED, needs network namespaces";
    const NotifySocket notify(scene.path("notify"));
    Running totemd(scene.foreground(scene.good()), {{"NOTIFY_SOCKET", notify.path()}, {"WATCHDOG_USEC", "100000"}},
                   scene.path("err"));
    // It may stand before and behind the sign that the node is ready.
    bool ready = false;
    for (int signs = 0; signs < 5 || !ready;) {
        const std::string text = notify.next();
        if (text == "READY=1") {
            ready = true;
        } else {
            ASSERT_EQ(text, "WATCHDOG=1") << scene.read("err");
            ++signs;
        }
    }
    totemd.signal(SIGTERM);
    EXPECT_EQ(totemd.wait(), 0) << scene.read("err");
}

TEST_F(Daemon, DetachesWithoutF) {
    if (!can_isolate()) GTEST_SKIP() << "NOT TESTED, needs network namespaces";
    const NotifySocket notify(scene.path("notify"));
    auto arguments =
        scene.foreground(scene.good() + "logging {\nto_logfile: yes\nlogfile: " + scene.path("log") + "\n}\n");
    arguments.erase(arguments.begin());
    Running totemd(arguments, {{"NOTIFY_SOCKET", notify.path()}}, scene.path("err"));
    EXPECT_EQ(totemd.wait(), 0);
    ASSERT_EQ(notify.next(), "READY=1") << scene.read("log");
    const pid_t pid = std::stoi(scene.read("lock"));
    EXPECT_NE(pid, totemd.pid());
    EXPECT_EQ(getsid(pid), pid);
    EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/fd/2"), "/dev/null");
    pollfd end{.fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), .events = POLLIN, .revents = 0};
    ASSERT_EQ(kill(pid, SIGTERM), 0);
    EXPECT_EQ(notify.next(), "STOPPING=1");
    // Its end of the process is seen by the lock: whoever gets it knows that the daemon is gone.
    const int fd = open(scene.path("lock").c_str(), O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        struct flock lock {};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        fcntl(fd, F_SETLKW, &lock);
        close(fd);
    }
    EXPECT_FALSE(std::filesystem::exists(scene.path("lock")));
    // All that is logged is written when the process has ended.
    EXPECT_EQ(poll(&end, 1, 20000), 1);
    close(end.fd);
    EXPECT_THAT(scene.read("log"),
                ContainsRegex("\\[" + std::to_string(pid) + "\\] .*Completed service synchronization"));
}

}  // namespace
}  // namespace engine
