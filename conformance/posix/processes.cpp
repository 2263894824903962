#include "conformance/posix/processes.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <latch>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "engine/base/file_descriptor.hpp"

namespace posix {
namespace {

constexpr int kCouldNot = 254;  // no errno is that large

// Behind fork(): does not return.
[[noreturn]] void be_child(const std::function<int()>& what) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = kCouldNot;
    try {
        status = what();
    } catch (...) {
    }
    ::_exit(status);
}

pid_t start(const std::function<int()>& what) {
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) be_child(what);
    return pid;
}

int status_of(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : kCouldNot;
}

}  // namespace

User user_named(const char* name) {
    const passwd* const found = ::getpwnam(name);
    if (!found) throw std::runtime_error(std::string("there is no user ") + name);
    return {found->pw_uid, found->pw_gid};
}

void in_threads(unsigned count, const std::function<void(unsigned)>& what) {
    std::latch all(count);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            all.arrive_and_wait();
            what(i);
        });
    }
    for (auto& each : threads)
        each.join();
}

std::vector<int> in_processes(unsigned count, const std::function<int(unsigned)>& what) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const engine::FileDescriptor start_line(ends[0]);
    std::vector<pid_t> started;
    for (unsigned i = 0; i < count; ++i) {
        started.push_back(start([&] {
            ::close(ends[1]);
            char nothing = 0;
            while (::read(start_line.get(), &nothing, 1) < 0) {
            }
            return what(i);
        }));
    }
    ::close(ends[1]);  // they read its end
    std::vector<int> out;
    for (const pid_t each : started)
        out.push_back(status_of(each));
    return out;
}

int in_process(const std::function<int()>& what) {
    return status_of(start(what));
}

int as_user(const User& user, const std::string& directory, const std::function<int()>& what) {
    return in_process([&] {
        if (::chdir(directory.c_str()) != 0 || ::setgroups(0, nullptr) != 0 ||
            ::setresgid(user.group, user.group, user.group) != 0 || ::setresuid(user.user, user.user, user.user) != 0)
            return kCouldNot;
        return what();
    });
}

}  // namespace posix
