#include "tests/sim/world.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/sim/hash.hpp"
#include "tests/sim/packets.hpp"

namespace totem::sim {
namespace {

// A livelock burns any budget; a gather of many nodes, where each join reaches all, needs much of it.
constexpr std::uint64_t kEventsPerNode = 200000;
constexpr std::uint64_t kEventsPerPair = 10000;
constexpr std::size_t kRemembered = 64;

std::uint64_t events_allowed(std::size_t nodes) {
    return nodes * (kEventsPerNode + nodes * kEventsPerPair);
}

TokenLimits limits(const Scenario& scenario) {
    TokenLimits out{0, 0, scenario.equal_parameters};
    for (const NodeSetup& node : scenario.nodes) {
        srp::Limits most{node.parameters.window_size, node.parameters.max_messages};
        if (node.pace.adaptive_window && node.socket_holds > most.window_size) {
            // They grow together, each node's at its own time.
            out.equal_everywhere = false;
            most.max_messages = most.max_messages * std::min(node.socket_holds, 1024U) / most.window_size + 1;
        }
        if (node.pace.hold_at_sender && node.socket_holds > 0) {
            out.equal_everywhere = false;
            most.max_messages = std::max(most.max_messages, std::min(node.socket_holds / 2, 1024U));
        }
        out.max_messages = std::max(out.max_messages, most.max_messages);
        out.window_size = std::max(out.window_size, most.window_size);
    }
    return out;
}

constexpr Time kStreamInterval = kMillisecond / 5;

const char* through(unsigned network) {
    return network == 0 ? "" : " through network 1";
}

std::map<NodeId, std::uint32_t> votes_of(const Scenario& scenario) {
    std::map<NodeId, std::uint32_t> out;
    for (const NodeSetup& node : scenario.nodes)
        out[node.identity.nodeid] = node.quorum.nodelist->own_votes;
    return out;
}

}  // namespace

World::World(const Scenario& scenario, Trace& trace)
    : scenario_(scenario),
      trace_(trace),
      history_(limits(scenario)),
      cpg_(history_.facts(), history_.verdict()),
      sync_(history_.facts(), history_.verdict()),
      votes_(scenario_.nodes.front().quorum, votes_of(scenario_), history_.verdict()),
      network_rng_(scenario.seed, 2),
      effects_rng_(scenario.seed, 3),
      traffic_rng_(scenario.seed, 4),
      junk_rng_(scenario.seed, 5),
      links_(scenario_, network_rng_),
      around_{scenario_, trace_, history_, cpg_, sync_, votes_, effects_rng_, traffic_rng_, 0, 1, {}},
      timer_at_(scenario.nodes.size(), kEndOfTime),
      wake_at_(scenario.nodes.size(), kEndOfTime) {
    Wire& wire = *this;
    for (NodeIndex i = 0; i < scenario_.nodes.size(); ++i) {
        if (scenario_.nodes[i].probe_service) around_.with_probe.push_back(scenario_.nodes[i].identity.nodeid);
        nodes_.push_back(std::make_unique<Node>(i, scenario_.nodes[i], around_, wire));
    }
    schedule();
}

World::~World() = default;

void World::schedule() {
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
        queue_.push({scenario_.nodes[i].starts, 0, Event::Kind::start, false, i, 0, {}, 0});
        traffic(i);
    }
    for (std::uint32_t i = 0; i < scenario_.actions.size(); ++i)
        if (scenario_.actions[i].at < scenario_.calm)
            queue_.push({scenario_.actions[i].at, 0, Event::Kind::action, false, scenario_.actions[i].node, i, {}, 0});
    for (const LinkFault& fault : scenario_.faults) {
        queue_.push({fault.begin, 0, Event::Kind::fault_edge, false, 0, 0, {}, 0});
        queue_.push({fault.end, 0, Event::Kind::fault_edge, false, 0, 0, {}, 0});
    }
    if (scenario_.dead) queue_.push({scenario_.dead_from, 0, Event::Kind::fault_edge, false, 0, 0, {}, 0});
    queue_.push({scenario_.calm, 0, Event::Kind::milestone, false, 0, 0, {}, 0});
}

Outcome World::run() {
    while (phase_ != Phase::done && !queue_.empty() && !history_.verdict().failed() && !history_.void_run())
        step();
    if (!history_.verdict().failed() && !history_.void_run()) cpg_.finish();
    Outcome outcome;
    if (!history_.void_run()) outcome.violation = history_.verdict().violation();
    outcome.void_run = history_.void_run();
    outcome.trace_hash = trace_.hash();
    outcome.events = events_;
    outcome.virtual_time = around_.now;
    outcome.rings = history_.facts().ring_count() - 1;
    return outcome;
}

void World::step() {
    const Event event = queue_.pop();
    around_.now = event.at;
    if (++events_ > events_allowed(nodes_.size())) return fail("liveness", "the run does not end: too many events");
    trace_.note(mix(static_cast<std::uint64_t>(event.at), static_cast<std::uint64_t>(event.network) << 48 |
                                                              static_cast<std::uint64_t>(event.kind) << 32 |
                                                              event.node));
    dispatch(event);
    // Only the node of the event can have new plans, except after milestones.
    if (event.kind != Event::Kind::milestone) return plan(event.node);
    for (NodeIndex i = 0; i < nodes_.size(); ++i)
        plan(i);
}

void World::plan(NodeIndex i) {
    const Time timer = nodes_[i]->next_timer();
    if (timer < timer_at_[i]) {
        timer_at_[i] = timer;
        queue_.push({timer, 0, Event::Kind::timer, false, i, 0, {}, 0});
    }
    const Time wake = nodes_[i]->next_wake();
    if (wake < wake_at_[i]) {
        wake_at_[i] = wake;
        queue_.push({wake, 0, Event::Kind::wake, false, i, 0, {}, 0});
    }
}

void World::dispatch(const Event& event) {
    Node& node = *nodes_[event.node];
    switch (event.kind) {
        case Event::Kind::datagram:
            if (event.order < datagrams_before_) return;
            if (trace_.enabled() && node.running())
                trace_.line(event.at, node.id(), "<- {}{}: {}",
                            event.a < nodes_.size() ? fmt::format("{}", nodes_[event.a]->id()) : "?",
                            through(event.network), describe_packet(scenario_.dialect, event.packet.bytes()));
            if (event.flag && !node.running()) report_closed_port(event.a, event.node, event.network);
            return node.receive(event.packet, event.network, event.flag);
        case Event::Kind::port_closed:
            return node.port_closed(event.network, scenario_.nodes[event.a].identity);
        // An event that another came before is no plan any more; acting on it would make one more each time.
        case Event::Kind::timer:
            if (event.at != timer_at_[event.node]) return;
            timer_at_[event.node] = kEndOfTime;
            return node.timer();
        case Event::Kind::wake:
            if (event.at != wake_at_[event.node]) return;
            wake_at_[event.node] = kEndOfTime;
            return node.wake();
        case Event::Kind::traffic:
            if (phase_ != Phase::trouble) return;
            node.let_clients(&Clients::tick);
            return traffic(event.node);
        case Event::Kind::fault_edge:
            return links_.update(event.at);
        case Event::Kind::action:
            return act(event.a);
        case Event::Kind::start:
            return node.start(event.flag);
        case Event::Kind::milestone:
            return milestone();
    }
}

void World::traffic(NodeIndex node) {
    const Time mean = scenario_.traffic.interval;
    queue_.push({around_.now + traffic_rng_.range(1, 2 * mean), 0, Event::Kind::traffic, false, node, 0, {}, 0});
}

void World::act(std::uint32_t index) {
    const Action& action = scenario_.actions[index];
    Node& node = *nodes_[action.node];
    if (phase_ != Phase::trouble) return;
    switch (action.kind) {
        case Action::Kind::crash:
            if (action.flag) node.let_clients(&Clients::send_long);
            return node.plan_crash(action.count, action.on_state);
        case Action::Kind::restart:
            // What a forgetful node sent before must not meet what it says now: its ring ids repeat.
            if (action.flag && !node.running()) {
                datagrams_before_ = queue_.next_order();
                past_.clear();
            }
            return node.start(action.flag);
        case Action::Kind::leave:
            return node.leave();
        case Action::Kind::pause:
            return node.pause_until(std::min(scenario_.calm, around_.now + action.length));
        case Action::Kind::clock_jump:
            return node.jump_clock(action.length);
        case Action::Kind::disk_failure:
            return node.break_disk(true);
        case Action::Kind::junk:
            return inject(action);
        case Action::Kind::interface_changed:
            return node.interface_changed();
        case Action::Kind::force_gather:
            return node.force_gather();
        case Action::Kind::flood:
            return node.let_clients(&Clients::flood);
        case Action::Kind::stream:
            node.let_clients(&Clients::stream);
            if (const Time next = around_.now + kStreamInterval; next < action.at + action.length)
                queue_.push({next, 0, Event::Kind::action, false, action.node, index, {}, 0});
            return;
    }
}

void World::inject(const Action& action) {
    for (std::uint32_t i = 0; i < action.count; ++i) {
        const auto junk = make_junk(action.junk, scenario_.dialect, action.node, past_, junk_rng_);
        if (junk.empty()) continue;
        Event event{around_.now + junk_rng_.range(0, scenario_.hop * 4),
                    0,
                    Event::Kind::datagram,
                    junk_rng_.chance(0.5),
                    action.node,
                    UINT32_MAX,
                    {},
                    0};
        event.packet = pool_.copy(junk);
        if (scenario_.networks > 1) event.network = static_cast<std::uint8_t>(junk_rng_.below(scenario_.networks));
        queue_.push(std::move(event));
    }
}

void World::remember(Bytes packet, NodeSet addressees) {
    if (junk_rng_.below(8) != 0) return;
    PastPacket copy{{packet.begin(), packet.end()}, addressees};
    if (past_.size() < kRemembered)
        past_.push_back(std::move(copy));
    else
        past_[junk_rng_.below(kRemembered)] = std::move(copy);
}

void World::multicast(NodeIndex from, unsigned network, wire::PacketType type, Bytes packet) {
    ++sent_[static_cast<std::size_t>(type) & 7];
    trace_.note(hash_bytes(packet));
    if (trace_.enabled())
        trace_.line(around_.now, nodes_[from]->id(), "-> all{}: {}", through(network),
                    describe_packet(scenario_.dialect, packet));
    remember(packet, ~only(from));
    const FrameRef copy = pool_.copy(packet);
    for (NodeIndex to = 0; to < nodes_.size(); ++to)
        if (to != from || scenario_.nodes[from].loops_multicast) transmit(from, to, network, type, copy, false);
}

void World::unicast(NodeIndex from, unsigned network, wire::PacketType type, const Identity& target, Bytes packet) {
    ++sent_[static_cast<std::size_t>(type) & 7];
    trace_.note(hash_bytes(packet));
    if (trace_.enabled())
        trace_.line(around_.now, nodes_[from]->id(), "-> {}{}: {}", target.nodeid, through(network),
                    describe_packet(scenario_.dialect, packet));
    for (NodeIndex to = 0; to < nodes_.size(); ++to) {
        if (scenario_.nodes[to].identity != target) continue;
        remember(packet, only(to));
        transmit(from, to, network, type, pool_.copy(packet), true);
        if (scenario_.false_reports > 0 && phase_ == Phase::trouble && junk_rng_.chance(scenario_.false_reports)) {
            report_closed_port(from, to, network);
        }
    }
}

void World::report_closed_port(NodeIndex to, NodeIndex about, unsigned network) {
    if (!scenario_.tells_closed_ports || to >= nodes_.size()) return;
    queue_.push({around_.now + scenario_.hop,
                 0,
                 Event::Kind::port_closed,
                 false,
                 to,
                 about,
                 {},
                 static_cast<std::uint8_t>(network)});
}

void World::transmit(NodeIndex from, NodeIndex to, unsigned network, wire::PacketType type, const FrameRef& packet,
                     bool unicast) {
    const Links::Fate fate = links_.send(network, from, to, {type, packet.size()});
    for (std::uint32_t i = 0; i < fate.copies; ++i) {
        queue_.push({around_.now + fate.latency[i], 0, Event::Kind::datagram, unicast, to, from, packet,
                     static_cast<std::uint8_t>(network)});
    }
}

void World::fail(const char* rule, std::string text) {
    history_.verdict().fail(rule, {}, std::move(text));
}

}  // namespace totem::sim
