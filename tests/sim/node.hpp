#pragma once
// One node: the shipping protocol stack and CPG service with a simulated kernel around them (clock,
// sockets, disk, CPU). A Node outlives its process; each start is a new life.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "engine/exec/executive.hpp"
#include "tests/sim/clients.hpp"
#include "tests/sim/cpg_oracle.hpp"
#include "tests/sim/history.hpp"
#include "tests/sim/message_tap.hpp"
#include "tests/sim/probe_service.hpp"
#include "tests/sim/rng.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/sync_oracle.hpp"
#include "tests/sim/trace.hpp"
#include "tests/sim/vote_oracle.hpp"
#include "tests/sim/votes.hpp"
#include "totem/stack/stack.hpp"

namespace totem::sim {

// What a node reaches outside of itself.
struct Surroundings {
    const Scenario& scenario;
    Trace& trace;
    History& history;
    CpgOracle& cpg;
    SyncOracle& sync;
    VoteOracle& votes;
    Rng& rng;  // effects and CPU scheduling
    Rng& traffic_rng;
    Time now = 0;
    ClientId next_client = 1;
    std::vector<NodeId> with_probe;
};

// The network, implemented by World.
class Wire {
public:
    virtual ~Wire() = default;
    virtual void multicast(NodeIndex from, unsigned network, wire::PacketType type, Bytes packet) = 0;
    virtual void unicast(NodeIndex from, unsigned network, wire::PacketType type, const Identity& target,
                         Bytes packet) = 0;
};

class Node final : private srp::Host, private rrp::Networks, private srp::Observer, private StackListener {
public:
    Node(NodeIndex index, const NodeSetup& setup, Surroundings& around, Wire& wire);
    ~Node() override;

    bool running() const { return process_ != nullptr; }
    const NodeSetup& setup() const { return setup_; }
    NodeId id() const { return setup_.identity.nodeid; }
    Who who() const { return who_; }

    void start(bool lost_file);
    void crash();
    // A crash after `effects` more effects, counted from the next entry to `on_state` if that is not 0.
    void plan_crash(std::uint32_t effects, std::uint8_t on_state);
    void leave();  // once the token has come twice, as the daemon does
    void interface_changed();
    void force_gather();
    void pause_until(Time until);
    void jump_clock(Time by) { clock_offset_ += by; }
    void break_disk(bool broken) { disk_broken_ = broken; }
    // End of all trouble.
    void recover();

    void receive(FrameRef packet, unsigned network, bool unicast);
    void port_closed(unsigned network, const Identity& peer);
    void wake();
    void timer();
    // Nothing, while there is no process or it does not run.
    void let_clients(void (Clients::*act)());
    // The clients of the calm end (Clients::ensure, Clients::speak).
    bool ensure_client();
    bool speak();

    // When the node next wants the CPU: for a timer, for waiting input. kEndOfTime if never.
    Time next_timer() const;
    Time next_wake() const;

    // State for the final checks.
    const srp::Ring& ring() const { return process_->stack.ring(); }
    RingKey regular() const { return regular_; }
    bool faulty(unsigned network) const { return process_ && process_->stack.redundancy().faulty(network); }
    Clients& clients() { return process_->clients; }
    bool synchronized() const { return !process_->stack.sync_in_progress(); }
    std::vector<engine::cpg::Process> processes() const;

private:
    struct Process {
        Process(Node& node, Surroundings& around);
        FramePool pool;
        Stack stack;
        engine::Executive executive;
        Clients clients;
        engine::cpg::CpgService cpg;
        MessageTap tap;
        ProbeService probe;
        Votes votes;
        Instant next_timeout() const;
    };
    struct Waiting {
        FrameRef packet;
        unsigned network;
        bool unicast;
    };

    Instant local_now() const;
    Time to_global(Instant local) const;
    void handle(const FrameRef& packet, unsigned network);
    void after_call();
    void stop_process(const char* why);
    std::uint64_t token_visits() const;
    void finish_leaving();
    // Counts an effect; false once the process is dead.
    bool alive_for_effect();
    bool silent() const { return dying_; }
    wire::PacketType type_of(Bytes packet);

    // rrp::Networks
    void multicast(unsigned network, const FrameRef& frame, Fanout fanout) override;
    void unicast(unsigned network, const FrameRef& frame, const Identity& target) override;
    void drain_others(unsigned network) override;
    void flush() override;
    bool discard_pending_input() override;

    // srp::Host
    bool store_ring_seq(std::uint64_t seq) override;
    std::uint32_t random_up_to(std::uint32_t bound) override;

    // srp::Observer
    void state_entered(srp::State state) override;
    void gather_entered(srp::GatherReason reason) override;
    void token_lost(srp::State state, Duration elapsed) override;
    void failed_to_receive() override;
    void pause_detected(Duration elapsed) override;
    void datagram_dropped(wire::Drop reason, Bytes datagram) override;
    void assigned(const RingId& ring, std::uint32_t seq, Bytes payload) override;
    void freed(const RingId& ring, std::uint32_t up_to) override;
    void token_handled(const wire::Token& received, const wire::Token& sent) override;
    void token_kept(const wire::Token& before, const wire::Token& sent) override;
    void stored(const RingId& ring, std::uint32_t seq) override;
    void delivered(const srp::Message& message) override;
    void configuration_delivered(const srp::Configuration& change) override;
    void commit_token_filled(const RingId& ring) override;
    void fatal(std::string_view what) override;

    // StackListener
    void sync_completed(const RingId& ring) override;
    void sync_aborted() override;
    void network_status(unsigned network, const rrp::Status& status) override;
    void ring_test_activated(unsigned network, const wire::RingTest& test, bool recovered) override;

    const NodeIndex index_;
    const NodeSetup& setup_;
    Surroundings& around_;
    Wire& wire_;

    // The kernel's side.
    Time clock_offset_ = 0;
    Time busy_until_ = 0;
    bool paused_ = false;
    std::deque<Waiting> multicasts_, unicasts_;  // with one socket all wait in `multicasts_`
    std::optional<std::uint64_t> disk_;
    bool disk_broken_ = false;

    // The process.
    std::unique_ptr<Process> process_;
    Who who_;
    bool dying_ = false, failed_ = false;
    struct Leaving {
        std::uint64_t visits;  // of the token, until it goes
        Time until;            // at the latest
    };
    std::optional<Leaving> leaving_;
    struct {
        bool armed = false, counting = false;
        std::uint32_t effects = 0;
        std::uint8_t on_state = 0;
    } crash_;
    bool recovering_ = false;
    std::uint32_t multicasts_in_visit_ = 0;
    const std::uint8_t* last_multicast_ = nullptr;  // of this visit
    RingKey regular_ = kNoRing;
    RingId regular_id_;
    std::uint32_t position_ = 0;  // seq of the last delivery
    friend class Clients;
    friend class ProbeService;
    friend class MessageTap;
    friend class Votes;
};

}  // namespace totem::sim
