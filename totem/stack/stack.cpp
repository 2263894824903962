#include "totem/stack/stack.hpp"

#include <algorithm>

#include "totem/stack/companions.hpp"

namespace totem {
namespace {

// The ring as process groups see it: same thing, with the time of the entry point filled in. Services
// send before the ring starts (section 8.3): its queue counts as empty then, and what they send waits
// packed for the first token.
class Port final : public pg::RingPort {
public:
    Port(const Instant& now, std::size_t capacity) : now_(now), capacity_(capacity) {}
    void attach(srp::Ring& ring) { ring_ = &ring; }
    void start() { started_ = true; }

    FrameRef frame_for_payload(std::size_t payload_size) override { return ring_->frame_for_payload(payload_size); }
    std::size_t payload_offset() const override { return ring_->payload_offset(); }
    bool submit(FrameRef frame) override { return ring_->submit(now_, std::move(frame)); }
    std::size_t room() const override {
        return started_ ? ring_->room() : capacity_ - std::min<std::size_t>(capacity_, 2);
    }
    std::size_t capacity() const override { return capacity_; }
    void request_token() override { ring_->request_token(now_); }

private:
    const Instant& now_;
    const std::size_t capacity_;
    srp::Ring* ring_ = nullptr;
    bool started_ = false;
};

rrp::Config redundancy_config(const StackConfig& config) {
    return {.dialect = config.ring.dialect,
            .order = config.ring.order,
            .mode = config.rrp_mode,
            .networks = config.networks,
            .self = config.ring.self.nodeid,
            .parameters = config.rrp_parameters};
}

}  // namespace

struct Stack::Impl final : srp::Effects, rrp::Upper, pg::GroupReceiver {
    Impl(Stack& stack, const StackConfig& config, FramePool& pool, srp::Host& its_host, rrp::Networks& below,
         srp::Observer& observer, StackListener& stack_listener)
        : listener(stack_listener),
          host(its_host),
          networks(below),
          redundancy(redundancy_config(config), pool, below, *this, stack_listener),
          port(now, config.ring.queue_capacity),
          groups({config.ring.dialect, config.ring.order, config.packet_size}, stack),
          sync(config.ring.dialect, config.ring.order, groups, stack),
          ring(config.ring, pool, groups, *this, observer),
          companions(config.ring.self.nodeid, config.ring.order, config.socket_holds, config.ring.pace.hold_at_sender) {
        port.attach(ring);
        groups.attach(port);
        if (companions.announces()) groups.join(Companions::kGroup, *this);
    }

    void enter(Instant at) {
        now = at;
        sync.set_now(at);
    }

    // srp::Effects: what the ring sends goes through the redundant networks.
    void multicast(const FrameRef& frame, Fanout fanout) override { redundancy.multicast(frame, fanout); }
    void unicast(const FrameRef& frame, const Identity& target) override { redundancy.unicast(frame, target); }
    void flush() override { networks.flush(); }
    bool discard_pending_input() override { return networks.discard_pending_input(); }
    bool store_ring_seq(std::uint64_t seq) override { return host.store_ring_seq(seq); }
    std::uint32_t random_up_to(std::uint32_t bound) override { return host.random_up_to(bound); }
    // rrp::Upper
    void packet(Bytes packet) override { ring.on_datagram(now, packet); }
    // pg::GroupReceiver
    void on_message(NodeId sender, ByteOrder order, Bytes payload) override {
        companions.heard(sender, order, payload);
        ring.set_companionship(companions.common());
    }

    void announce(std::span<const Identity> members) {
        companions.configuration(members);
        ring.set_companionship(companions.common());
        if (!companions.announces() || members.size() < 2) return;
        const auto announcement = companions.announcement();
        const Bytes chunk(announcement);
        // There is room: this is the first message of a new ring. Were there none, the ring would stay as it is.
        (void)groups.send(Companions::kGroup, {&chunk, 1});
    }

    Instant now{};
    StackListener& listener;
    srp::Host& host;
    rrp::Networks& networks;
    rrp::Redundancy redundancy;
    Port port;
    pg::ProcessGroups groups;
    sync::Synchronizer sync;
    srp::Ring ring;
    Companions companions;
};

Stack::Stack(const StackConfig& config, FramePool& pool, srp::Host& host, rrp::Networks& networks,
             srp::Observer& observer, StackListener& listener)
    : impl_(std::make_unique<Impl>(*this, config, pool, host, networks, observer, listener)) {}

Stack::~Stack() = default;

void Stack::add_participant(sync::Participant& participant) {
    impl_->sync.add(participant);
}

void Stack::join(std::string_view group, pg::GroupReceiver& receiver) {
    impl_->groups.join(group, receiver);
}

void Stack::start(Instant now, std::uint64_t stored_seq) {
    impl_->enter(now);
    impl_->port.start();
    impl_->ring.start(now, stored_seq);
}

void Stack::interface_changed(Instant now) {
    impl_->enter(now);
    impl_->ring.interface_changed(now);
}

void Stack::on_datagram(Instant now, unsigned network, Bytes packet) {
    impl_->enter(now);
    impl_->redundancy.receive(now, network, packet);
}

void Stack::port_closed(Instant now, unsigned network, const NodeAddress& peer) {
    impl_->enter(now);
    for (const Identity& member : impl_->ring.members()) {
        const NodeAddress& address = member.addr[network];
        const bool addressed = address.family != NodeAddress::kUnused;  // 2.x; else a member is its node id
        if (addressed ? !address.same_address(peer) : member.nodeid != peer.nodeid) continue;
        // Of a copy: the call may change the members.
        const Identity gone = member;
        return impl_->ring.port_closed(now, gone);
    }
}

void Stack::on_timeout(Instant now) {
    impl_->enter(now);
    if (now >= impl_->redundancy.next_timeout()) impl_->redundancy.on_timeout(now);
    if (now >= impl_->ring.next_timeout()) impl_->ring.on_timeout(now);
}

Instant Stack::next_timeout() const {
    return std::min(impl_->ring.next_timeout(), impl_->redundancy.next_timeout());
}

void Stack::leave(Instant now) {
    impl_->enter(now);
    impl_->ring.leave(now);
}

Instant Stack::now() const {
    return impl_->now;
}

void Stack::set_now(Instant now) {
    impl_->enter(now);
}

bool Stack::send(std::string_view group, std::span<const Bytes> chunks) {
    return impl_->groups.send(group, chunks);
}

bool Stack::sync_in_progress() const {
    return impl_->sync.in_progress();
}

pg::ProcessGroups& Stack::groups() {
    return impl_->groups;
}

rrp::Redundancy& Stack::redundancy() {
    return impl_->redundancy;
}

const rrp::Redundancy& Stack::redundancy() const {
    return impl_->redundancy;
}

srp::Ring& Stack::ring() {
    return impl_->ring;
}

const srp::Ring& Stack::ring() const {
    return impl_->ring;
}

// Section 8.2: mark the synchronisation in progress, tell everybody, then abort the old one and start
// the new one.
void Stack::configuration(const srp::Configuration& change) {
    if (change.kind == srp::Configuration::Kind::regular) impl_->redundancy.set_members(change.members);
    impl_->sync.announce();
    impl_->listener.configuration(change);
    if (change.kind == srp::Configuration::Kind::regular) impl_->announce(change.members);
    impl_->sync.configuration(impl_->now, change);
}

void Stack::token_sent() {
    impl_->sync.token_sent(impl_->now);
}

void Stack::packet_dropped(NodeId sender, pg::PacketError error, std::size_t expected, std::size_t size) {
    impl_->listener.packet_dropped(sender, error, expected, size);
}

void Stack::sync_started(const RingId& ring) {
    impl_->listener.sync_started(ring);
}

void Stack::sync_process_entered() {
    impl_->listener.sync_process_entered();
}

void Stack::sync_service_committed(std::string_view name) {
    impl_->listener.sync_service_committed(name);
}

void Stack::sync_aborted() {
    impl_->listener.sync_aborted();
}

// Section 8.3: both layers go back to their normal queue and list before anybody, told of the
// completion, sends.
void Stack::sync_completed(const RingId& ring) {
    impl_->groups.synchronized();
    impl_->ring.synchronized();
    impl_->listener.sync_completed(ring);
}

}  // namespace totem
