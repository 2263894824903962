#pragma once
// The three directions in which a Ring talks to its surroundings. All calls happen synchronously
// inside a call into the Ring and on its thread; no callee may throw.

#include <cstdint>
#include <span>
#include <string_view>

#include "totem/base/bytes.hpp"
#include "totem/base/frame_pool.hpp"
#include "totem/base/time.hpp"
#include "totem/wire/codec.hpp"
#include "totem/wire/types.hpp"

namespace totem::srp {

enum class State : std::uint8_t { operational = 1, gather = 2, commit = 3, recovery = 4 };
std::string_view describe(State state);  // "OPERATIONAL", ...

// Spec section 26; the numbers are upstream's.
enum class GatherReason : std::uint8_t {
    consensus_timeout = 0,
    consensus_timeout_expired = 3,
    token_lost_operational = 2,
    token_lost_commit = 4,
    token_lost_recovery = 5,
    failed_to_receive = 6,
    foreign_message_operational = 7,
    foreign_message_gather = 8,
    merge_operational = 9,
    merge_gather = 10,
    merge_during_join = 11,
    join_operational = 12,
    join_commit = 13,
    join_recovery = 14,
    interface_change = 15,
    process_gone = 100,  // ours: see Ring::port_closed()
};
std::string_view describe(GatherReason reason);  // section 26 texts, verbatim

// An ordered message. `payload` is valid during the call only.
struct Message {
    NodeId originator = 0;
    ByteOrder order = kNativeOrder;  // of the originator; the payload is in it
    std::uint32_t seq = 0;           // on `ring`
    RingId ring;                     // where seq was assigned
    Bytes payload;
};

// A configuration change (section 16). Spans are valid during the call only.
struct Configuration {
    enum class Kind : std::uint8_t { regular = 0, transitional = 1 };
    Kind kind;
    RingId ring;  // the new ring, for both kinds
    std::span<const Identity> members, left, joined;
};

// The layer above (totem/pg).
class Upper {
public:
    virtual ~Upper() = default;
    virtual void deliver(const Message& message) = 0;
    virtual void configuration(const Configuration& change) = 0;
    // A valid token arrived and its send window has not been used yet: the moment to flush half-filled
    // packets into Ring::submit (section 7 step 7).
    virtual void token_received() = 0;
    // The token of this visit was sent or held (step 22), once per visit.
    virtual void token_sent() = 0;
};

// What a node keeps on disk, and chance.
class Host {
public:
    virtual ~Host() = default;
    // Persists the ring sequence of `ring` (section 17) before the call returns; false is fatal for
    // the node: the ring stops and reports Observer::fatal.
    virtual bool store_ring_seq(std::uint64_t seq) = 0;
    // Uniform in 0..bound inclusive (send_join).
    virtual std::uint32_t random_up_to(std::uint32_t bound) = 0;
};

// The machine's effects on the world. Sends are fire-and-forget and may be batched until flush().
// The machine hands its own multicasts to itself: the transport must not loop them back (section 9
// of totem-wire.md allows it), and tolerates it if the network does.
class Effects : public Host {
public:
    enum class Fanout : std::uint8_t {
        all,      // join, leave, merge detect, hold cancel ("flush")
        members,  // ordered messages ("noflush"): udpu in v2 may skip members that are not active
    };
    virtual void multicast(const FrameRef& frame, Fanout fanout) = 0;
    virtual void unicast(const FrameRef& frame, const Identity& target) = 0;
    // Everything sent so far should leave now: called once per token visit right behind the token,
    // before deliveries, and at the end of every other entry point that sent something.
    virtual void flush() = 0;
    // Throws away datagrams waiting in the sockets; true if there were any (section 20, pause).
    virtual bool discard_pending_input() = 0;
};

// Where the token was last, as far as this node can know.
struct TokenTrail {
    Instant received{};      // by us
    bool passed_on = false;  // else we hold it, the ring being idle
    Instant passed{};
    NodeId to = 0;             // whom we passed it to
    std::uint64_t resent = 0;  // copies sent since, because nothing was heard
    // Messages numbered after our visit prove that the token came as far as their originator; the last such.
    bool heard_after = false;
    NodeId reached = 0;
    Instant reached_at{};
    // When it is told: how long ago it was received, and how long a node waits for it.
    Duration silent{}, timeout{};
};

// What log, statistics, diagnosis and the simulator's oracles want to know. Every method has an
// empty default; none may call back into the Ring.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void state_entered(State) {}
    virtual void gather_entered(GatherReason) {}
    // Token loss in `state`; `elapsed` since the last valid token.
    virtual void token_lost(State, Duration /*elapsed*/) {}
    // When the operational state is left, whatever the reason; before gather_entered().
    virtual void token_trail(const TokenTrail&) {}
    virtual void token_warning(Duration /*elapsed*/) {}
    virtual void membership_formed(const RingId&, std::span<const Identity> /*members*/,
                                   std::span<const Identity> /*joined*/, std::span<const Identity> /*left*/,
                                   std::span<const Identity> /*left_without_leave_message*/) {}
    virtual void leave_received(const Identity&) {}
    // A join of another node that is no leave, whatever becomes of it.
    virtual void join_received(const Identity& /*sender*/, std::span<const Identity> /*proc*/,
                               std::span<const Identity> /*failed*/) {}
    // A message or merge detect of another ring makes us gather.
    virtual void foreign_heard(const Identity& /*sender*/, const RingId&) {}
    virtual void retransmit_list(std::span<const wire::RtrItem>) {}
    virtual void failed_to_receive() {}
    virtual void pause_detected(Duration) {}
    virtual void forced_gather() {}
    virtual void datagram_dropped(wire::Drop, Bytes /*datagram*/) {}
    // COMMIT/RECOVERY bookkeeping for debug logs.
    virtual void saved_old_state(std::uint32_t /*aru*/, std::uint32_t /*high_seq*/) {}
    virtual void commit_token_created() {}
    virtual void commit_token_received() {}
    virtual void initial_token_sent() {}
    virtual void recovery_member(std::size_t /*position*/, const Identity&, const wire::CommitEntry&) {}
    virtual void recovery_originated(std::uint32_t /*low*/, std::uint32_t /*high*/, std::size_t /*count*/) {}
    // Sequence-number events for the EVS checks of section 24.
    virtual void assigned(const RingId&, std::uint32_t /*seq*/, Bytes /*payload*/) {}
    virtual void freed(const RingId&, std::uint32_t /*up_to*/) {}
    virtual void token_handled(const wire::Token& /*as received*/, const wire::Token& /*as sent*/) {}
    // A member's host says that no process has its port open, and that is looked into (Ring::port_closed()).
    virtual void process_suspected(const Identity& /*member*/) {}
    // The same token, not passed on yet, has taken more messages.
    virtual void token_kept(const wire::Token& /*before*/, const wire::Token& /*as sent*/) {}
    // A message entered a sort queue for the first time, ours included; in recovery (ring being formed,
    // its seq), and again as (old ring, old seq) when it is unpacked.
    virtual void stored(const RingId&, std::uint32_t /*seq*/) {}
    // What Upper is about to be told, right before it is.
    virtual void delivered(const Message&) {}
    virtual void configuration_delivered(const Configuration&) {}
    virtual void commit_token_filled(const RingId& /*ring*/) {}
    // The node can't go on (ring id not stored); the machine is stopped.
    virtual void fatal(std::string_view /*what*/) {}
};

}  // namespace totem::srp
