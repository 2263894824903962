#include "cfs/daemon/background.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "cfs/daemon/files.hpp"
#include "cfs/daemon/log.hpp"

namespace cfs::daemon {
namespace {

constexpr char kReady = '1';
constexpr int kFailed = 255;

int status_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int wait_for(pid_t child, int pipe, const Paths& paths) {
    char byte = 0;
    ssize_t count = 0;
    do {
        count = ::read(pipe, &byte, 1);
    } while (count < 0 && errno == EINTR);
    if (count == 1 && byte == kReady) {
        const auto failure = write_atomically(paths.process_id, fmt::format("{}\n", child), kProcessIdMode, ::getgid());
        if (failure) log(Severity::critical, Domain::main, failure->text);
        return 0;
    }
    if (count < 0) {
        log(Severity::critical, Domain::main, fmt::format("read error: {}", std::strerror(errno)));
        ::kill(child, SIGKILL);
    }
    // A child that exits has said why.
    const int status = status_of(child);
    if (status > 0) return status;
    if (count == 0) log(Severity::critical, Domain::main, "child failed to send '1'");
    return kFailed;
}

}  // namespace

void Background::split(const Paths& paths) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error(fmt::format("pipe error: {}", std::strerror(errno)));
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error(fmt::format("fork error: {}", std::strerror(errno)));
    if (child == 0) {
        ::close(ends[0]);
        parent_ = ends[1];
        open_log();
        return;
    }
    ::close(ends[1]);
    ::_exit(wait_for(child, ends[0], paths));
}

void Background::detach() const {
    if (parent_ < 0) return;
    log_to_stderr(false);
    const engine::FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::dup2(null.get(), fd) < 0) throw std::runtime_error("unable to redirect the standard streams");
    }
    ::setsid();
}

void Background::ready() {
    if (parent_ < 0) return;
    // A parent that is gone was killed; this daemon serves all the same.
    [[maybe_unused]] const auto written = ::write(parent_, &kReady, 1);
    ::close(parent_);
    parent_ = -1;
}

}  // namespace cfs::daemon
