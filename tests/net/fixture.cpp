#include "tests/net/fixture.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "totem/net/socket.hpp"

namespace testnet {

using totem::Dialect;
using totem::net::Mode;
using totem::net::TransportConfig;

NodeAddress address(const std::string& text, totem::NodeId nodeid) {
    NodeAddress out;
    out.nodeid = nodeid;
    if (inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) {
        out.family = NodeAddress::kIpv4;
    } else if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) == 1) {
        out.family = NodeAddress::kIpv6;
    } else {
        throw std::invalid_argument("not an address: " + text);
    }
    return out;
}

totem::Identity identity(const std::string& text) {
    totem::Identity out;
    out.addr[0] = address(text);
    return out;
}

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void Recorder::datagram(Bytes message) {
    messages.emplace_back(message.begin(), message.end());
    senders.push_back(transport->current_sender().text());
    if (on_message) on_message(messages.back());
}

void Recorder::interface_up(const totem::net::HostAddress& found) {
    ++ups;
    bound = found;
}

void Recorder::trouble(std::string_view text) {
    troubles.emplace_back(text);
    if (on_trouble) on_trouble();
}

PlainSocket::PlainSocket(const std::string& bind_to, std::uint16_t port) {
    NodeAddress local = address(bind_to);
    fd_ = ::socket(local.family == NodeAddress::kIpv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ::setsockopt(fd_, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on));
    totem::net::SocketAddress to(local, port, 0);
    if (fd_ < 0 || ::bind(fd_, to.get(), to.size()) != 0) {
        throw std::runtime_error("bind " + to.text() + ": " + std::strerror(errno));
    }
}

PlainSocket::~PlainSocket() {
    ::close(fd_);
}

void PlainSocket::send(const std::string& to, std::uint16_t port, std::size_t size, std::uint8_t fill) {
    std::vector<std::uint8_t> data(size, fill);
    send(to, port, Bytes(data));
}

void PlainSocket::send(const std::string& to, std::uint16_t port, Bytes data) {
    totem::net::SocketAddress target(address(to), port, 0);
    if (::sendto(fd_, data.data(), data.size(), 0, target.get(), target.size()) != static_cast<ssize_t>(data.size())) {
        throw std::runtime_error("sendto " + target.text() + ": " + std::strerror(errno));
    }
}

PlainSocket::Seen PlainSocket::receive() {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, 2000) != 1) return {};
    std::uint8_t data[65536];
    alignas(cmsghdr) char control[256];
    sockaddr_in from{};
    iovec part{data, sizeof(data)};
    msghdr header{&from, sizeof(from), &part, 1, control, sizeof(control), 0};
    ssize_t size = ::recvmsg(fd_, &header, 0);
    if (size < 0) return {};
    Seen seen{static_cast<std::size_t>(size), 0, ntohs(from.sin_port)};
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) std::memcpy(&seen.ttl, CMSG_DATA(c), sizeof(int));
    }
    return seen;
}

void TransportTest::SetUp() {
    try {
        net_ = std::make_unique<Namespaces>();
    } catch (const std::runtime_error& error) {
        GTEST_SKIP() << "NOT TESTED, no network namespaces here: " << error.what();
    }
}

TransportTest::End& TransportTest::open(Side side, const TransportConfig& config) {
    return open(side, config, totem::crypto::make_plain_suite(config.dialect));
}

TransportTest::End& TransportTest::open(Side side, const TransportConfig& config,
                                        std::unique_ptr<totem::crypto::Suite> suite) {
    net_->enter(side);
    auto end = std::make_unique<End>();
    end->transport = std::make_unique<totem::net::Transport>(io_, config, std::move(suite), end->recorder);
    end->recorder.transport = end->transport.get();
    end->transport->start();
    ends_.push_back(std::move(end));
    return *ends_.back();
}

TransportConfig TransportTest::config(Side side, Mode mode, bool ipv6, Dialect dialect) const {
    TransportConfig out;
    out.dialect = dialect;
    out.mode = mode;
    out.port = kPort;
    std::string prefix = ipv6 ? "fd77::" : "10.77.0.";
    out.local_nodeid = side == Side::a ? 1 : 2;
    out.bindnetaddr = address(prefix + (side == Side::a ? "1" : "2"));
    out.group = address(ipv6 ? "ff15::77" : "239.192.77.1");
    out.members = {address(prefix + "1", 1), address(prefix + "2", 2)};
    out.downcheck = std::chrono::hours(1);  // tests that want a check ask for it, in the right namespace
    return out;
}

::testing::AssertionResult TransportTest::run_until(const std::function<bool()>& done,
                                                    std::chrono::milliseconds limit) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    io_.restart();
    while (!done()) {
        if (io_.run_one_until(deadline) == 0) return ::testing::AssertionFailure() << "timed out";
    }
    return ::testing::AssertionSuccess();
}

void TransportTest::settle() {
    io_.restart();
    io_.poll();
}

}  // namespace testnet
