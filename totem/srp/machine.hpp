#pragma once
// The inside of a Ring. Its member functions are split by what they do:
//   ring.cpp         the public face: entry points and queues
//   dispatch.cpp     from a datagram to the handler of its type and state (section 6)
//   timers.cpp       expiries (section 5)
//   token_visit.cpp  the regular token (sections 7 to 11)
//   gather.cpp       joins and consensus (section 13)
//   commit.cpp       the commit token's first rotation (section 14)
//   recovery.cpp     its second rotation and the exchange of old messages (section 15)
//   delivery.cpp     messages and configurations to the layer above (sections 12, 16)
// Section numbers here and there are those of totem-srp.md.

#include <limits>
#include <memory>
#include <optional>

#include "totem/srp/flow_control.hpp"
#include "totem/srp/node_set.hpp"
#include "totem/srp/outbox.hpp"
#include "totem/srp/phases.hpp"
#include "totem/srp/ring.hpp"
#include "totem/srp/send_queue.hpp"
#include "totem/srp/seq.hpp"
#include "totem/srp/timers.hpp"
#include "totem/srp/token_history.hpp"
#include "totem/srp/window.hpp"

namespace totem::srp {

// A ring seq no cluster can reach honestly: 2^32 changes short of the end of the number space. Believing it would
// make the next ring's seq wrap.
inline constexpr std::uint64_t kMaxPlausibleRingSeq =
    std::numeric_limits<std::uint64_t>::max() - (std::uint64_t{1} << 32);

// What a node remembers from one token visit to the next.
struct TokenMemory {
    Seq handled_token_seq = kBeforeFirst;  // my_token_seq
    Seq last_seq = 0, last_aru = 0;        // of the previous token, as received
    Seq previous_seq = 0;                  // of the one before last_seq, or during a visit of that before it
    std::uint32_t unchanged = 0;           // consecutive tokens with equal seq
    std::uint32_t aru_stalled = 0;         // consecutive tokens without aru progress
    Instant aru_stalled_since{};
    bool held = false;           // the ring is considered idle
    bool visiting = false;       // between the callbacks before sending and the token's departure
    bool awaited = false;        // somebody else has asked for it since it came here the last time
    std::uint32_t requests = 0;  // of the layers above since it was last sent or kept
    bool gathering = false;      // it stays for more of a stream
    std::uint32_t sent = 0;      // messages since it came here the last time
    Instant sending_since{};     // the first of them
    bool expected_here = false;  // the others know that it may stay
    bool resend_soon = false;    // unless its successor turns out to have it
    Duration rotation{};         // of a busy ring, smoothed
    FrameRef saved;              // token or commit token for retransmission
    bool saved_is_commit = false;
    std::int32_t message_counter = 0;  // this_seqno
    TokenTrail trail;
    Seq trail_seq = 0;   // the highest sequence number the trail knows of
    Seq latest_seq = 0;  // the highest sequence number seen, and who sent that message; 0 with those of no node
    NodeId latest_sender = 0;
};

// The nodes we gather with (section 3: proc list, failed list) and how they left.
struct Gathering {
    NodeSet proc, failed;
    NodeSet left_cleanly;  // sent a leave message since the last operational entry
    NodeSet heard;         // spoke since the last operational entry
    NodeSet suspects;      // their process may be gone, and they have not answered
    bool failed_to_receive = false;
};

struct Ring::Impl {
    // Brackets an entry point: the outermost one sets the time and flushes what was sent.
    class Entry {
    public:
        Entry(Impl& impl, Instant at);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        Impl& impl_;
    };

    Impl(const RingConfig& configuration, FramePool& frames, Upper& above, Effects& out, Observer& watcher);

    // --- entry points (ring.cpp, dispatch.cpp, timers.cpp)
    void start(std::uint64_t stored_seq);
    void on_datagram(Bytes packet);
    void on_timeout();
    bool submit(FrameRef frame);
    void leave();
    void stop();

    // --- dispatch
    template <typename Packet>
    bool decoded(Bytes packet, Packet& out);
    void implausible() { ++counters.rx_implausible; }
    void on_mcast(Bytes packet);
    void on_foreign(const Identity& sender, const RingId& from, GatherReason reason);
    void on_merge_detect(const wire::MergeDetect& packet);

    // --- timers
    void expire(Timer timer);
    void token_loss();
    void restart_token_timers();
    void arm_token_warning();
    void resend_saved();
    void resend_soon();
    void heard_after_token();
    void note_rotation(Duration rotation);
    void note_passed();
    void send_merge_detect();

    // --- the regular token
    void on_token(const wire::Token& received);
    void visit(const wire::Token& received);
    bool plausible(const wire::Token& token) const;
    void note_idleness(Seq token_seq_number);
    void release(Seq token_aru);
    std::uint32_t answer_requests(wire::Token& token, std::uint32_t allowed);
    void request_missing(wire::Token& token);
    std::uint32_t guarded(std::uint32_t allowed, std::uint32_t window_size, Seq token_seq_number) const;
    std::uint32_t send_messages(wire::Token& token, std::uint32_t allowed);
    bool messages_on_wire() const;
    FrameRef next_message(Seq seq);
    void update_aru(wire::Token& token) const;
    bool failed_to_receive(const wire::Token& token, Seq last_aru);
    void pass_on(wire::Token& token, bool forward);
    std::size_t backlog() const;

    // --- where the token stays
    bool rests_here(Seq token_seq_number) const;
    std::optional<Duration> time_to_hold(const wire::Token& token, std::uint32_t sent) const;
    bool alone(const wire::Token& token) const;
    bool may_stay(const wire::Token& token, std::uint32_t sent) const;
    bool may_stay_elsewhere(const wire::Token& token, std::uint32_t sent) const;
    bool holding() const { return timers.armed(Timer::hold); }
    void keep_or_pass(wire::Token& token, std::optional<Duration> keep);
    void hold_expired();
    void send_while_holding();
    void note_sender(Seq seq, NodeId sender);
    void cancel_hold();
    bool sends_later() const;
    void on_hold_cancel(const wire::HoldCancel& packet);

    // --- gather
    void enter_gather(GatherReason reason);
    void request_join();
    void send_join();
    bool paused();
    void on_join(const wire::Join& join);
    void on_join_gathering(const wire::Join& join, const Identity& sender);
    bool merge_join(const wire::Join& join, const Identity& sender);
    bool agreed() const;
    bool shy() const;
    bool outdated_own(const wire::Join& join) const;
    void hear(const Identity& sender);
    void try_commit();
    void consensus_timeout();
    void suspect(const Identity& node);
    void suspicion_timeout();

    // --- commit
    void on_commit_token(const wire::CommitToken& token);
    bool plausible(const wire::CommitToken& token) const;
    void create_commit_token();
    void enter_commit(wire::CommitToken token);
    void fill_entry(wire::CommitToken& token) const;
    void send_commit_token(wire::CommitToken& token);

    // --- recovery
    void enter_recovery(const wire::CommitToken& token);
    void choose_messages_to_resend(const wire::CommitToken& token);
    void maybe_send_initial_token(const wire::CommitToken& token);
    FrameRef encapsulate(const FrameRef& old_message, Seq seq);
    bool recovery_complete(wire::Token& token);  // step 18; true: become operational now

    // --- delivery
    void deliver_in_order();
    void deliver(Seq seq, const StoredMessage& message);
    void enter_operational();
    void unpack_recovered();
    void deliver_remaining(NodeSpan originators);
    void deliver_configuration(Configuration::Kind kind, NodeSpan list, NodeSpan left, NodeSpan joined);
    void open_new_window();

    // --- small things
    State state() const { return static_cast<State>(phase.index() + 1); }
    RecoveryPhase* recovery() { return std::get_if<RecoveryPhase>(&phase); }
    const RecoveryPhase* recovery() const { return std::get_if<RecoveryPhase>(&phase); }
    // The window of ring_id: in RECOVERY that of the ring being formed.
    Window& current_window() { return recovery() ? *forming : *window; }
    const Window& current_window() const { return recovery() ? *forming : *window; }
    SendQueue& source_queue() { return waiting_trans_ack ? transitional_queue : queue; }
    const SendQueue& source_queue() const { return waiting_trans_ack ? transitional_queue : queue; }
    bool represents(const RingId& ring) const;
    wire::Header header(wire::PacketType type, std::uint8_t encapsulated = 0) const;
    void arm(Timer timer, std::uint32_t milliseconds) { timers.arm(timer, now + ms(milliseconds)); }

    // --- environment
    const RingConfig config;
    Parameters parameters;
    const wire::Codec codec;
    const wire::Layout& layout;
    FramePool& pool;
    Upper& upper;
    Effects& effects;
    Observer& observer;
    Outbox outbox;
    Timers timers;
    Statistics counters;
    TokenHistory history;
    std::optional<std::uint32_t> heartbeat_period;  // ms

    Instant now{};  // of the entry point being handled
    Instant last_token{}, last_pause_check{};
    bool running = false;
    int depth = 0;  // of nested entries

    // --- the ring
    Phase phase;
    RingId ring_id;                      // from COMMIT on the new one
    NodeSet ring_members;                // of ring_id
    NodeSet members;                     // of the last operational ring
    Identity next;                       // whom the token goes to
    std::uint64_t highest_ring_seq = 0;  // token_ring_id_seq
    Gathering gathering;
    // Failed without a word: not there, whoever names them, until they speak. Else groups that gather in turn would
    // hand a name nobody answers to back and forth, each waiting for it, for ever (section 27 quirk 16).
    NodeSet silent;
    TokenMemory token;
    std::optional<Instant> rotation_began;  // the latest visit in this operational ring
    Instant believe_closed_ports_from{};    // after a false report
    FlowControl flow;
    Pace pace;
    std::unique_ptr<Window> window = std::make_unique<Window>();   // of the last operational ring
    std::unique_ptr<Window> forming = std::make_unique<Window>();  // in use during RECOVERY
    SendQueue queue, transitional_queue;
    bool waiting_trans_ack = true;
};

}  // namespace totem::srp
