#pragma once
// The Totem single-ring ordering and membership protocol as a sans-I/O machine.
// Spec totem-srp.md (section numbers in comments refer to it); the paper is Amir, Moser,
// Melliar-Smith, Agarwal, Ciarfella: "The Totem Single-Ring Ordering and Membership Protocol".
//
// Drive it so:
//   ring.start(now, stored_seq);            once, when the interface is up
//   ring.on_datagram(now, bytes);           for every plain Totem message received
//   ring.on_timeout(now);                   when now >= ring.next_timeout()
// Each call may invoke Upper, Effects and Observer. None re-enters the Ring except that Upper may
// call submit(), room(), request_token() and synchronized().
//
// With transport udp the driver hands over what waits in the multicast socket before a token
// (section 7 step 3). Thread rule: one thread; an instance shares nothing with others.

#include <cstdint>
#include <memory>
#include <span>

#include "totem/base/frame_pool.hpp"
#include "totem/base/time.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/srp/pace.hpp"
#include "totem/srp/parameters.hpp"
#include "totem/srp/statistics.hpp"
#include "totem/wire/codec.hpp"

namespace totem::srp {

struct RingConfig {
    Dialect dialect = Dialect::v3;
    ByteOrder order = kNativeOrder;  // byte order we write; other than native only in tests
    Identity self;
    std::size_t queue_capacity = 2974;  // slots of each send queue: 4 MiB / M (totem-wire.md section 8)
    Parameters parameters;
    PaceOptions pace = {};
};

class Ring {
public:
    // The pool and the three interfaces must outlive the ring.
    Ring(const RingConfig& config, FramePool& pool, Upper& upper, Effects& effects, Observer& observer);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    // Interface is up: load the ring id (section 17) and gather. `stored_seq` is the persisted value,
    // 0 if there was none.
    void start(Instant now, std::uint64_t stored_seq);
    // The interface came back or changed: gather again (reason 15).
    void interface_changed(Instant now);

    void on_datagram(Instant now, Bytes packet);
    void on_timeout(Instant now);
    Instant next_timeout() const;  // kNever if nothing is armed

    // Queues one totempg packet for the next token visits; the bytes start behind the place where the
    // MCAST fixed part goes, see frame_for_payload(). False if the queue is full (nothing queued).
    bool submit(Instant now, FrameRef frame);
    // Whether what is queued now leaves at the token's next visit, or together with more that is gathered, and not
    // before.
    bool sends_later() const;
    // A frame with room for `payload_size` bytes of payload at offset payload_offset().
    FrameRef frame_for_payload(std::size_t payload_size);
    std::size_t payload_offset() const;
    // Free slots of the queue submit() currently uses, less two (section 3 "Room"); 0 if none.
    std::size_t room() const;
    // Somebody waits for the next token: cancels a hold (section 11).
    void request_token(Instant now);
    // Synchronisation of the services completed: ends waiting_trans_ack (section 3).
    void synchronized();

    // What is known of the members: where all are ours, limits may grow and the token may stay with who sends
    // (pace.hpp). Forgotten with the next membership change.
    void set_companionship(const Companionship& members);

    // The host of a member answered that no process has its port open. In a ring of ours, where the network layer
    // reports it at once, all are asked for joins, and a suspect that does not answer within two join timeouts while
    // all others do is failed; the others need not wait for the token timeout and for the consensus timeout. The report
    // alone fails nobody, as it may be forged, and a paused process keeps its port.
    void port_closed(Instant now, const Identity& member);

    // What is queued is the last of us: the token is asked for, and does not stay or rest here any more. leave()
    // follows.
    void prepare_leave(Instant now);
    // Orderly leave (section 19): sends one leave message; the ring is stopped afterwards.
    void leave(Instant now);
    // Acts as token loss (section 20, runtime.force_gather).
    void force_gather(Instant now);
    // New values; timers use them when next armed.
    void set_parameters(const Parameters& parameters);

    State state() const;
    const RingId& ring_id() const;  // current; from COMMIT on the new one
    const Identity& self() const;
    std::span<const Identity> members() const;  // of the last operational ring
    bool is_representative() const;             // of the last operational ring
    // Averages and time_since_token_last_received are computed at `now`.
    Statistics statistics(Instant now) const;
    void clear_statistics();

private:
    friend struct RingTestAccess;  // tests/srp: moves a ring close to the end of the sequence numbers
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace totem::srp
