#include "conformance/lab/system.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

namespace lab {

namespace {

struct Stat {
    char state = 0;
    std::uint64_t start_time = 0;
};

// Fields 3 and 22 of /proc/PID/stat; the command in between may contain anything, so count from its closing bracket.
Stat read_stat(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) return {};
    std::istringstream fields(line.substr(bracket + 1));
    Stat result;
    fields >> result.state;
    std::string skipped;
    for (int field = 4; field < 22; ++field) {
        fields >> skipped;
    }
    fields >> result.start_time;
    return result;
}

}  // namespace

void FileDescriptor::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

int check(int result, const std::string& what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

FileDescriptor open_file(const std::filesystem::path& path, int flags, unsigned mode) {
    return FileDescriptor(check(::open(path.c_str(), flags | O_CLOEXEC, mode), "cannot open " + path.string()));
}

std::pair<FileDescriptor, FileDescriptor> make_pipe() {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "cannot make a pipe");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::filesystem::path beside_us(const std::string& program) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::system_error(errno, std::generic_category(), "cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    const auto draft = path.string() + ".new";
    {
        std::ofstream file(draft, std::ios::binary | std::ios::trunc);
        file << text;
        if (!file.flush()) throw std::system_error(errno, std::generic_category(), "cannot write " + draft);
    }
    std::filesystem::rename(draft, path);
}

ProcessId identify(pid_t pid) {
    return {pid, read_stat(pid).start_time};
}

bool ProcessId::alive() const {
    if (pid <= 0) return false;
    const Stat stat = read_stat(pid);
    return stat.start_time == start_time && start_time != 0 && stat.state != 'Z' && stat.state != 'X';
}

FileDescriptor ProcessId::open() const {
    if (pid <= 0) return {};
    FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // The handle pins whatever process has the number now; only then is comparing the start time conclusive.
    if (!handle || !alive()) return {};
    return handle;
}

bool ProcessId::signal(int number) const {
    const auto handle = open();
    return handle && ::syscall(SYS_pidfd_send_signal, handle.get(), number, nullptr, 0) == 0;
}

bool wait_for_end(const ProcessId& process, milliseconds limit) {
    const auto handle = process.open();
    if (!handle) return true;
    pollfd waited{handle.get(), POLLIN, 0};
    const auto deadline = Clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        const int ready = ::poll(&waited, 1, static_cast<int>(std::max<long>(left.count(), 0)));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) check(ready, "cannot wait for a process");
    }
}

bool wait_until(milliseconds limit, const std::function<bool()>& done) {
    const auto deadline = Clock::now() + limit;
    while (!done()) {
        if (Clock::now() >= deadline) return done();
        std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
}

}  // namespace lab
