#include "pvecm/host/locks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string_view>
#include <thread>

#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/store.hpp"

namespace pvecm {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned kBodyLimit = 60;  // seconds

// flock has no limit of its own: a signal ends the wait.
class Alarm {
public:
    Alarm(unsigned after, void (*handler)(int)) {
        struct sigaction action {};
        action.sa_handler = handler;  // and no SA_RESTART
        ::sigaction(SIGALRM, &action, &before_);
        ::alarm(after);
    }
    ~Alarm() {
        ::alarm(0);
        ::sigaction(SIGALRM, &before_, nullptr);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

private:
    struct sigaction before_ {};
};

// The store may hang, and then nothing of ours can be waited for; its lock runs out by itself.
void end_program(int) {
    constexpr std::string_view text = "got lock timeout - aborting command\n";
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) ::_exit(kExitFailure);
    ::_exit(kExitFailure);
}

void start_body_limit() {
    struct sigaction action {};
    action.sa_handler = end_program;
    ::sigaction(SIGALRM, &action, nullptr);
    ::alarm(kBodyLimit);
}

// Asks the store to free the lock if it is too old.
void request_unlock(const std::string& folder) {
    const std::array<timeval, 2> never{};
    ::utimes(folder.c_str(), never.data());
}

void acquire(const std::string& folder, const std::string& id, seconds limit) {
    const auto end = Clock::now() + limit;
    while (::mkdir(folder.c_str(), 0700) != 0) {
        if (Clock::now() + seconds(1) > end) throw Error("got lock request timeout");
        fmt::print(stderr, "trying to acquire cfs lock '{}' ...\n", id);
        request_unlock(folder);
        std::this_thread::sleep_for(seconds(1));  // the store tells nobody that a lock is free
    }
}

}  // namespace

LocalLock::LocalLock(const Paths& paths, seconds limit) {
    const std::string path = paths.lock();
    file_.emplace(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!*file_) throw Error(fmt::format("can't open lock file '{}' - {}", path, std::strerror(errno)));
    if (::flock(file_->get(), LOCK_EX | LOCK_NB) == 0) return;
    fmt::print(stderr, "trying to acquire lock...");
    const Alarm alarm(static_cast<unsigned>(limit.count()), [](int) {});
    if (::flock(file_->get(), LOCK_EX) == 0) {
        fmt::print(stderr, " OK\n");
        return;
    }
    const std::string why = errno == EINTR ? "got timeout" : std::strerror(errno);
    fmt::print(stderr, " failed\n");
    throw Error(fmt::format("can't lock file '{}' - {}", path, why));
}

ClusterLock::ClusterLock(const Paths& paths, const std::string& what, bool is_file, seconds limit) {
    std::string id = is_file ? "file-" + what : what;
    std::replace_if(
        id.begin(), id.end(), [](char c) { return c == '.' || c == '/'; }, '_');
    const std::string parent = paths.pve("priv/lock");
    try {
        ::mkdir(paths.pve("priv").c_str(), 0700);
        ::mkdir(parent.c_str(), 0700);
        if (!exists(parent)) throw Error("pve cluster filesystem not online.");
        acquire(parent + "/" + id, id, limit);
    } catch (const Error& error) {
        const std::string why = quorate(paths) ? error.what() : "no quorum!";
        throw Error(fmt::format("error with cfs lock '{}': {}", id, why));
    }
    folder_ = parent + "/" + id;
    start_body_limit();
}

ClusterLock::~ClusterLock() {
    ::alarm(0);
    ::rmdir(folder_.c_str());
}

void with_config_lock(const Paths& paths, const std::function<void()>& body) {
    const LocalLock lock(paths);
    std::optional<ClusterLock> cluster_lock;
    if (StoreClient::cluster_info().members.size() > 1) cluster_lock.emplace(paths, "corosync.conf");
    body();
}

}  // namespace pvecm
