#include "tests/sim_cfs/world.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/ranges.h>

#include "tests/sim/hash.hpp"

namespace totem::sim::store {
namespace {

constexpr std::uint32_t kFirstSecond = 1'000'000'000;
// Longer than any chain of leaving and coming back takes.
constexpr Time kPatience = 100 * kSecond;

Instant instant(Time time) {
    return Instant{} + std::chrono::nanoseconds(time);
}

}  // namespace

StoreWorld::StoreWorld(const Scenario& scenario, Trace& trace)
    : scenario_(scenario),
      trace_(trace),
      oracles_(scenario.gentle, verdict_),
      network_(scenario.seed, 2),
      disks_(scenario.seed, 3),
      faults_(scenario.seed, 4),
      group_([this](unsigned component) { return has_quorum(component) ? 1u : 0u; }),
      machines_(scenario.nodes) {
    for (std::uint32_t i = 0; i < scenario.nodes; ++i) {
        Machine& machine = machines_[i];
        machine.index = i;
        machine.disk = std::make_unique<Disk>(Clients::initial_tree(scenario.fresh[i], i));
        machine.clients = std::make_unique<Clients>(i, scenario.seed, oracles_);
    }
}

Outcome StoreWorld::run() {
    for (Machine& machine : machines_) {
        after(network_.range(0, 3 * kSecond), [this, &machine] { start(machine); });
        client_turn(machine);
        if (scenario_.locks) lock_turn(machine);
    }
    schedule_faults();
    const Time deadline = scenario_.calm + kPatience;
    while (!steps_.empty() && !verdict_.failed()) {
        const Step step = steps_.top();
        steps_.pop();
        if (step.at > deadline) break;
        now_ = step.at;
        ++events_;
        step.what();
        look_around();
        if (calm_ && now_ > scenario_.calm + 8 * kSecond && events_ % 32 == 0 && settled()) break;
    }
    std::vector<Node*> nodes;
    for (Machine& machine : machines_)
        nodes.push_back(machine.node.get());
    if (!verdict_.failed()) oracles_.settled(nodes);
    return {verdict_.violation(), false, trace_.hash(), events_, now_, 0};
}

bool StoreWorld::settled() const {
    return std::ranges::all_of(machines_, [this](const Machine& machine) {
        return machine.node != nullptr && machine.node->engine().mode() == cfs::replica::Mode::synced &&
               machine.node->engine().everybody_synced() && !machine.node->waits() && machine.disk->idle() &&
               !group_.has_event(machine.node->id()) && !group_.has_request(machine.node->id());
    });
}

// --- what nodes tell ----------------------------------------------------------------------------------------------

Now StoreWorld::now(const Node& node) const {
    const auto seconds = kFirstSecond + scenario_.skew[node.machine()] + now_ / kSecond;
    return {static_cast<std::uint32_t>(seconds), instant(now_)};
}

void StoreWorld::report(const Node& node, cfs::Severity, std::string_view text) {
    trace_.note(hash_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
    trace_.line(now_, node.id().nodeid, "{}", text);
    oracles_.said(node, text);
}

void StoreWorld::changed(const Node& node, const cfs::Change& change, const cfs::Entry& before) {
    trace_.note(mix(change.version, node.machine()));
    if (trace_.enabled()) {
        const cfs::Digest sum = node.data().tree().database_checksum();
        trace_.line(now_, node.id().nodeid, "version {} -> {}{}, sum {:02x}{:02x}{:02x}", before.version,
                    change.version, change.from_sync ? " by a sync" : "", sum[0], sum[1], sum[2]);
    }
    oracles_.changed(node, change, before, event_quorate_);
}

// --- time ---------------------------------------------------------------------------------------------------------

void StoreWorld::after(Time delay, std::function<void()> what) {
    steps_.push({now_ + delay, order_++, std::move(what)});
}

void StoreWorld::after(Time delay, Machine& machine, std::function<void(Node&)> what) {
    after(delay, [&machine, life = machine.lives, what = std::move(what)] {
        if (machine.node != nullptr && machine.lives == life) what(*machine.node);
    });
}

// Whatever happened, somebody may have something to do now.
void StoreWorld::look_around() {
    for (Machine& machine : machines_)
        if (machine.node != nullptr) look_after(machine);
}

void StoreWorld::look_after(Machine& machine) {
    const MemberId id = machine.node->id();
    if (!machine.sequencing && group_.has_request(id)) {
        machine.sequencing = true;
        after(network_.range(50 * kMicrosecond, 4 * kMillisecond), machine, [this, &machine](Node& node) {
            machine.sequencing = false;
            group_.sequence(node.id());
        });
    }
    if (!machine.dispatching && group_.has_event(id)) {
        machine.dispatching = true;
        const bool stalls = !calm_ && network_.chance(scenario_.stall);
        const Time delay =
            stalls ? network_.range(kMillisecond, 3 * kSecond) : network_.range(10 * kMicrosecond, 2 * kMillisecond);
        after(delay, machine, [this, &machine](Node& node) {
            machine.dispatching = false;
            dispatch(machine, node);
        });
    }
    if (machine.disk->has_work()) write_disk(machine);
    schedule_timer(machine);
}

void StoreWorld::dispatch(Machine& machine, Node& node) {
    if (!calm_ && faults_.chance(scenario_.crash_at_message))
        return crash(machine, faults_.range(200 * kMillisecond, 15 * kSecond));
    event_quorate_ = group_.mark_of_next_event(node.id()) != 0;
    group_.dispatch(node.id());
}

void StoreWorld::write_disk(Machine& machine) {
    machine.disk->begin();
    const auto crashes = [this] { return !calm_ && faults_.chance(scenario_.crash_at_disk); };
    const Time reboot = faults_.range(200 * kMillisecond, 15 * kSecond);
    if (crashes()) {
        after(0, machine, [this, &machine, reboot](Node&) { crash(machine, reboot); });
        return;
    }
    after(disks_.range(200 * kMicrosecond, scenario_.slowest_disk), machine,
          [this, &machine, crashes, reboot](Node& n) {
              if (crashes()) return crash(machine, reboot);
              machine.disk->finish();
              n.disk_synced();
          });
}

void StoreWorld::schedule_timer(Machine& machine) {
    const Instant next = machine.node->engine().next_timer();
    if (next == machine.timer) return;
    machine.timer = next;
    if (next == kNever) return;
    const Time at = std::max<Time>(0, (next - instant(now_)).count());
    after(at, machine, [this, &machine, next](Node& node) {
        if (machine.timer != next) return;
        machine.timer = kNever;
        event_quorate_ = has_quorum(machine.component);
        node.engine().tick(now(node));
    });
}

// --- the cluster --------------------------------------------------------------------------------------------------

bool StoreWorld::has_quorum(unsigned component) const {
    const auto there = std::ranges::count_if(machines_, [component](const Machine& machine) {
        return machine.node != nullptr && machine.component == component;
    });
    return 2 * static_cast<std::size_t>(there) > machines_.size();
}

// The loss counts at once, or at its place among the group's events; a gain always at its place.
void StoreWorld::tell_quorum() {
    for (Machine& machine : machines_) {
        if (machine.node == nullptr) continue;
        Node& node = *machine.node;
        const bool quorate = has_quorum(machine.component);
        if (std::exchange(node.told_quorate, quorate) == quorate) continue;
        if (!quorate && !scenario_.gentle) node.data().set_quorate(false);
        group_.post(node.id(), [&node, quorate, this] {
            if (!quorate || node.told_quorate || scenario_.gentle) node.data().set_quorate(quorate);
        });
    }
}

void StoreWorld::start(Machine& machine) {
    if (machine.node != nullptr) return;
    auto tree = machine.disk->load(kFirstSecond + now_ / kSecond);
    const NodeId nodeid = machine.index + 1;
    if (!tree) return verdict_.fail("disk", {nodeid}, "can't be loaded: " + tree.text());
    trace_.line(now_, nodeid, "starts with version {}", tree->version());
    ++machine.lives;
    machine.sequencing = machine.dispatching = false;
    machine.timer = kNever;
    const MemberId id{nodeid, 1000 * nodeid + machine.lives};
    machine.node = std::make_unique<Node>(machine.index, id, group_, machine.component, *machine.disk, std::move(*tree),
                                          static_cast<NodeEvents&>(*this));
    tell_quorum();
    machine.node->engine().start(now(*machine.node));
}

void StoreWorld::crash(Machine& machine, Time down) {
    if (machine.node == nullptr) return;
    trace_.line(now_, machine.node->id().nodeid, "crashes");
    oracles_.crashed(*machine.node);
    machine.clients->crashed();
    machine.disk->crash(disks_.chance(0.5));
    const MemberId id = machine.node->id();
    const auto gone = std::move(machine.node);
    tell_quorum();
    group_.remove(id);
    after(down, [this, &machine] { start(machine); });
}

void StoreWorld::rearrange(const std::vector<unsigned>& components) {
    std::map<MemberId, unsigned> moves;
    for (Machine& machine : machines_) {
        machine.component = components[machine.index];
        if (machine.node != nullptr) moves[machine.node->id()] = machine.component;
    }
    trace_.line(now_, 0, "parts: {}", fmt::join(components, " "));
    tell_quorum();
    group_.rearrange(moves, scenario_.one_by_one);
}

void StoreWorld::schedule_faults() {
    for (const Fault& fault : scenario_.faults)
        after(fault.at, [this, &fault] { apply(fault); });
    after(scenario_.calm, [this] { calm(); });
}

void StoreWorld::apply(const Fault& fault) {
    switch (fault.kind) {
        case Fault::Kind::crash:
            return crash(machines_[fault.node], fault.down);
        case Fault::Kind::split:
            return rearrange(fault.components);
        case Fault::Kind::merge:
            return rearrange(std::vector<unsigned>(machines_.size(), 0));
    }
}

void StoreWorld::calm() {
    calm_ = true;
    trace_.line(now_, 0, "everything is mended");
    rearrange(std::vector<unsigned>(machines_.size(), 0));
    for (Machine& machine : machines_)
        if (machine.node == nullptr) start(machine);
}

// --- clients ------------------------------------------------------------------------------------------------------

void StoreWorld::client_turn(Machine& machine) {
    after(network_.range(0, 2 * scenario_.pause), [this, &machine] {
        if (calm_) return;
        if (machine.node != nullptr) machine.clients->write_something(*machine.node);
        client_turn(machine);
    });
}

void StoreWorld::lock_turn(Machine& machine) {
    after(network_.range(500 * kMillisecond, 1500 * kMillisecond), [this, &machine] {
        if (calm_) return;
        if (machine.node != nullptr) machine.clients->use_lock(*machine.node, now_);
        lock_turn(machine);
    });
}

Report run_store_seed(std::uint64_t seed, std::size_t keep, const Trace::Sink& sink) {
    Trace trace;
    if (keep > 0) trace.keep_last(keep);
    if (sink) trace.print_to(sink);
    Report report;
    report.seed = seed;
    report.outcome = StoreWorld(make_scenario(seed), trace).run();
    report.lines.assign(trace.last_lines().begin(), trace.last_lines().end());
    return report;
}

}  // namespace totem::sim::store
