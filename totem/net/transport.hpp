#pragma once
// One ring's network: UDP sockets for multicast, broadcast or unicast over IPv4 or IPv6.
// Spec totem-wire.md section 9. The only place of the library that knows sockets.
//
// It seals messages on the way out and opens datagrams on the way in, so both sides of it speak plain
// Totem messages. Sends collect until flush() and then take one sendmmsg per socket; wake-ups read with
// recvmmsg. What the kernel can't take is counted and lost: the protocol repairs it.
//
// Where it uses the freedoms of section 9:
//  - own multicasts are not sent to ourselves, a token to ourselves is handed over in memory, deferred;
//  - udpu: one ephemeral socket for all members, so that a batch is one call; peers look at the
//    destination port only;
//  - sockets are reopened only if the interface went down or its address changed, and while it is down
//    node and address stay what they were.
//
// Thread rule: everything on the thread that runs the io_context.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "totem/base/frame_pool.hpp"
#include "totem/base/time.hpp"
#include "totem/crypto/suite.hpp"
#include "totem/net/counters.hpp"
#include "totem/net/host_interface.hpp"
#include "totem/srp/interfaces.hpp"

namespace totem::net {

enum class Mode : std::uint8_t { multicast, broadcast, unicast };

struct TransportConfig {
    Dialect dialect = Dialect::v3;
    Mode mode = Mode::unicast;
    unsigned ring = 0;  // which address of a v2 identity is ours to use
    NodeAddress bindnetaddr;
    NodeAddress group;  // Mode::multicast
    std::uint16_t port = 5405;
    std::uint8_t ttl = 1;
    // Everybody's address on this ring, ourselves included. Mode::unicast: who gets multicasts. v3: where
    // the token for a node id goes, so the node ids must be set.
    std::vector<NodeAddress> members;
    NodeId local_nodeid = 0;         // v3
    bool block_unlisted_ips = true;  // Mode::unicast
    bool offload = true;             // let the kernel cut and join datagrams, where it can
    bool notice_refusals = true;     // see Listener::port_closed()
    Duration downcheck = std::chrono::seconds(1);
    // v2 unicast: when nothing went to all members for this long, the next ordered message does.
    Duration widen_after = std::chrono::milliseconds(400);
};

enum class Refusal : std::uint8_t {
    truncated,
    unlisted,
    too_short,
    unsupported_prefix,
    different_hash,
    bad_digest,
    bad_reserved,
    undecipherable,
    other_suite,
    other_ring,
    own_packet,
    unknown_sender,
    unknown_key,
    old_session,
    replayed
};

// None may destroy the transport; close() is allowed.
class Listener {
public:
    virtual ~Listener() = default;
    // A plain Totem message; `message` is valid during the call only.
    virtual void datagram(Bytes message) = 0;
    // Sockets are ready on this address.
    virtual void interface_up(const HostAddress& address) = 0;
    virtual void interface_down() = 0;
    // A datagram that went no further; already counted.
    virtual void refused(Refusal reason, const NodeAddress& from, Bytes datagram) = 0;
    // The host at `peer`, its node id included where the members have one, answered a token: no process has the port
    // open. Anybody who can forge ICMP can say so.
    virtual void port_closed(const NodeAddress& /*peer*/) {}
    // Sockets can't be made yet, a message was too long, ... in a sentence for the log.
    virtual void trouble(std::string_view text) = 0;
    // No sockets after all retries: there is no point in going on.
    virtual void failed(std::string_view text) = 0;
};

class Transport {
public:
    // `listener` must outlive the transport.
    Transport(boost::asio::io_context& io, TransportConfig config, std::unique_ptr<crypto::Suite> suite,
              Listener& listener);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // Looks the interface up and opens the sockets. Everything that follows, also failure, is told to the
    // listener; the first interface_up may come from inside this call.
    void start();
    // Sends what waits and closes the sockets; nothing is told to the listener any more.
    void close();

    // Looks at the interface now: after token loss.
    void check_interface();
    // Looks at it every `downcheck`. Always done while it is down; wanted while we are alone (section 9.3).
    void watch_interface(bool periodically);

    // The effects of the ring, see srp::Effects.
    void multicast(const FrameRef& frame, srp::Effects::Fanout fanout);
    void unicast(const FrameRef& frame, const Identity& target);
    void flush();
    bool discard_pending_input();
    // Hands over the multicasts that wait, with Mode::unicast everything that waits. Not from inside
    // Listener::datagram of this transport.
    void read_pending();

    // v2 unicast: the members of the regular configuration; only they get ordered messages.
    void set_active(std::span<const Identity> members);
    // Replaces TransportConfig::members.
    void set_members(std::vector<NodeAddress> members);
    // Takes over what may change while sockets are open: members, block_unlisted_ips, downcheck, widen_after.
    void reconfigure(TransportConfig changed);

    bool is_up() const;
    // Bound address; unspecified before the first interface_up.
    const NodeAddress& address() const;
    // Source of the datagram being handed over; for log lines from inside Listener::datagram.
    const NodeAddress& current_sender() const;
    std::size_t overhead() const;  // bytes packet protection adds to a message at most
    // How many multicasts of that size wait in our socket before the kernel drops any; 0 while it is closed.
    std::size_t holds(std::size_t datagram_size) const;
    const Counters& counters() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace totem::net
