#include "tests/cfs/daemon/scene.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace cfs::daemon {
namespace {

constexpr int kMuchTooLong = 60'000;  // milliseconds

int pidfd(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& root,
                         const std::string& error_file) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int errors = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    ::dup2(errors, STDERR_FILENO);
    ::setenv("CFSD_ROOT", root.c_str(), 1);
    std::vector<char*> words = {const_cast<char*>("cfsd")};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(CFSD, words.data());
    ::_exit(127);
}

pid_t launch(const std::vector<std::string>& arguments, const std::string& root, const std::string& error_file) {
    const pid_t pid = ::fork();
    if (pid < 0) throw std::runtime_error("fork");
    if (pid == 0) become(arguments, root, error_file);
    return pid;
}

// Has this name come to the watched folder? Reads what there is.
bool has_come(int watch, const char* name) {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    const ssize_t size = ::read(watch, buffer.data(), buffer.size());
    for (ssize_t at = 0; at < size;) {
        const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        if (event->len > 0 && std::strcmp(event->name, name) == 0) return true;
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return false;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& root, std::string error_file)
    : error_file_(std::move(error_file)), pid_(launch(arguments, root, error_file_)), ended_(pidfd(pid_)) {}

Process::~Process() {
    if (waited_) return;
    signal(SIGKILL);
    wait();
}

void Process::signal(int number) const {
    ::kill(pid_, number);
}

int Process::wait() {
    waited_ = true;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Process::errors() const {
    const engine::FileDescriptor file(::open(error_file_.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(1 << 20, '\0');
    const ssize_t size = ::read(file.get(), text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

bool wait_for_end(pid_t pid) {
    const engine::FileDescriptor process(pidfd(pid));
    if (!process) return errno == ESRCH;
    pollfd ended{process.get(), POLLIN, 0};
    return ::poll(&ended, 1, kMuchTooLong) == 1;
}

void Scene::SetUp() {
    if (::geteuid() != 0 || ::access("/dev/fuse", R_OK | W_OK) != 0 ||
        ::unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) != 0)
        GTEST_SKIP() << "NOT TESTED, mounting needs root and /dev/fuse";
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::sethostname(node.data(), node.size()), 0);
    replace_system_file("/etc/hosts", address + " " + node + "\n");
    make_root("");
}

void Scene::make_root(const std::string& folder) {
    for (const char* const each : {"var/lib", "run", "etc/corosync"})
        std::filesystem::create_directories(path(folder) + "/" + each);
}

void Scene::TearDown() {
    std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    for (pid_t child = 0; children >> child;) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    for (const std::string& file : replaced_)
        ::umount2(file.c_str(), MNT_DETACH);
}

Scene::Finished Scene::run_below(const std::string& folder, const std::vector<std::string>& arguments) {
    make_root(folder);
    const std::string root = folder.empty() ? root_.path() : path(folder);
    Process process(arguments, root, path("errors" + std::to_string(++started_)));
    const int status = process.wait();
    return {status, process.errors()};
}

std::string Scene::ask(const std::vector<std::string>& request) {
    std::string command = std::string(PVE2);
    for (const std::string& word : request)
        command += " '" + word + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), &::pclose);
    if (!pipe) return "no pipe";
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get()))
        text.append(part.data(), size);
    return text;
}

std::unique_ptr<Process> Scene::start(const std::vector<std::string>& arguments) {
    // The process id is written when the mount is there; who looks into it then waits for the service.
    const engine::FileDescriptor watch(::inotify_init1(IN_CLOEXEC));
    ::inotify_add_watch(watch.get(), path("run").c_str(), IN_MOVED_TO);
    auto process = std::make_unique<Process>(arguments, root_.path(), path("errors" + std::to_string(++started_)));
    std::array<pollfd, 2> ready = {{{watch.get(), POLLIN, 0}, {process->ended_fd(), POLLIN, 0}}};
    while (::poll(ready.data(), ready.size(), kMuchTooLong) > 0) {
        if (ready[0].revents != 0 && has_come(watch.get(), "pve-cluster.pid")) return process;
        if (ready[1].revents != 0) break;
    }
    ADD_FAILURE() << "not ready: " << process->errors();
    return nullptr;
}

bool Scene::exists(const std::string& below_root) const {
    return std::filesystem::exists(path(below_root));
}

void Scene::replace_system_file(const std::string& file, const std::string& content) {
    replaced_.push_back(file);
    const std::string substitute = path("system" + std::to_string(replaced_.size()));
    ASSERT_EQ(put(substitute, content), 0);
    ASSERT_EQ(::chmod(substitute.c_str(), 0644), 0);
    ASSERT_EQ(::mount(substitute.c_str(), file.c_str(), nullptr, MS_BIND, nullptr), 0);
}

}  // namespace cfs::daemon
