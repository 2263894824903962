#include "conformance/tests/delay_line.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <tuple>

namespace conformance {
namespace {

constexpr std::size_t largest_frame = 70000;

lab::FileDescriptor open_interface(const std::string& name) {
    lab::FileDescriptor fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    lab::check(fd.get(), "packet socket");
    const int on = 1, room = 4 << 20;
    // Checksums that the sender left to its interface stay so.
    lab::check(setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), "PACKET_VNET_HDR");
    lab::check(setsockopt(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on), "PACKET_IGNORE_OUTGOING");
    lab::check(setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room), "SO_RCVBUFFORCE");
    packet_mreq all{};
    all.mr_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    all.mr_type = PACKET_MR_PROMISC;
    lab::check(setsockopt(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all), name);
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = all.mr_ifindex;
    lab::check(bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), name);
    return fd;
}

}  // namespace

DelayLine::DelayLine(const lab::HostEntry& host, const std::string& left, const std::string& right,
                     lab::milliseconds delay)
    : delay_(delay) {
    const auto home = lab::open_file("/proc/self/ns/net", O_RDONLY);
    host.enter_network();
    try {
        left_.socket = open_interface(left);
        right_.socket = open_interface(right);
    } catch (...) {
        setns(home.get(), CLONE_NEWNET);
        throw;
    }
    lab::check(setns(home.get(), CLONE_NEWNET), "cannot go home");
    std::tie(stop_read_, stop_write_) = lab::make_pipe();
    thread_ = std::thread([this] { run(); });
}

DelayLine::~DelayLine() {
    stop_write_.reset();
    thread_.join();
}

void DelayLine::receive(End& from, End& to) {
    std::vector<char> buffer(largest_frame);
    for (ssize_t size = 0; (size = read(from.socket.get(), buffer.data(), buffer.size())) > 0;)
        to.to_send.push_back({lab::Clock::now() + delay_, {buffer.begin(), buffer.begin() + size}});
}

void DelayLine::send_due(End& end, lab::Clock::time_point now) {
    while (!end.to_send.empty() && end.to_send.front().due <= now) {
        const auto& bytes = end.to_send.front().bytes;
        (void)!write(end.socket.get(), bytes.data(), bytes.size());  // a cable may lose
        end.to_send.pop_front();
    }
}

void DelayLine::run() {
    for (;;) {
        auto due = lab::Clock::now() + std::chrono::seconds(1);
        for (const End* end : {&left_, &right_}) {
            if (!end->to_send.empty()) due = std::min(due, end->to_send.front().due);
        }
        const auto left = std::max(lab::Clock::duration::zero(), due - lab::Clock::now());
        const timespec timeout{left.count() / 1000000000, left.count() % 1000000000};
        pollfd wanted[] = {
            {left_.socket.get(), POLLIN, 0}, {right_.socket.get(), POLLIN, 0}, {stop_read_.get(), POLLIN, 0}};
        ppoll(wanted, 3, &timeout, nullptr);
        if (wanted[2].revents != 0) return;
        if (wanted[0].revents != 0) receive(left_, right_);
        if (wanted[1].revents != 0) receive(right_, left_);
        send_due(left_, lab::Clock::now());
        send_due(right_, lab::Clock::now());
    }
}

}  // namespace conformance
