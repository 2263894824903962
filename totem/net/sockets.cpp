#include "totem/net/sockets.hpp"

namespace totem::net {
namespace {

constexpr int kTokenPriority = 6;

// Upstream asks for sixteen of its largest frames; ours is to hold what a ring of ours has under way
// (totem/srp/pace.hpp) while we are not scheduled.
constexpr int kBufferSize = 4 * 1024 * 1024;

NodeAddress group_of(const TransportConfig& config) {
    if (config.mode != Mode::broadcast) return config.group;
    NodeAddress everybody;
    everybody.family = NodeAddress::kIpv4;
    for (std::size_t i = 0; i < 4; ++i)
        everybody.bytes[i] = 255;
    return everybody;
}

Socket open_group(const TransportConfig& config, const HostAddress& local) {
    Socket socket(local.address.family, "multicast receive");
    socket.reuse_address();
    socket.bind(group_address(config, local));
    socket.receive_buffer(kBufferSize);
    if (config.offload) socket.accept_joined();
    if (config.mode == Mode::broadcast) {
        socket.allow_broadcast();
        return socket;
    }
    socket.join_group(config.group, local.address, local.index);
    socket.multicast_interface(local.address, local.index);
    return socket;
}

Socket open_group_sender(const TransportConfig& config, const HostAddress& local) {
    Socket socket(local.address.family, "multicast send");
    socket.reuse_address();
    socket.bind({local.address, static_cast<std::uint16_t>(config.port - 1), local.index});
    socket.send_buffer(kBufferSize);
    socket.multicast_loop(false);
    socket.multicast_ttl(config.ttl);
    socket.multicast_interface(local.address, local.index);
    if (config.mode == Mode::broadcast) socket.allow_broadcast();
    return socket;
}

Socket open_token(const TransportConfig& config, const HostAddress& local) {
    Socket socket(local.address.family, "token");
    if (config.mode != Mode::unicast) socket.reuse_address();
    socket.bind({local.address, config.port, local.index});
    if (config.mode == Mode::unicast) {
        socket.receive_buffer(kBufferSize);
        if (config.offload) socket.accept_joined();
    }
    socket.priority(kTokenPriority);
    return socket;
}

}  // namespace

SocketAddress group_address(const TransportConfig& config, const HostAddress& local) {
    return {group_of(config), config.port, local.index};
}

Sockets open_sockets(const TransportConfig& config, const HostAddress& local) {
    Sockets out;
    out.token = open_token(config, local);
    if (config.mode == Mode::unicast) {
        out.multicasts = Socket(local.address.family, "member");
        out.multicasts.bind({local.address, 0, local.index});
        out.multicasts.send_buffer(kBufferSize);
        if (config.notice_refusals) out.token.keep_errors();
        return out;
    }
    out.group = open_group(config, local);
    out.multicasts = open_group_sender(config, local);
    if (config.notice_refusals) out.multicasts.keep_errors();
    return out;
}

}  // namespace totem::net
