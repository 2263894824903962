#include "totem/net/error_queue.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/errqueue.h>

#include <cerrno>
#include <cstring>

#include "totem/net/socket.hpp"

namespace totem::net {
namespace {

constexpr std::size_t kMostErrors = 64;  // at once; more only say the same

bool says_refused(msghdr& header) {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
        const bool v4 = control->cmsg_level == SOL_IP && control->cmsg_type == IP_RECVERR;
        const bool v6 = control->cmsg_level == SOL_IPV6 && control->cmsg_type == IPV6_RECVERR;
        if (!v4 && !v6) continue;
        sock_extended_err error{};
        std::memcpy(&error, CMSG_DATA(control), sizeof error);
        const bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
        return icmp && error.ee_errno == ECONNREFUSED;
    }
    return false;
}

}  // namespace

std::vector<NodeAddress> read_refusals(int fd) {
    std::vector<NodeAddress> out;
    for (std::size_t i = 0; i < kMostErrors; ++i) {
        sockaddr_storage target{};
        alignas(cmsghdr) char control[256];
        std::uint8_t quoted;  // of the datagram; not needed
        iovec part{&quoted, sizeof quoted};
        msghdr header{};
        header.msg_name = &target;
        header.msg_namelen = sizeof target;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        if (::recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
        if (says_refused(header)) out.push_back(address_of(target));
    }
    return out;
}

}  // namespace totem::net
