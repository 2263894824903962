#include "conformance/lab/host.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace lab {

namespace {

constexpr unsigned long all_namespaces = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;

void make_mounts(const HostOptions& options) {
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "cannot make mounts private");
    // Sources may lie under a target that is covered first (/run), so hold them all before covering anything.
    std::vector<FileDescriptor> sources;
    for (const auto& mount : options.mounts) {
        sources.push_back(mount.source.empty() ? FileDescriptor() : open_file(mount.source, O_PATH));
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto& target = options.mounts[i].target;
        std::filesystem::create_directories(target);
        if (!sources[i]) {
            // Programs that are not root (pacemaker's) keep their shared memory there.
            check(::mount("tmpfs", target.c_str(), "tmpfs", 0, target == "/dev/shm" ? "mode=1777" : "mode=0755"),
                  "cannot mount a tmpfs on " + target.string());
            continue;
        }
        const auto held = "/proc/self/fd/" + std::to_string(sources[i].get());
        check(::mount(held.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr),
              "cannot bind " + options.mounts[i].source.string() + " to " + target.string());
    }
    // Last, because the bindings above go through the old /proc.
    check(::mount("proc", "/proc", "proc", 0, nullptr), "cannot mount /proc");
}

[[noreturn]] void reap_for_ever(int exits) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    for (;;) {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            ::dprintf(exits, "%d %d\n", pid, status);
        }
        sigwaitinfo(&child, nullptr);
    }
}

[[noreturn]] void run_init(const HostOptions& options, int report) {
    try {
        ::prctl(PR_SET_NAME, "totem-lab-host");
        for (int number = 1; number < NSIG; ++number) {
            ::signal(number, SIG_DFL);
        }
        ::setsid();
        // A creator that was gone before this line is noticed below: nobody reads the report then.
        if (options.die_with_creator) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const auto exits = open_file(options.exits_file, O_WRONLY | O_CREAT | O_APPEND, 0644);
        make_mounts(options);
        check(::sethostname(options.hostname.data(), options.hostname.size()), "cannot set the host name");
        if (::write(report, "ok", 2) != 2) ::_exit(1);
        // The host must not hold files of whoever made it.
        const auto kept = static_cast<unsigned>(exits.get());
        if (kept > 0) ::close_range(0, kept - 1, 0);
        ::close_range(kept + 1, ~0u, 0);
        reap_for_ever(exits.get());
    } catch (const std::exception& error) {
        if (::write(report, error.what(), std::strlen(error.what())) < 0) ::_exit(2);
        ::_exit(1);
    }
}

FileDescriptor open_namespace(pid_t pid, const char* name) {
    return open_file("/proc/" + std::to_string(pid) + "/ns/" + name, O_RDONLY);
}

void enter_one(const FileDescriptor& space, int kind, const char* name) {
    check(::setns(space.get(), kind), std::string("cannot enter the ") + name + " namespace");
}

}  // namespace

ProcessId start_host(const HostOptions& options) {
    if (::geteuid() != 0) throw LabError("the laboratory makes network namespaces and needs root");
    auto [answer, report] = make_pipe();
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone, all_namespaces | SIGCHLD, 0, 0, 0, 0));
    if (pid == 0) {
        answer.reset();
        run_init(options, report.get());
    }
    check(pid, "cannot make namespaces");
    report.reset();
    std::string text;
    char buffer[512];
    for (ssize_t length = 0; (length = ::read(answer.get(), buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(length));
    }
    if (text == "ok") return identify(pid);
    ::waitpid(pid, nullptr, 0);
    throw LabError("cannot set up host " + options.hostname + ": " + (text.empty() ? "it ended at once" : text));
}

HostEntry::HostEntry(const ProcessId& init) {
    const auto held = init.open();
    if (!held) throw LabError("the host is gone (its init process has ended)");
    pid_ = open_namespace(init.pid, "pid");
    network_ = open_namespace(init.pid, "net");
    mount_ = open_namespace(init.pid, "mnt");
    hostname_ = open_namespace(init.pid, "uts");
    ipc_ = open_namespace(init.pid, "ipc");
    own_pid_ = open_file("/proc/self/ns/pid", O_RDONLY);
}

void HostEntry::enter() const {
    enter_one(ipc_, CLONE_NEWIPC, "ipc");
    enter_one(hostname_, CLONE_NEWUTS, "host name");
    enter_network();
    enter_one(mount_, CLONE_NEWNS, "mount");
}

void HostEntry::enter_network() const {
    enter_one(network_, CLONE_NEWNET, "network");
}
void HostEntry::begin_births() const {
    enter_one(pid_, CLONE_NEWPID, "pid");
}
void HostEntry::end_births() const {
    enter_one(own_pid_, CLONE_NEWPID, "pid");
}

}  // namespace lab
