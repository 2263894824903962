#include "conformance/lab/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace lab {

namespace {

// The daemons and tools live in sbin, which an ordinary PATH may lack.
constexpr const char* search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void default_signals() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

[[noreturn]] void execute(const Arguments& command, int trouble) {
    const char* old_path = std::getenv("PATH");
    ::setenv("PATH", (std::string(old_path ? old_path : "") + ":" + search_path).c_str(), 1);
    std::vector<char*> argv;
    for (const auto& argument : command) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    const std::string text = "cannot run " + command.front() + ": " + std::strerror(errno);
    if (::write(trouble, text.data(), text.size()) < 0) ::_exit(126);
    ::_exit(127);
}

[[noreturn]] void fail_child(const std::exception& error, int trouble) {
    if (::write(trouble, error.what(), std::strlen(error.what())) < 0) ::_exit(126);
    ::_exit(127);
}

void redirect(int from, int to) {
    if (from >= 0) check(::dup2(from, to), "cannot redirect a stream");
}

int to_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Runs `birth` (a fork) so that the child is born inside the host's pid namespace if `inside` says so.
pid_t fork_inside(const HostEntry& entry, Inside inside) {
    if (inside == Inside::host) entry.begin_births();
    const pid_t pid = ::fork();
    const int error = errno;
    if (pid != 0 && inside == Inside::host) entry.end_births();
    errno = error;
    return check(pid, "cannot fork");
}

std::string read_all(int fd) {
    std::string text;
    char buffer[4096];
    for (;;) {
        const ssize_t length = ::read(fd, buffer, sizeof buffer);
        if (length > 0) {
            text.append(buffer, static_cast<std::size_t>(length));
        } else if (length == 0 || errno != EINTR) {
            return text;
        }
    }
}

}  // namespace

std::string join(const Arguments& command) {
    std::string text;
    for (const auto& argument : command) {
        text += (text.empty() ? "" : " ") + argument;
    }
    return text;
}

Process::Process(const HostEntry& entry, Inside inside, const Arguments& command, const Streams& streams) {
    auto [answer, trouble] = make_pipe();
    auto null = open_file("/dev/null", O_RDWR);
    const pid_t pid = fork_inside(entry, inside);
    if (pid == 0) {
        try {
            // Not for programs inside a host: those end with the host, and a creator outside the pid namespace is
            // no parent to them.
            if (inside == Inside::network) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            inside == Inside::host ? entry.enter() : entry.enter_network();
            default_signals();
            if (!streams.inherit_in) redirect(streams.in >= 0 ? streams.in : null.get(), STDIN_FILENO);
            redirect(streams.out, STDOUT_FILENO);
            redirect(streams.err, STDERR_FILENO);
            execute(command, trouble.get());
        } catch (const std::exception& error) {
            fail_child(error, trouble.get());
        }
    }
    id_ = identify(pid);
    trouble.reset();
    const auto text = read_all(answer.get());
    if (text.empty()) return;
    end();
    throw LabError(text);
}

Process::Process(Process&& other) noexcept : id_(std::exchange(other.id_, {})), status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        end();
        id_ = std::exchange(other.id_, {});
        status_ = other.status_;
    }
    return *this;
}

Process::~Process() {
    end();
}

std::optional<int> Process::wait(milliseconds limit) {
    if (!running()) return status_;
    if (!wait_for_end(id_, limit)) return std::nullopt;
    int status = 0;
    check(::waitpid(id_.pid, &status, 0), "cannot collect a process");
    id_ = {};
    status_ = to_code(status);
    return status_;
}

void Process::end() {
    if (!running()) return;
    // Our own child that has not been collected keeps its number, so the plain call is safe here.
    ::kill(id_.pid, SIGKILL);
    int status = 0;
    ::waitpid(id_.pid, &status, 0);
    id_ = {};
    status_ = to_code(status);
}

Finished run_in(const HostEntry& entry, Inside inside, const Arguments& command, milliseconds limit,
                const std::string& input) {
    auto [out_end, out] = make_pipe();
    auto [err_end, err] = make_pipe();
    FileDescriptor source;
    if (!input.empty()) {
        // A file in memory, so that neither side can block on the other.
        source = FileDescriptor(check(::memfd_create("input", MFD_CLOEXEC), "cannot make an input"));
        if (::write(source.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
            throw LabError("cannot write the input of " + command.front());
        }
        ::lseek(source.get(), 0, SEEK_SET);
    }
    Process process(entry, inside, command, {.in = source.get(), .out = out.get(), .err = err.get()});
    out.reset();
    err.reset();
    Finished finished;
    const auto deadline = Clock::now() + limit;
    pollfd streams[2] = {{out_end.get(), POLLIN, 0}, {err_end.get(), POLLIN, 0}};
    std::string* texts[2] = {&finished.out, &finished.err};
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        if (left.count() <= 0 || ::poll(streams, 2, static_cast<int>(left.count())) == 0) {
            throw LabError("no end of '" + join(command) + "' after " + std::to_string(limit.count()) +
                           " ms; it printed: " + finished.out + finished.err);
        }
        for (int i = 0; i < 2; ++i) {
            if (streams[i].revents == 0) continue;
            char buffer[16384];
            const ssize_t length = ::read(streams[i].fd, buffer, sizeof buffer);
            if (length > 0) texts[i]->append(buffer, static_cast<std::size_t>(length));
            if (length == 0) streams[i].fd = -1;
        }
    }
    const auto left = std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
    const auto status = process.wait(left);
    if (!status) throw LabError("'" + join(command) + "' closed its output but does not end");
    finished.status = *status;
    return finished;
}

Detached start_detached(const HostEntry& entry, const Arguments& command, const std::filesystem::path& log,
                        const std::vector<std::pair<std::string, std::string>>& environment) {
    auto [answer, trouble] = make_pipe();
    auto null = open_file("/dev/null", O_RDWR);
    auto output = open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "cannot make a socket pair");
    FileDescriptor ours(ends[0]), theirs(ends[1]);
    const int on = 1;
    check(::setsockopt(ours.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), "cannot ask for credentials");

    const pid_t middle = fork_inside(entry, Inside::host);
    if (middle == 0) {
        // The parent in between ends at once, so that the program becomes a child of the host's init.
        if (::fork() != 0) ::_exit(0);
        try {
            entry.enter();
            ::setsid();
            default_signals();
            const pid_t self = ::getpid();
            if (::send(theirs.get(), &self, sizeof self, 0) != sizeof self) ::_exit(126);
            redirect(null.get(), STDIN_FILENO);
            redirect(output.get(), STDOUT_FILENO);
            redirect(output.get(), STDERR_FILENO);
            for (const auto& [name, value] : environment) {
                ::setenv(name.c_str(), value.c_str(), 1);
            }
            execute(command, trouble.get());
        } catch (const std::exception& error) {
            fail_child(error, trouble.get());
        }
    }
    ::waitpid(middle, nullptr, 0);
    theirs.reset();
    trouble.reset();
    if (const auto text = read_all(answer.get()); !text.empty()) throw LabError(text);

    // The kernel translates the pid in the credentials to what this process calls it.
    Detached started;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    iovec data{&started.pid_inside, sizeof started.pid_inside};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    check(static_cast<int>(::recvmsg(ours.get(), &message, MSG_DONTWAIT)), "no word from " + command.front());
    for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
        ucred sender{};
        std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
        started.id = identify(sender.pid);
    }
    return started;
}

}  // namespace lab
