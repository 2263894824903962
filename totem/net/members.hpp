#pragma once
// Who the other nodes of a ring are to a transport: where a token goes, who gets a multicast, whose
// datagrams are welcome.

#include <optional>
#include <span>
#include <vector>

#include "totem/net/socket.hpp"
#include "totem/net/transport.hpp"

namespace totem::net {

class Members {
public:
    struct Member {
        NodeAddress address;
        SocketAddress target;
        bool self = false;
    };

    explicit Members(const TransportConfig& config) : config_(config) {}

    // After each change of config.members or of the local address.
    void rebuild(const HostAddress& local);
    // The regular configuration (v2 unicast): upstream's "active" mark of section 9.2.
    void set_active(std::span<const Identity> members);

    // Where multicasts go, ourselves left out; good until the next change.
    std::span<const SocketAddress> everybody() const { return everybody_; }
    std::span<const SocketAddress> active() const { return active_targets_; }  // get ordered messages
    bool listed(const NodeAddress& from) const { return at(from) != nullptr; }
    // As configured; null for an address that no member has.
    const NodeAddress* at(const NodeAddress& address) const;

    struct Target {
        bool self = false;
        SocketAddress address;
    };
    // nullopt for a node without a known address.
    std::optional<Target> find(const Identity& identity) const;

private:
    bool is_active(const NodeAddress& address) const;
    void choose_targets();

    const TransportConfig& config_;
    HostAddress local_;
    std::vector<Member> members_;
    std::vector<NodeAddress> active_;
    std::vector<SocketAddress> everybody_, active_targets_;
};

}  // namespace totem::net
