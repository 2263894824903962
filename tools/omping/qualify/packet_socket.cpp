#include "tools/omping/qualify/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace tools::omping::qualify {
namespace {

constexpr std::size_t kEnough = 2048;

// Passes packets whose byte at `offset` of the IP header has this value.
int filter(int fd, std::uint32_t offset, std::uint32_t value) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offset),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, kEnough),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const sock_fprog program{sizeof code / sizeof code[0], code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

}  // namespace

PacketSocket::PacketSocket(const Interface& interface, Wanted wanted) : buffer_(kEnough) {
    const bool v4 = interface.address.is_v4();
    // Of no protocol until the filter is in place.
    FileDescriptor fd(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    bool good = fd.get() >= 0;
    if (wanted == Wanted::membership) {
        // IGMP, or what has a hop-by-hop header in IPv6.
        good = good && (v4 ? filter(fd.get(), 9, 2) : filter(fd.get(), 6, 0)) == 0;
    }
    packet_mreq all{};
    all.mr_ifindex = static_cast<int>(interface.index);
    all.mr_type = PACKET_MR_ALLMULTI;
    good = good && setsockopt(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0;
    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_ifindex = static_cast<int>(interface.index);
    where.sll_protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6);
    good = good && bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    if (good) {
        fd_ = std::move(fd);
    } else {
        why_not_ = std::strerror(errno);
    }
}

totem::Bytes PacketSocket::receive() {
    const ssize_t size = recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    return {buffer_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace tools::omping::qualify
