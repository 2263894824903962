#pragma once
// The set of sockets a transport needs on one address. Spec totem-wire.md sections 9.1 and 9.2.

#include "totem/net/host_interface.hpp"
#include "totem/net/socket.hpp"
#include "totem/net/transport.hpp"

namespace totem::net {

struct Sockets {
    Socket group;       // receives multicasts; none with Mode::unicast
    Socket token;       // receives unicasts, with Mode::unicast everything
    Socket multicasts;  // sends multicasts, except with Mode::unicast tokens, too

    // Socket that tokens leave through.
    int token_sender(Mode mode) const { return mode == Mode::unicast ? token.fd() : multicasts.fd(); }
};

// Throws NetError.
Sockets open_sockets(const TransportConfig& config, const HostAddress& local);

// Where multicasts go in the modes with one destination for all.
SocketAddress group_address(const TransportConfig& config, const HostAddress& local);

}  // namespace totem::net
