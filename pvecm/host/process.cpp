#include "pvecm/host/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/error.hpp"

namespace pvecm {
namespace {

constexpr int kNoProgram = 127;

// What a child's standard streams are; -1: ours.
struct Streams {
    int in = -1, out = -1, err = -1;
};

class Actions {
public:
    explicit Actions(const Streams& streams) {
        posix_spawn_file_actions_init(&actions_);
        const std::array<int, 3> from = {streams.in, streams.out, streams.err};
        for (int fd = 0; fd < 3; ++fd) {
            if (from[static_cast<std::size_t>(fd)] >= 0)
                posix_spawn_file_actions_adddup2(&actions_, from[static_cast<std::size_t>(fd)], fd);
        }
    }
    ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
    // Also those that who started us left open.
    void close_all_others() { posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

class Attributes {
public:
    explicit Attributes(bool own_session) {
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        const int flags = POSIX_SPAWN_SETSIGMASK | (own_session ? POSIX_SPAWN_SETSID : 0);
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(const Words& words) {
    std::vector<char*> result;
    for (const std::string& word : words)
        result.push_back(const_cast<char*>(word.c_str()));
    result.push_back(nullptr);
    return result;
}

// Nothing if there is no such program.
std::optional<pid_t> spawn(const Words& command, const Streams& streams, bool own_session = false,
                           char** environment = environ) {
    Actions actions(streams);
    if (own_session) actions.close_all_others();
    const Attributes attributes(own_session);
    const auto arguments = pointers(command);
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, arguments.front(), actions.get(), attributes.get(), arguments.data(), environment);
    if (error == ENOENT) return std::nullopt;
    if (error != 0) throw Error(fmt::format("unable to run '{}': {}", joined(command), std::strerror(error)));
    return pid;
}

int collect(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(fmt::format("pipe: {}", std::strerror(errno)));
        read = std::make_unique<engine::FileDescriptor>(ends[0]);
        write = std::make_unique<engine::FileDescriptor>(ends[1]);
    }
    std::unique_ptr<engine::FileDescriptor> read, write;
};

// False at the end.
bool read_some(int fd, std::string& text) {
    std::array<char, 65536> part{};
    const ssize_t size = ::read(fd, part.data(), part.size());
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    text.append(part.data(), static_cast<std::size_t>(size));
    return true;
}

void drain(int out, int err, Finished& finished) {
    std::array<pollfd, 2> waiting = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
        if (waiting[0].revents != 0 && !read_some(out, finished.out)) waiting[0].fd = -1;
        if (waiting[1].revents != 0 && !read_some(err, finished.err)) waiting[1].fd = -1;
    }
}

engine::FileDescriptor nothing() {
    return engine::FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

Finished no_program(const Words& command) {
    return {.status = kNoProgram, .out = {}, .err = fmt::format("{}: command not found\n", command.front())};
}

}  // namespace

Words split(const std::string& text) {
    std::istringstream stream(text);
    Words words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::string joined(const Words& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

Finished run_captured(const Words& command, Input input, Errors errors) {
    Pipe out, err;
    const auto null = nothing();
    const auto pid = spawn(command, {.in = input == Input::none ? null.get() : -1,
                                     .out = out.write->get(),
                                     .err = errors == Errors::captured ? err.write->get() : -1});
    if (!pid) return no_program(command);
    out.write.reset();
    err.write.reset();
    Finished finished;
    drain(out.read->get(), err.read->get(), finished);
    finished.status = collect(*pid);
    return finished;
}

int run(const Words& command) {
    return run_on(command, -1);
}

int run_on(const Words& command, int fd) {
    const auto pid = spawn(command, {.in = fd, .out = fd});
    if (!pid) {
        fmt::print(stderr, "{}", no_program(command).err);
        return kNoProgram;
    }
    return collect(*pid);
}

std::string must_run(const Words& command, const std::string& failure) {
    Finished finished = run_captured(command);
    if (finished.ok()) return std::move(finished.out);
    std::string why = finished.err.empty() ? finished.out : finished.err;
    while (why.ends_with('\n'))
        why.pop_back();
    if (why.empty()) why = fmt::format("'{}' ended with status {}", joined(command), finished.status);
    throw Error(fmt::format("{}: {}", failure, why));
}

pid_t start(const Detached& detached) {
    Words environment;
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.emplace_back(*entry);
    for (const auto& [name, value] : detached.environment)
        environment.push_back(fmt::format("{}={}", name, value));
    const auto null = nothing();
    const engine::FileDescriptor log(::open(detached.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    const int out = log ? log.get() : null.get();
    const auto pid =
        spawn(detached.command, {.in = null.get(), .out = out, .err = out}, true, pointers(environment).data());
    if (!pid) throw Error(fmt::format("'{}': command not found", detached.command.front()));
    return *pid;
}

void run_into_file(const Words& first, const Words& second, const std::string& file, mode_t mode) {
    const engine::FileDescriptor target(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!target) throw Error(fmt::format("unable to open file '{}' - {}", file, std::strerror(errno)));
    Pipe between;
    const auto null = nothing();
    const auto writer = spawn(first, {.in = null.get(), .out = between.write->get(), .err = -1});
    between.write.reset();
    if (!writer) throw Error(no_program(first).err);
    const auto reader = spawn(second, {.in = between.read->get(), .out = target.get(), .err = -1});
    between.read.reset();
    const int written = collect(*writer);
    const int read = reader ? collect(*reader) : kNoProgram;
    if (written != 0 || read != 0)
        throw Error(
            fmt::format("command '{} | {}' failed: {}", joined(first), joined(second), written != 0 ? written : read));
    if (::fsync(target.get()) != 0) throw Error(fmt::format("unable to write '{}' - {}", file, std::strerror(errno)));
}

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
    const char* const path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        std::string candidate = fmt::format("{}/{}", rest.substr(0, end), name);
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

}  // namespace pvecm
