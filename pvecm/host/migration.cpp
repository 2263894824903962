#include "pvecm/host/migration.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/addresses.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"

namespace pvecm {
namespace {

constexpr int kFirstPort = 60000, kPorts = 50;
constexpr int kClientLimit = 30'000;     // milliseconds
constexpr std::time_t kReservation = 5;  // seconds a port is kept for who asked for it

// Nothing if the port is taken.
std::unique_ptr<engine::FileDescriptor> listen_on(const std::string& address, int port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        throw Error(fmt::format("can't listen on '{}'", address));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    auto listener = std::make_unique<engine::FileDescriptor>(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(listener->get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(listener->get(), found->ai_addr, found->ai_addrlen) != 0) {
        if (errno == EADDRINUSE) return nullptr;
        throw Error(fmt::format("can't listen on '{}': {}", address, std::strerror(errno)));
    }
    if (::listen(listener->get(), 1) != 0) return nullptr;
    return listener;
}

// Ports others were given a moment ago, by port.
std::map<int, std::time_t> read_reservations(const std::string& file) {
    std::istringstream lines(read_file(file).value_or(""));
    std::map<int, std::time_t> reserved;
    const std::time_t now = std::time(nullptr);
    int port = 0;
    for (std::time_t until = 0; lines >> port >> until;) {
        if (until > now) reserved[port] = until;
    }
    return reserved;
}

struct Listener {
    std::unique_ptr<engine::FileDescriptor> socket;
    int port = 0;
};

Listener reserve(const Paths& paths, const std::string& address) {
    const engine::FileDescriptor lock(
        ::open((paths.root + "/var/lock/pve-ports.lck").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0)
        throw Error(fmt::format("can't lock the register of ports - {}", std::strerror(errno)));
    const std::string file = paths.root + "/var/tmp/pve-reserved-ports";
    auto reserved = read_reservations(file);
    for (int port = kFirstPort; port < kFirstPort + kPorts; ++port) {
        if (reserved.count(port) > 0) continue;
        auto socket = listen_on(address, port);
        if (!socket) continue;
        reserved[port] = std::time(nullptr) + kReservation;
        std::string text;
        for (const auto& [each, until] : reserved)
            text += fmt::format("{} {}\n", each, until);
        write_file(file, text);
        return {std::move(socket), port};
    }
    throw Error(fmt::format("unable to find free port ({}-{})", kFirstPort, kFirstPort + kPorts));
}

}  // namespace

std::string migration_address(const std::string& cidr) {
    std::vector<std::string> found;
    for (const LocalAddress& local : local_addresses()) {
        const bool known = std::find(found.begin(), found.end(), local.address) != found.end();
        if (local.up && !known && in_network(local.address, cidr)) found.push_back(local.address);
    }
    if (found.empty())
        throw Error(
            fmt::format("could not get migration ip: no IP address configured on local node for network '{}'", cidr));
    if (found.size() > 1)
        throw Error(fmt::format("could not get migration ip: multiple IP address configured for network '{}'", cidr));
    return found.front();
}

void serve_once(const Paths& paths, const std::string& address, const Words& command) {
    Listener listener = reserve(paths, address);
    fmt::print("{}\n{}\n", address, listener.port);
    std::fflush(stdout);
    pollfd waiting{listener.socket->get(), POLLIN, 0};
    if (::poll(&waiting, 1, kClientLimit) != 1) throw Error("timed out waiting for client");
    const engine::FileDescriptor client(::accept4(listener.socket->get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) throw Error(fmt::format("can't accept: {}", std::strerror(errno)));
    listener.socket.reset();
    const int status = run_on(command, client.get());
    if (status >= kSignalBase) throw Error(fmt::format("got signal {}", status - kSignalBase));
    if (status != 0) throw Error(fmt::format("exit code {}", status));
}

}  // namespace pvecm
