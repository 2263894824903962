#include "pvecm/host/runner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <tuple>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/settings.hpp"
#include "tools/common/connection.hpp"

namespace pvecm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kStartLimit{60'000};
constexpr milliseconds kStopLimit{30'000};
constexpr milliseconds kKillLimit{10'000};
// How often an engine that tells nothing is asked.
constexpr milliseconds kAsk{200};
constexpr std::string_view kStartMark = "--- pvecm starts ";
constexpr std::size_t kCommLength = 15;  // what the kernel keeps of a process's name

std::string comm_of(int pid) {
    std::string comm = read_file(fmt::format("/proc/{}/comm", pid)).value_or("");
    if (comm.ends_with('\n')) comm.pop_back();
    return comm;
}

int open_process(int pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

milliseconds left(Clock::time_point end) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(end - Clock::now()));
}

// Ours is collected; of others only their end is seen.
bool wait_for_end(int pidfd, milliseconds limit) {
    const auto end = Clock::now() + limit;
    pollfd ended{pidfd, POLLIN, 0};
    for (;;) {
        const int count = ::poll(&ended, 1, static_cast<int>(left(end).count()));
        if (count > 0) return true;
        if (count == 0 || errno != EINTR) return false;
    }
}

// Where a service says that it is ready, as it does to systemd.
class ReadySocket {
public:
    ReadySocket()
        : name_(fmt::format("pvecm-ready-{}", ::getpid())), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        // Abstract: a NUL in front, and no file.
        std::memcpy(&address.sun_path[1], name_.data(), name_.size());
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        if (!socket_ || ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
            throw Error(fmt::format("unable to listen for readiness: {}", std::strerror(errno)));
    }
    std::string name() const { return "@" + name_; }
    int fd() const { return socket_.get(); }
    bool says_ready() const {
        std::array<char, 4096> text{};
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        const std::string_view said(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        return said.find("READY=1") != std::string_view::npos;
    }

private:
    const std::string name_;
    const engine::FileDescriptor socket_;
};

enum class Start { ready, ended, too_slow };

bool engine_answers() {
    return tools::Cmap(tools::open_cmap).ok();
}

// Until it says that it is ready or, if there is something to ask, answers.
Start await(const ReadySocket& socket, int pidfd, bool (*answers)()) {
    const auto end = Clock::now() + kStartLimit;
    std::array<pollfd, 2> waiting = {{{socket.fd(), POLLIN, 0}, {pidfd, POLLIN, 0}}};
    for (;;) {
        const auto pause = answers != nullptr ? std::min(left(end), kAsk) : left(end);
        const int count = ::poll(waiting.data(), waiting.size(), static_cast<int>(pause.count()));
        if (count == 0 && answers != nullptr && answers()) return Start::ready;
        if (count == 0 && Clock::now() >= end) return Start::too_slow;
        if (count < 0 && errno != EINTR) return Start::too_slow;
        if (count > 0 && waiting[0].revents != 0 && socket.says_ready()) return Start::ready;
        if (count > 0 && waiting[1].revents != 0) return Start::ended;
    }
}

std::string last_lines(std::string text, std::size_t most) {
    while (text.ends_with('\n'))
        text.pop_back();
    std::size_t at = text.size();
    for (; most > 0 && at != std::string::npos && at > 0; --most)
        at = text.rfind('\n', at - 1);
    return at == std::string::npos || at == 0 ? text : text.substr(at + 1);
}

}  // namespace

Runner::Runner(const Paths& paths) : paths_(paths) {
    // The first program of a list that is installed, unless a command is set.
    const auto command = [&](const std::string& key, const std::vector<Words>& choices) {
        if (const auto set = setting(paths, key)) return split(*set);
        for (const Words& choice : choices) {
            if (!find_program(choice.front()).empty()) return choice;
        }
        return choices.front();
    };
    services_ = {
        {kStore, command("PVECM_SERVICE_PVE_CLUSTER", {{"cfsd"}, {"pmxcfs"}}), paths.root + "/run/pve-cluster.pid",
         Ready::parent_ends, nullptr},
        {kCorosync, command("PVECM_SERVICE_COROSYNC", {{"totemd", "-f"}, {"corosync", "-f"}}),
         paths.root + "/run/corosync.pid", Ready::notification, &engine_answers},
        {kQdevice, command("PVECM_SERVICE_COROSYNC_QDEVICE", {{"corosync-qdevice", "-f"}}),
         paths.root + "/run/corosync-qdevice/corosync-qdevice.pid", Ready::notification, nullptr},
    };
}

const Runner::Service& Runner::find(const std::string& name) const {
    const auto found =
        std::find_if(services_.begin(), services_.end(), [&](const Service& each) { return each.name == name; });
    if (found == services_.end()) throw Error(fmt::format("there is no service '{}'", name));
    return *found;
}

std::string Runner::log_file(const Service& service) const {
    return fmt::format("{}/var/log/pvecm-{}.log", paths_.root, service.name);
}

// Since its latest start.
std::string Runner::log_of(const Service& service) const {
    std::string text = read_file(log_file(service)).value_or("");
    const auto mark = text.rfind(kStartMark);
    if (mark == std::string::npos) return text;
    const auto end = text.find('\n', mark);
    return end == std::string::npos ? std::string() : text.substr(end + 1);
}

void Runner::mark_start(const Service& service) const {
    make_folder(paths_.root + "/var/log");
    const std::string line = fmt::format("{}{}\n", kStartMark, joined(service.command));
    const engine::FileDescriptor log(
        ::open(log_file(service).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (log) std::ignore = ::write(log.get(), line.data(), line.size());  // without a log it starts all the same
}

std::string Runner::log(const std::string& name) {
    return log_of(find(name));
}

// The number of a pid file that was left behind may belong to any process by now: its name has to fit.
std::optional<int> Runner::process(const std::string& name) const {
    const Service& service = find(name);
    std::string text = read_file(service.pid_file).value_or("");
    while (text.ends_with('\n'))
        text.pop_back();
    const auto pid = parse_integer(text);
    if (!pid || *pid <= 1) return std::nullopt;
    const engine::FileDescriptor handle(open_process(static_cast<int>(*pid)));
    if (!handle || wait_for_end(handle.get(), milliseconds(0))) return std::nullopt;  // gone, or not collected yet
    const std::string comm = comm_of(static_cast<int>(*pid));
    const std::string own = std::filesystem::path(service.command.front()).filename().string().substr(0, kCommLength);
    for (const std::string_view known :
         {std::string_view(own), std::string_view("corosync"), std::string_view("totemd"), std::string_view("cfsd"),
          std::string_view("pmxcfs"), std::string_view("corosync-qdevic")}) {
        if (comm == known) return static_cast<int>(*pid);
    }
    return std::nullopt;
}

void Runner::start(const Words& names) {
    for (const Service& service : services_) {
        if (std::find(names.begin(), names.end(), service.name) != names.end() && !running(service.name))
            start_one(service);
    }
}

void Runner::stop(const Words& names) {
    for (auto service = services_.rbegin(); service != services_.rend(); ++service) {
        if (std::find(names.begin(), names.end(), service->name) != names.end()) stop_one(*service);
    }
}

void Runner::restart(const Words& names) {
    stop(names);
    start(names);
}

void Runner::start_one(const Service& service) const {
    const auto failed = [&](const std::string& why) {
        const std::string said = last_lines(log_of(service), 3);
        return Error(fmt::format("starting {} failed: '{}' {}{}{}", service.name, joined(service.command), why,
                                 said.empty() ? "" : "\n", said));
    };
    mark_start(service);
    make_folder(std::filesystem::path(service.pid_file).parent_path());
    if (service.ready == Ready::parent_ends) {
        const pid_t pid = pvecm::start({.command = service.command, .environment = {}, .log = log_file(service)});
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            throw failed(fmt::format("ended with status {}", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
        return;
    }
    const ReadySocket socket;
    const pid_t pid = pvecm::start(
        {.command = service.command, .environment = {{"NOTIFY_SOCKET", socket.name()}}, .log = log_file(service)});
    const engine::FileDescriptor process(open_process(pid));
    switch (await(socket, process.get(), service.answers)) {
        case Start::ready:
            return;
        case Start::ended:
            throw failed("ended");
        case Start::too_slow:
            ::kill(pid, SIGKILL);
            throw failed("was not ready in time");
    }
}

void Runner::start_store_alone() const {
    Service alone = find(kStore);
    alone.command.emplace_back("-l");
    start_one(alone);
}

void Runner::stop_one(const Service& service) const {
    const auto pid = process(service.name);
    if (!pid) return;
    const engine::FileDescriptor handle(open_process(*pid));
    if (!handle) return;
    ::syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0);
    if (!wait_for_end(handle.get(), kStopLimit)) {
        ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
        if (!wait_for_end(handle.get(), kKillLimit))
            throw Error(fmt::format("can't stop {} service: process {} does not end", service.name, *pid));
    }
    ::waitpid(*pid, nullptr, WNOHANG);  // if it was started by this program
}

void Runner::require(const Words& names) {
    for (const std::string& name : names) {
        const Service& service = find(name);
        if (service.command.empty() || find_program(service.command.front()).empty())
            throw Error(fmt::format("there is no program '{}' for the service {}: install it, or set another in '{}'",
                                    joined(service.command), name, paths_.settings()));
    }
}

void Runner::reload(const std::string& name) {
    if (name != "sshd") return;
    std::string text = read_file(paths_.root + "/run/sshd.pid").value_or("");
    while (text.ends_with('\n'))
        text.pop_back();
    const auto pid = parse_integer(text);
    if (pid && *pid > 1 && comm_of(static_cast<int>(*pid)) == "sshd") ::kill(static_cast<pid_t>(*pid), SIGHUP);
}

}  // namespace pvecm
