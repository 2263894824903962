#include "totem/rrp/redundancy.hpp"

#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/rrp/algorithm.hpp"
#include "totem/srp/parameters.hpp"

namespace totem::rrp {
namespace {

using srp::ms;
using wire::PacketType;

// A circle of tests takes one pass of each member's test and of its answer; more of them in one interval are not
// from circles that began in it (section 8.6).
constexpr unsigned kPassesPerMember = 4;

// A network flaps if it is marked again before it was used for this many times the interval that our tests had. Then
// the interval doubles (section 8.6), so that a network that only passes the test is not used most of the time.
constexpr unsigned kCalmIntervals = 10;
constexpr unsigned kMaxDoublings = 16;
constexpr Duration kMaxTestInterval = std::chrono::seconds(60);

constexpr std::size_t kRingTestSize = 12;

// Mode none (section 5).
class Single final : public Algorithm {
public:
    using Algorithm::Algorithm;
    unsigned networks_for_token() override { return 1; }
    unsigned networks_for_multicast() override { return 1; }
    void token(Instant, unsigned, Bytes packet) override { pass_up(packet); }
    void other(Instant, unsigned, Bytes packet) override { pass_up(packet); }
};

std::unique_ptr<Algorithm> make_algorithm(Mode mode, Redundancy& machine) {
    switch (mode) {
        case Mode::passive:
            return make_passive(machine);
        case Mode::active:
            return make_active(machine);
        case Mode::none:
            break;
    }
    return make_single(machine);
}

}  // namespace

std::string_view name_of(Mode mode) {
    switch (mode) {
        case Mode::passive:
            return "passive";
        case Mode::active:
            return "active";
        case Mode::none:
            break;
    }
    return "none";
}

std::unique_ptr<Algorithm> make_single(Redundancy& machine) {
    return std::make_unique<Single>(machine);
}

unsigned Algorithm::faulty() const {
    unsigned bits = 0;
    for (unsigned i = 0; i < count(); ++i)
        bits |= faulty(i) ? 1u << i : 0u;
    return bits;
}

unsigned Algorithm::usable() const {
    const unsigned bits = ((1u << count()) - 1) & ~faulty();
    return bits == 0 ? 1u : bits;
}

Redundancy::Redundancy(const Config& config, FramePool& pool, Networks& networks, Upper& upper, Observer& observer)
    : config_(config),
      codec_(config.dialect),
      pool_(pool),
      networks_(networks),
      upper_(upper),
      observer_(observer),
      algorithm_(make_algorithm(config.mode, *this)) {}

Redundancy::~Redundancy() = default;

void Redundancy::multicast(const FrameRef& frame, Networks::Fanout fanout) {
    const unsigned through = algorithm_->networks_for_multicast();
    for (unsigned i = 0; i < config_.networks; ++i) {
        if ((through >> i & 1u) != 0) networks_.multicast(i, frame, fanout);
    }
}

void Redundancy::unicast(const FrameRef& frame, const Identity& target) {
    successor_ = target;
    has_successor_ = true;
    const unsigned through = algorithm_->networks_for_token();
    for (unsigned i = 0; i < config_.networks; ++i) {
        if ((through >> i & 1u) != 0) networks_.unicast(i, frame, target);
    }
}

void Redundancy::receive(Instant now, unsigned network, Bytes packet) {
    wire::Header header;
    // What is no packet is counted where all such are: by the ring.
    if (config_.dialect == Dialect::v3 || codec_.decode(packet, header) != wire::Drop::none)
        return upper_.packet(packet);
    if (header.type >= PacketType::ring_test_active) return on_ring_test(now, network, packet);
    if (header.type != PacketType::token) return algorithm_->other(now, network, packet);
    if (packet.size() < wire::layout(config_.dialect).token) return upper_.packet(packet);
    drain_others(network);
    algorithm_->token(now, network, packet);
}

void Redundancy::drain_others(unsigned network) {
    if (config_.networks < 2 || draining_) return;
    draining_ = true;
    networks_.drain_others(network);
    draining_ = false;
}

void Redundancy::on_timeout(Instant now) {
    algorithm_->on_timeout(now);
    for (unsigned i = 0; i < config_.networks; ++i) {
        if (links_[i].test_at > now) continue;
        links_[i].test_at = now + test_interval(links_[i]);
        send_test(i, PacketType::ring_test_active, static_cast<std::int32_t>(i));
    }
}

Instant Redundancy::next_timeout() const {
    Instant next = algorithm_->next_timeout();
    for (const Link& link : links_)
        next = std::min(next, link.test_at);
    return next;
}

// Section 6.5; nobody is told but our own observer.
void Redundancy::mark_faulty(Instant now, unsigned network, const Status& status) {
    Link& link = links_[network];
    link.faulty = true;
    link.doublings = now < link.calm_at ? std::min(link.doublings + 1, kMaxDoublings) : 0;
    link.test_at = now + test_interval(link);
    tell(network, status);
}

Duration Redundancy::test_interval(const Link& link) const {
    const Duration usual = ms(config_.parameters.autorecovery_check_timeout);
    if (usual >= kMaxTestInterval) return usual;
    return std::min(usual * (1u << link.doublings), kMaxTestInterval);
}

void Redundancy::tell(unsigned network, const Status& status) {
    links_[network].status = status;
    observer_.network_status(network, status);
}

void Redundancy::reenable() {
    for (unsigned i = 0; i < config_.networks; ++i) {
        reenable(i);
        links_[i].calm_at = {};
    }
}

void Redundancy::reenable(unsigned network) {
    Link& link = links_[network];
    link.faulty = false;
    link.status = {};
    link.test_at = kNever;
    algorithm_->reenabled(network);
}

void Redundancy::set_members(std::span<const Identity> members) {
    members_.clear();
    for (const Identity& member : members)
        members_.push_back(member.nodeid);
}

bool Redundancy::is_member(NodeId node) const {
    return std::find(members_.begin(), members_.end(), node) != members_.end();
}

// Sections 8.3 and 8.4. A test that came back proves that the network carries unicasts all the way round.
void Redundancy::on_ring_test(Instant now, unsigned network, Bytes packet) {
    wire::RingTest test;
    if (packet.size() != kRingTestSize || codec_.decode(packet, test) != wire::Drop::none || !is_member(test.activator))
        return upper_.packet(packet);
    const bool activate = test.header.type == PacketType::ring_test_activate, own = test.activator == config_.self;
    if (activate) {
        on_activate(now, network, test);
        if (own) return;
    } else {
        observer_.ring_test_received(network, test);
    }
    if (!has_successor_ || !may_pass(now, network)) return;
    if (own) return send_test(network, PacketType::ring_test_activate, test.ring_number);
    networks_.unicast(network, pool_.copy(packet), successor_);  // as it came, in the originator's byte order
    networks_.flush();
}

void Redundancy::on_activate(Instant now, unsigned network, const wire::RingTest& test) {
    Link& link = links_[network];
    const bool recovered = link.faulty;
    if (planted(Bug::never_reenable_network)) return;
    reenable(network);
    if (recovered) link.calm_at = now + kCalmIntervals * test_interval(link);
    observer_.ring_test_activated(network, test, recovered);
}

// Something that goes round and round ends here.
bool Redundancy::may_pass(Instant now, unsigned network) {
    Link& link = links_[network];
    if (now - link.passed_since >= ms(config_.parameters.autorecovery_check_timeout)) {
        link.passed_since = now;
        link.passed = 0;
    }
    return ++link.passed <= kPassesPerMember * members_.size();
}

void Redundancy::send_test(unsigned network, PacketType type, std::int32_t ring_number) {
    if (!has_successor_) return;
    wire::RingTest test;
    test.header.type = type;
    test.header.order = config_.order;
    test.ring_number = ring_number;
    test.activator = config_.self;
    FrameRef frame = pool_.allocate(FramePool::kSmallCapacity);
    frame.resize(codec_.encode(test, frame.writable()));
    networks_.unicast(network, frame, successor_);
    networks_.flush();
}

}  // namespace totem::rrp
