#include "tools/omping/wait.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace tools::omping {
namespace {

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    return set;
}

timespec until(Instant deadline) {
    const auto left = std::max(Duration::zero(), Duration(deadline - std::chrono::steady_clock::now()));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

}  // namespace

Waiter::Waiter(Sockets& sockets) : sockets_(sockets) {
    const sigset_t set = handled_signals();
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_ = FileDescriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (signals_.get() < 0) throw Failure(fmt::format("signalfd: {}", std::strerror(errno)), kExitInternal);
}

Waiter::~Waiter() {
    const sigset_t set = handled_signals();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Waiter::watch(int fd, std::function<void()> readable) {
    watches_.push_back({fd, std::move(readable)});
}

bool Waiter::wait(Instant deadline) {
    std::vector<pollfd> wanted;
    for (const int fd : {sockets_.unicast(), sockets_.group(), signals_.get()})
        wanted.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    for (const Watch& each : watches_)
        wanted.push_back({.fd = each.fd, .events = POLLIN, .revents = 0});
    const timespec left = until(deadline);
    const int ready = ppoll(wanted.data(), wanted.size(), deadline == totem::kNever ? nullptr : &left, nullptr);
    if (ready < 0 && errno != EINTR) {
        throw Failure(fmt::format("Cannot poll on sockets: {}", std::strerror(errno)), kExitNetwork);
    }
    if (ready <= 0) return ready < 0;
    if (wanted[2].revents != 0) read_signals();
    for (const bool group : {false, true}) {
        // Also where it came between the kernel's looks at the two: a unicast answer is sent before that to the group.
        if (wanted[0].revents == 0 && wanted[1].revents == 0) break;
        if (const auto reception = sockets_.receive(group)) received(*reception);
    }
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        if (wanted[3 + i].revents != 0) watches_[i].readable();
    }
    return true;
}

void Waiter::read_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == SIGUSR1 && asked_for_summary) asked_for_summary();
        if (info.ssi_signo != SIGINT || ++interrupts_ <= 2) continue;
        // Somebody is in a hurry.
        std::signal(SIGINT, SIG_DFL);
        const sigset_t set = handled_signals();
        std::raise(SIGINT);
        sigprocmask(SIG_UNBLOCK, &set, nullptr);
    }
}

}  // namespace tools::omping
