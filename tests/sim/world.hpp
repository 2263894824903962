#pragma once
// One run: builds the cluster of a scenario, lets it happen, judges it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/event_queue.hpp"
#include "tests/sim/links.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/packets.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/verdict.hpp"

namespace totem::sim {

struct Outcome {
    std::optional<Violation> violation;
    bool void_run = false;  // a ring id was used twice after a lost file: says nothing (History)
    std::uint64_t trace_hash = 0;
    std::uint64_t events = 0;
    Time virtual_time = 0;
    std::size_t rings = 0;  // that delivered a regular configuration, or were tried
};

class World final : private Wire {
public:
    World(const Scenario& scenario, Trace& trace);
    ~World() override;
    Outcome run();

private:
    // How the calm end goes: converge, then every client speaks and is heard, then all networks are used, then silence.
    enum class Phase : std::uint8_t { trouble, converging, speaking, mending, quieting, idle, done };

    void schedule();
    void step();
    void dispatch(const Event& event);
    void act(std::uint32_t index);
    void plan(NodeIndex node);
    void traffic(NodeIndex node);
    void inject(const Action& action);
    void calm_down();

    // calm.cpp
    void milestone();
    bool converged() const;
    std::string differences() const;
    void check_converged();
    void speak();
    void check_lists();
    std::string network_troubles() const;
    void after_speaking();
    void begin_idle();
    void check_idle();
    void fail(const char* rule, std::string text);
    void next_milestone(Time in);

    // Wire
    void multicast(NodeIndex from, unsigned network, wire::PacketType type, Bytes packet) override;
    void unicast(NodeIndex from, unsigned network, wire::PacketType type, const Identity& target,
                 Bytes packet) override;
    void report_closed_port(NodeIndex to, NodeIndex about, unsigned network);
    void transmit(NodeIndex from, NodeIndex to, unsigned network, wire::PacketType type, const FrameRef& packet,
                  bool unicast);
    void remember(Bytes packet, NodeSet addressees);

    const Scenario scenario_;
    Trace& trace_;
    FramePool pool_;
    EventQueue queue_;
    History history_;
    CpgOracle cpg_;
    SyncOracle sync_;
    VoteOracle votes_;
    Rng network_rng_, effects_rng_, traffic_rng_, junk_rng_;
    Links links_;
    Surroundings around_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<Time> timer_at_, wake_at_;  // earliest event in the queue for each node
    Past past_;                             // what nodes sent, some of it
    std::uint64_t events_ = 0;
    std::uint64_t datagrams_before_ = 0;  // events older than this are lost (calm, lost files)

    Phase phase_ = Phase::trouble;
    RingKey agreed_ = kNoRing;
    Time deadline_ = 0;
    bool present_ = false, spoken_ = false;
    std::uint64_t sent_[8] = {};  // datagrams by type, as sent by the nodes
};

}  // namespace totem::sim
