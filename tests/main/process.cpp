#include "tests/main/process.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace engine {
namespace {

std::string slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

void raise_loopback() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
}

void redirect(int fd, const std::string& file) {
    const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(opened, fd);
    close(opened);
}

// In the child: what the environment of the test run must not bring in is removed.
[[noreturn]] void become_totemd(const Arguments& arguments, const Environment& environment) {
    for (const char* name : {"COROSYNC_MAIN_CONFIG_FILE", "COROSYNC_TOTEM_AUTHKEY_FILE", "COROSYNC_RUN_DIR",
                             "STATE_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
        unsetenv(name);
    }
    for (const auto& [name, value] : environment)
        setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv{const_cast<char*>("totemd")};
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(TOTEMD, argv.data());
    _exit(127);
}

int wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Finished run_totemd(const Arguments& arguments, const Environment& environment) {
    const auto base = std::filesystem::temp_directory_path() / ("totemd-output-" + std::to_string(getpid()));
    const std::string out = base.string() + ".out", err = base.string() + ".err";
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork");
    if (pid == 0) {
        redirect(STDOUT_FILENO, out);
        redirect(STDERR_FILENO, err);
        become_totemd(arguments, environment);
    }
    Finished result;
    result.exit_code = wait_for(pid);
    result.out = slurp(out);
    result.err = slurp(err);
    std::filesystem::remove(out);
    std::filesystem::remove(err);
    return result;
}

Running::Running(const Arguments& arguments, const Environment& environment, const std::string& stderr_file) {
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ > 0) return;
    redirect(STDERR_FILENO, stderr_file);
    if (unshare(CLONE_NEWNET) != 0) _exit(126);
    raise_loopback();
    become_totemd(arguments, environment);
}

Running::~Running() {
    if (ended_) return;
    kill(pid_, SIGKILL);
    wait_for(pid_);
}

void Running::signal(int number) const {
    kill(pid_, number);
}

int Running::wait() {
    ended_ = true;
    return wait_for(pid_);
}

bool can_isolate() {
    const pid_t pid = fork();
    if (pid == 0) _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    return pid > 0 && wait_for(pid) == 0;
}

Scene::Scene() {
    std::filesystem::create_directory(path("state"));
}

void Scene::write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
}

std::string Scene::read(const std::string& name) const {
    return slurp(path(name));
}

std::string Scene::good_totem() {
    return "totem {\nversion: 2\ncluster_name: test\ntransport: udpu\n}\n";
}

std::string Scene::good_nodelist() {
    return "nodelist {\nnode {\nnodeid: 1\nname: one\nring0_addr: 127.0.0.1\n}\n}\n";
}

std::string Scene::environment_sections() const {
    return "logging {\nto_syslog: no\ntimestamp: off\n}\nsystem {\nsched_rr: no\nstate_dir: " + path("state") + "\n}\n";
}

Finished Scene::test(const std::string& config, const Environment& environment) const {
    write("corosync.conf", config);
    return run_totemd({"-t", "-c", path("corosync.conf")}, environment);
}

Arguments Scene::foreground(const std::string& config) const {
    write("corosync.conf", config);
    return {"-f", "-c", path("corosync.conf"), "-l", path("lock")};
}

}  // namespace engine
