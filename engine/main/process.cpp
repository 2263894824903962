#include "engine/main/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/log/log.hpp"

namespace engine::program {
namespace {

using log::Level;
using log::Subsystem;

constexpr int kForkFailed = 4;
constexpr int kNoLockFile = 17;
constexpr int kAlreadyRunning = 18;
constexpr int kNoNullDevice = 19;
constexpr int kBestNice = -20;
constexpr int kWorstNice = 19;

std::string reason() {
    return fmt::format("{} ({})", std::strerror(errno), errno);
}

bool set_round_robin(int priority) {
    const sched_param parameters{.sched_priority = priority};
    return sched_setscheduler(0, SCHED_RR, &parameters) == 0;
}

void set_nice(int value) {
    if (setpriority(PRIO_PROCESS, 0, value) != 0) {
        log::write(Level::warning, Subsystem::main, "Could not set priority {}: {}", value, reason());
    }
}

// Control groups may deny real-time scheduling; the root group does not.
void move_to_root_cgroup() {
    const bool version_1 = std::filesystem::exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us");
    const char* file = version_1 ? "/sys/fs/cgroup/cpu/tasks" : "/sys/fs/cgroup/cgroup.procs";
    std::ofstream stream(file);
    stream << getpid() << std::endl;
    if (!stream) log::write(Level::warning, Subsystem::main, "Could not move to the root control group: {}", reason());
}

void set_realtime(const std::string& root_cgroup) {
    const int priority = sched_get_priority_max(SCHED_RR);
    if (root_cgroup == "yes") move_to_root_cgroup();
    if (set_round_robin(priority)) return;
    if (root_cgroup == "auto") {
        move_to_root_cgroup();
        if (set_round_robin(priority)) return;
    }
    log::write(Level::warning, Subsystem::main, "Could not set SCHED_RR at priority {}: {}", priority, reason());
    set_nice(kBestNice);
}

void redirect_stdio() {
    const int null = ::open("/dev/null", O_RDWR);
    if (null < 0) throw Fatal(fmt::format("Can't open /dev/null: {}", reason()), kNoNullDevice);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (dup2(null, fd) < 0) throw Fatal(fmt::format("Can't redirect stdio: {}", reason()), kNoNullDevice);
    }
    if (null > STDERR_FILENO) ::close(null);
}

}  // namespace

std::optional<int> nice_value(const std::string& text) {
    if (text == "max") return kBestNice;
    if (text == "min") return kWorstNice;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return std::clamp(value, kBestNice, kWorstNice);
}

void set_scheduling(const Scheduling& scheduling) {
    if (scheduling.realtime) {
        set_realtime(scheduling.root_cgroup);
        return;
    }
    if (scheduling.root_cgroup == "yes") move_to_root_cgroup();
    if (const auto value = nice_value(scheduling.priority)) set_nice(*value);
}

void lock_memory(totem::Dialect dialect) {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    // 2.4 tries to lock whatever the limit says.
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0 && dialect == totem::Dialect::v3) {
        log::write(Level::warning, Subsystem::main, "Could not increase RLIMIT_MEMLOCK, not locking memory: {}",
                   reason());
        return;
    }
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        log::write(Level::warning, Subsystem::main, "Could not lock memory of service to avoid page faults: {}",
                   reason());
    }
}

void detach() {
    const pid_t child = fork();
    if (child < 0) throw Fatal(fmt::format("Can't fork: {}", reason()), kForkFailed);
    if (child > 0) _exit(EXIT_SUCCESS);
    setsid();
    redirect_stdio();
}

LockFile::LockFile(std::string path) : path_(std::move(path)) {
    fd_ = ::open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640);
    if (fd_ < 0) throw Fatal("Corosync Executive couldn't create lock file.", kNoLockFile);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(fd_, F_SETLK, &lock) != 0) {
        const bool taken = errno == EACCES || errno == EAGAIN;
        ::close(fd_);
        if (taken) throw Fatal("Another Corosync instance is already running.", kAlreadyRunning);
        throw Fatal("Corosync Executive couldn't create lock file.", kNoLockFile);
    }
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(fd_, 0) != 0 || ::write(fd_, pid.data(), pid.size()) != static_cast<ssize_t>(pid.size())) {
        ::unlink(path_.c_str());
        ::close(fd_);
        throw Fatal("Corosync Executive couldn't create lock file.", kNoLockFile);
    }
}

LockFile::~LockFile() {
    // Removed before the lock goes, so that no successor's file is removed.
    ::unlink(path_.c_str());
    ::close(fd_);
}

}  // namespace engine::program
