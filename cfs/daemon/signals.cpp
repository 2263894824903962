#include "cfs/daemon/signals.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace cfs::daemon {
namespace {

constexpr std::array kStopping = {SIGHUP, SIGINT, SIGTERM};

std::atomic<mount::Mount*> served = nullptr;

// Mount::stop() is one write to a descriptor, which a handler may do.
void stop(int) {
    const int error = errno;
    if (mount::Mount* const mount = served.load()) mount->stop();
    errno = error;
}

void handle_where_default(int number, void (*handler)(int)) {
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) return;
    struct sigaction wanted {};
    wanted.sa_handler = handler;
    ::sigaction(number, &wanted, nullptr);
}

void mask(int how) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : kStopping)
        ::sigaddset(&set, number);
    ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

void hold_signals() {
    mask(SIG_BLOCK);
}

StopOnSignal::StopOnSignal(mount::Mount& mount) {
    served = &mount;
    for (const int number : kStopping)
        handle_where_default(number, &stop);
    handle_where_default(SIGPIPE, SIG_IGN);
    mask(SIG_UNBLOCK);
}

StopOnSignal::~StopOnSignal() {
    hold_signals();
    served = nullptr;
}

}  // namespace cfs::daemon
