// The public face of the machine.
#include "totem/srp/ring.hpp"

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {
namespace {

// Section 20: off, or pointless if the token timeout comes first.
std::optional<std::uint32_t> heartbeat(const Parameters& p) {
    if (p.heartbeat_failures_allowed == 0) return std::nullopt;
    const std::uint64_t period = std::uint64_t{p.heartbeat_failures_allowed} * p.token_retransmit + p.max_network_delay;
    if (period >= p.token) return std::nullopt;
    return static_cast<std::uint32_t>(period);
}

RingId ring_of(const Identity& representative, Dialect dialect, std::uint64_t seq) {
    RingId ring;
    ring.seq = seq;
    if (dialect == Dialect::v2) {
        ring.rep = representative.addr[0];
    } else {
        ring.rep.nodeid = representative.nodeid;
    }
    return ring;
}

}  // namespace

Ring::Impl::Impl(const RingConfig& configuration, FramePool& frames, Upper& above, Effects& out, Observer& watcher)
    : config(configuration),
      parameters(configuration.parameters),
      codec(configuration.dialect),
      layout(wire::layout(configuration.dialect)),
      pool(frames),
      upper(above),
      effects(out),
      observer(watcher),
      outbox(configuration.dialect, frames, out),
      heartbeat_period(heartbeat(configuration.parameters)),
      pace(configuration.pace),
      queue(configuration.queue_capacity),
      transitional_queue(configuration.queue_capacity) {
    gathering.proc.reserve(kMaxNodes);
}

bool Ring::Impl::represents(const RingId& ring) const {
    return ring.rep == ring_of(config.self, config.dialect, 0).rep;
}

wire::Header Ring::Impl::header(wire::PacketType type, std::uint8_t encapsulated) const {
    return wire::Header{type, encapsulated, config.self.nodeid, 0, config.order};
}

void Ring::Impl::start(std::uint64_t stored_seq) {
    // The ring that would have been next, unique even if we restart before another one forms (section 17).
    ring_id = ring_of(config.self, config.dialect, stored_seq + 1);
    highest_ring_seq = ring_id.seq;
    window->open(ring_id);
    running = true;
    last_pause_check = now;
    last_token = now;
    arm(Timer::pause, parameters.token / 5);
    enter_gather(GatherReason::interface_change);
}

bool Ring::Impl::submit(FrameRef frame) {
    // A frame that could not be encapsulated in recovery must not get a sequence number.
    if (frame.size() < layout.mcast || frame.size() + layout.mcast > FramePool::kLargeCapacity) return false;
    SendQueue& target = source_queue();
    if (target.full()) return false;
    target.push(std::move(frame));
    ++counters.mcast_tx;
    cancel_hold();
    return true;
}

// Section 19.
void Ring::Impl::leave() {
    wire::Join packet;
    packet.header = header(wire::PacketType::join);
    packet.header.nodeid = 0;
    packet.system_from = config.self;
    if (config.dialect == Dialect::v2) packet.system_from.nodeid = packet.system_from.addr[0].nodeid = 0;
    packet.proc_list = difference(gathering.proc, NodeSpan(&config.self, 1));
    packet.failed_list = difference(gathering.failed, NodeSpan(&config.self, 1));
    packet.failed_list.push_back(config.self);
    packet.ring_seq = ring_id.seq;
    ++counters.memb_join_tx;
    outbox.multicast_leave(packet);
    stop();
}

void Ring::Impl::stop() {
    running = false;
    timers.cancel_all();
    outbox.clear_inbox();
}

Ring::Impl::Entry::Entry(Impl& impl, Instant at) : impl_(impl) {
    if (impl_.depth++ == 0) impl_.now = at;
}

Ring::Impl::Entry::~Entry() {
    if (--impl_.depth == 0) impl_.outbox.flush();
}

Ring::Ring(const RingConfig& config, FramePool& pool, Upper& upper, Effects& effects, Observer& observer)
    : impl_(std::make_unique<Impl>(config, pool, upper, effects, observer)) {}

Ring::~Ring() = default;

void Ring::start(Instant now, std::uint64_t stored_seq) {
    if (impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->start(stored_seq);
}

void Ring::interface_changed(Instant now) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->enter_gather(GatherReason::interface_change);
}

void Ring::on_datagram(Instant now, Bytes packet) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->on_datagram(packet);
}

void Ring::on_timeout(Instant now) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->on_timeout();
}

Instant Ring::next_timeout() const {
    if (!impl_->running) return kNever;
    if (!impl_->outbox.inbox_empty()) return impl_->now;
    return impl_->timers.next().deadline;
}

bool Ring::submit(Instant now, FrameRef frame) {
    if (!impl_->running) return false;
    const Impl::Entry entry(*impl_, now);
    return impl_->submit(std::move(frame));
}

FrameRef Ring::frame_for_payload(std::size_t payload_size) {
    return impl_->pool.allocate(impl_->layout.mcast + payload_size);
}

std::size_t Ring::payload_offset() const {
    return impl_->layout.mcast;
}

std::size_t Ring::room() const {
    return impl_->running ? impl_->source_queue().room() : 0;
}

void Ring::request_token(Instant now) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    ++impl_->token.requests;
    impl_->cancel_hold();
}

void Ring::synchronized() {
    impl_->waiting_trans_ack = false;
}

void Ring::set_companionship(const Companionship& members) {
    impl_->pace.begin(members);
}

void Ring::port_closed(Instant now, const Identity& member) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->suspect(member);
}

void Ring::prepare_leave(Instant now) {
    impl_->pace.begin({});
    impl_->token.unchanged = 0;
    request_token(now);
}

void Ring::leave(Instant now) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->leave();
}

void Ring::force_gather(Instant now) {
    if (!impl_->running) return;
    const Impl::Entry entry(*impl_, now);
    impl_->observer.forced_gather();
    impl_->token_loss();
}

void Ring::set_parameters(const Parameters& parameters) {
    impl_->parameters = parameters;
    impl_->heartbeat_period = heartbeat(parameters);
}

State Ring::state() const {
    return impl_->state();
}

const RingId& Ring::ring_id() const {
    return impl_->ring_id;
}

const Identity& Ring::self() const {
    return impl_->config.self;
}

std::span<const Identity> Ring::members() const {
    return impl_->members;
}

bool Ring::sends_later() const {
    return impl_->sends_later();
}

bool Ring::is_representative() const {
    return !impl_->members.empty() && impl_->members.front() == impl_->config.self;
}

}  // namespace totem::srp
