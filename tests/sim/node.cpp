// The process of a node and the simulated kernel around it. What the machines report: node_reports.cpp.

#include "tests/sim/node.hpp"

#include <algorithm>
#include <string>

#include "tests/sim/hash.hpp"

namespace totem::sim {
namespace {

constexpr std::size_t kSocketBuffer = 4000;  // datagrams
constexpr std::int64_t kMillion = 1000000;
constexpr Time kFarewellLimit = 500 * kMillion;  // ns

StackConfig stack_config(const Scenario& scenario, const NodeSetup& setup) {
    StackConfig config;
    config.ring.dialect = scenario.dialect;
    config.ring.order = setup.order;
    config.ring.self = setup.identity;
    config.ring.queue_capacity = setup.queue_capacity;
    config.ring.parameters = setup.parameters;
    config.packet_size = setup.packet_size;
    config.ring.pace = setup.pace;
    config.socket_holds = setup.socket_holds;
    config.rrp_mode = scenario.mode;
    config.networks = scenario.networks;
    config.rrp_parameters = scenario.redundancy;
    return config;
}

}  // namespace

Node::Process::Process(Node& node, Surroundings& around)
    : stack(stack_config(around.scenario, node.setup_), pool, node, node, node, node),
      executive(stack, around.scenario.dialect, node.setup_.order, node.id()),
      clients(node),
      cpg(executive, clients),
      tap(node, cpg),
      probe(node, executive),
      votes(node, executive, node.setup_.quorum) {
    executive.add(tap);
    executive.add(votes.service());
    if (node.setup_.probe_service) executive.add(probe);
    clients.attach(cpg);
}

Instant Node::Process::next_timeout() const {
    return std::min(stack.next_timeout(), votes.service().next_timeout());
}

Node::Node(NodeIndex index, const NodeSetup& setup, Surroundings& around, Wire& wire)
    : index_(index), setup_(setup), around_(around), wire_(wire) {}

Node::~Node() = default;

// --- clock and CPU ---

Instant Node::local_now() const {
    Time scaled = around_.now;
    if (setup_.drift_ppm != 0)
        scaled += static_cast<Time>(static_cast<__int128>(around_.now) * setup_.drift_ppm / kMillion);
    return Instant(Duration(setup_.clock_start + clock_offset_ + scaled));
}

// The first moment at which local_now() has reached `local`.
Time Node::to_global(Instant local) const {
    const Time scaled = local.time_since_epoch().count() - setup_.clock_start - clock_offset_;
    Time global = scaled;
    if (setup_.drift_ppm != 0)
        global = static_cast<Time>(static_cast<__int128>(scaled) * kMillion / (kMillion + setup_.drift_ppm));
    return std::max(around_.now, global + 2);
}

Time Node::next_timer() const {
    if (!process_ || paused_) return kEndOfTime;
    const Instant due = process_->next_timeout();
    const Time next = due == kNever ? kEndOfTime : due <= local_now() ? around_.now : to_global(due);
    return leaving_ ? std::min(next, std::max(around_.now, leaving_->until)) : next;
}

Time Node::next_wake() const {
    if (!process_) return kEndOfTime;
    return paused_ || !multicasts_.empty() || !unicasts_.empty() ? std::max(around_.now, busy_until_) : kEndOfTime;
}

void Node::pause_until(Time until) {
    if (!process_) return;
    paused_ = true;
    busy_until_ = std::max(busy_until_, until);
}

void Node::recover() {
    disk_broken_ = false;
    crash_ = {};
    if (busy_until_ > around_.now) busy_until_ = around_.now;
    if (leaving_) finish_leaving();
}

// --- life and death ---

void Node::start(bool lost_file) {
    if (process_) return;
    if (lost_file) disk_.reset();
    who_ = around_.history.start(id(), lost_file);
    around_.cpg.started(who_);
    dying_ = failed_ = paused_ = recovering_ = false;
    busy_until_ = 0;
    multicasts_in_visit_ = position_ = 0;
    regular_ = kNoRing;
    multicasts_.clear();
    unicasts_.clear();
    around_.trace.line(around_.now, id(), "starts, ring number on disk {}", disk_.value_or(0));
    process_ = std::make_unique<Process>(*this, around_);
    process_->stack.set_now(local_now());
    process_->votes.service().start();
    process_->stack.start(local_now(), disk_.value_or(0));
    after_call();
}

void Node::stop_process(const char* why) {
    around_.trace.line(around_.now, id(), "{}", why);
    around_.trace.note(mix(id(), 0xDEAD));
    around_.history.stop(who_);
    around_.cpg.stopped(who_);
    dying_ = true;  // nothing the destructors say counts
    process_.reset();
    crash_ = {};
    leaving_.reset();
    paused_ = false;
}

void Node::crash() {
    if (process_) stop_process("crashes");
}

void Node::plan_crash(std::uint32_t effects, std::uint8_t on_state) {
    if (process_) crash_ = {true, on_state == 0, effects, on_state};
}

bool Node::alive_for_effect() {
    if (dying_) return false;
    if (!crash_.counting) return true;
    if (crash_.effects-- > 0) return true;
    dying_ = true;
    return false;
}

void Node::after_call() {
    if (dying_) return stop_process("crashes inside a call");
    if (failed_) return stop_process("gave up");
    if (leaving_ && (token_visits() >= leaving_->visits || around_.now >= leaving_->until)) finish_leaving();
}

void Node::leave() {
    if (!process_ || paused_ || leaving_) return;
    leaving_ = {token_visits() + 2, around_.now + kFarewellLimit};
    process_->stack.ring().prepare_leave(local_now());
    after_call();
}

std::uint64_t Node::token_visits() const {
    return ring().statistics(local_now()).orf_token_rx;
}

void Node::finish_leaving() {
    process_->stack.leave(local_now());
    if (dying_) return stop_process("crashes while leaving");
    stop_process("left");
}

void Node::interface_changed() {
    if (!process_ || paused_) return;
    process_->stack.interface_changed(local_now());
    after_call();
}

void Node::force_gather() {
    if (!process_ || paused_) return;
    process_->stack.set_now(local_now());
    process_->stack.ring().force_gather(local_now());
    after_call();
}

// --- input ---

void Node::receive(FrameRef packet, unsigned network, bool unicast) {
    if (!process_) return;
    if (!paused_ && busy_until_ <= around_.now && multicasts_.empty() && unicasts_.empty())
        return handle(packet, network);
    auto& queue = unicast && !setup_.one_socket ? unicasts_ : multicasts_;
    if (queue.size() < kSocketBuffer) queue.push_back({std::move(packet), network, unicast});
}

void Node::port_closed(unsigned network, const Identity& peer) {
    if (!process_ || paused_) return;
    NodeAddress address = peer.addr[network];
    address.nodeid = peer.nodeid;
    process_->stack.port_closed(local_now(), network, address);
    after_call();
}

void Node::handle(const FrameRef& packet, unsigned network) {
    process_->stack.on_datagram(local_now(), network, packet.bytes());
    after_call();
    if (setup_.work_per_datagram > 0) busy_until_ = around_.now + setup_.work_per_datagram;
}

// What waits in the multicast sockets of the other networks.
void Node::drain_others(unsigned network) {
    std::vector<Waiting> others;
    for (auto waiting = multicasts_.begin(); waiting != multicasts_.end();) {
        if (waiting->network == network) {
            ++waiting;
            continue;
        }
        others.push_back(std::move(*waiting));
        waiting = multicasts_.erase(waiting);
    }
    for (const Waiting& waiting : others)
        process_->stack.redundancy().receive(local_now(), waiting.network, waiting.packet.bytes());
}

void Node::wake() {
    if (!process_ || busy_until_ > around_.now) return;
    const bool resumed = paused_;
    paused_ = false;
    // After a pause it is open what the event loop looks at first.
    if (resumed && around_.rng.chance(0.5)) timer();
    // What waits in the multicast socket comes before a token (totem-srp.md section 7 step 3).
    while (process_ && busy_until_ <= around_.now && !(multicasts_.empty() && unicasts_.empty())) {
        auto& queue = multicasts_.empty() ? unicasts_ : multicasts_;
        const Waiting next = std::move(queue.front());
        queue.pop_front();
        handle(next.packet, next.network);
    }
}

void Node::timer() {
    if (!process_ || paused_) return;
    if (process_->stack.next_timeout() <= local_now()) process_->stack.on_timeout(local_now());
    if (!dying_ && process_->votes.service().next_timeout() <= local_now()) {
        process_->stack.set_now(local_now());
        process_->votes.service().on_timeout();
    }
    after_call();
}

void Node::let_clients(void (Clients::*act)()) {
    if (!process_ || paused_) return;
    process_->stack.set_now(local_now());
    (process_->clients.*act)();
    after_call();
}

bool Node::ensure_client() {
    if (!process_) return false;
    process_->stack.set_now(local_now());
    const bool there = process_->clients.ensure();
    after_call();
    return there;
}

bool Node::speak() {
    if (!process_) return false;
    process_->stack.set_now(local_now());
    const bool all = process_->clients.speak();
    after_call();
    return all;
}

std::vector<engine::cpg::Process> Node::processes() const {
    return process_->cpg.snapshot(3, {});
}

// --- rrp::Networks and srp::Host ---

wire::PacketType Node::type_of(Bytes packet) {
    wire::Header header;
    if (const auto drop = wire::Codec(around_.scenario.dialect).decode(packet, header); drop != wire::Drop::none)
        around_.history.verdict().fail("wire", {id()},
                                       "sends a packet that is none: " + std::string(wire::describe(drop)));
    return header.type;
}

void Node::multicast(unsigned network, const FrameRef& frame, Fanout) {
    if (!alive_for_effect()) return;
    const wire::PacketType type = type_of(frame.bytes());
    // Through several networks it is one message all the same.
    const std::uint8_t* data = frame.bytes().data();
    const bool copy = around_.scenario.mode == rrp::Mode::active && data == last_multicast_;
    last_multicast_ = copy ? nullptr : data;
    if (type == wire::PacketType::mcast && !copy) ++multicasts_in_visit_;
    wire_.multicast(index_, network, type, frame.bytes());
}

void Node::unicast(unsigned network, const FrameRef& frame, const Identity& target) {
    if (!alive_for_effect()) return;
    const wire::PacketType type = type_of(frame.bytes());
    if (type == wire::PacketType::token) {
        wire::Token token;
        if (wire::Codec(around_.scenario.dialect).decode(frame.bytes(), token) == wire::Drop::none)
            around_.history.token_sent(who_, token.ring, token.token_seq, hash_bytes(frame.bytes()));
    }
    wire_.unicast(index_, network, type, target, frame.bytes());
}

void Node::flush() {
    (void)alive_for_effect();
}

bool Node::store_ring_seq(std::uint64_t seq) {
    if (!alive_for_effect()) return true;
    if (disk_broken_) return false;
    disk_ = seq;
    return true;
}

bool Node::discard_pending_input() {
    const bool any = !multicasts_.empty() || !unicasts_.empty();
    multicasts_.clear();
    unicasts_.clear();
    return any;
}

std::uint32_t Node::random_up_to(std::uint32_t bound) {
    return static_cast<std::uint32_t>(around_.rng.below(std::uint64_t{bound} + 1));
}

}  // namespace totem::sim
