#pragma once
// What stands around the redundant ring protocol. All calls happen synchronously inside a call into it, on its thread.

#include "totem/base/bytes.hpp"
#include "totem/base/frame_pool.hpp"
#include "totem/rrp/status.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/wire/types.hpp"

namespace totem::rrp {

// Below: the networks, numbered from 0 as ringnumber in the configuration.
class Networks {
public:
    using Fanout = srp::Effects::Fanout;
    virtual ~Networks() = default;
    virtual void multicast(unsigned network, const FrameRef& frame, Fanout fanout) = 0;
    // To the address that `target` has on that network.
    virtual void unicast(unsigned network, const FrameRef& frame, const Identity& target) = 0;
    // Hands over, by Redundancy::receive(), what waits in the sockets of all networks but `network`: a token is about
    // to be passed up, and what was sent before it must be seen before it (section 11, receive flush). Called from
    // receive(), whose packet must survive it, and from on_timeout().
    virtual void drain_others(unsigned network) = 0;
    // Of all networks, see srp::Effects.
    virtual void flush() = 0;
    virtual bool discard_pending_input() = 0;
};

// Above: the ring.
class Upper {
public:
    virtual ~Upper() = default;
    // `packet` is valid during the call only. Any number of copies of a packet may come.
    virtual void packet(Bytes packet) = 0;
};

// For log and statistics; none may call back.
class Observer {
public:
    virtual ~Observer() = default;
    // `status` is no longer what it was because a token did not come, time passed, or the network was marked faulty.
    virtual void network_status(unsigned /*network*/, const Status&) {}
    virtual void ring_test_received(unsigned /*network*/, const wire::RingTest&) {}
    // `recovered`: the network had been faulty for us and is used again.
    virtual void ring_test_activated(unsigned /*network*/, const wire::RingTest&, bool /*recovered*/) {}
};

}  // namespace totem::rrp
