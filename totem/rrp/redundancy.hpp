#pragma once
// The redundant ring protocol of the 2.x dialect as a sans-I/O machine: which networks a packet leaves through, when
// a token that came in is passed up, which network is faulty, and how it comes back. Spec totem-rrp.md; the paper is
// Koch, Moser, Melliar-Smith: "The Totem Redundant Ring Protocol".
//
// A wrong verdict here costs speed or, when no network is left, a membership change; never the order of messages.
// Where it uses the freedoms of section 13: the byte order of tokens is honoured (3), ring tests of nodes that are no
// members are dropped and forwarding is limited (5), a faulty network keeps its FAULTY text (6), timers end when a
// network is re-enabled (8), a token of a newer ring is a new token whatever its number (section 7.3), copies of a
// token that was passed up are passed up and late copies of older ones change nothing (7.3), our own tests become rare
// while a network flaps (8.6).
//
// Thread rule: one thread; an instance shares nothing with others.

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "totem/base/frame_pool.hpp"
#include "totem/base/time.hpp"
#include "totem/rrp/interfaces.hpp"
#include "totem/rrp/parameters.hpp"
#include "totem/wire/codec.hpp"

namespace totem::rrp {

struct Config {
    Dialect dialect = Dialect::v3;  // v3 has neither several networks nor ring tests
    ByteOrder order = kNativeOrder;
    Mode mode = Mode::none;
    unsigned networks = 1;  // 1..kMaxNetworks; modes other than none work with one, too
    NodeId self = 0;
    Parameters parameters{};
};

class Algorithm;

class Redundancy {
public:
    // The pool and the three interfaces must outlive it.
    Redundancy(const Config& config, FramePool& pool, Networks& networks, Upper& upper, Observer& observer);
    ~Redundancy();
    Redundancy(const Redundancy&) = delete;
    Redundancy& operator=(const Redundancy&) = delete;

    // From above, see srp::Effects. The target of a unicast is who ring tests go to from then on.
    void multicast(const FrameRef& frame, Networks::Fanout fanout);
    void unicast(const FrameRef& frame, const Identity& target);

    // The two below flush what they send themselves.
    // From below: a plain Totem message that came through `network`, which is less than networks(). May be called from
    // inside drain_others().
    void receive(Instant now, unsigned network, Bytes packet);
    void on_timeout(Instant now);
    Instant next_timeout() const;  // kNever if nothing is armed

    // The operator wants all networks used again (section 9).
    void reenable();
    // Of the regular configuration: whose ring tests are passed on.
    void set_members(std::span<const Identity> members);
    // Compared with and armed from then on.
    void set_parameters(const Parameters& parameters) { config_.parameters = parameters; }

    unsigned networks() const { return config_.networks; }
    bool faulty(unsigned network) const { return links_[network].faulty; }
    const Status& status(unsigned network) const { return links_[network].status; }

private:
    friend class Algorithm;

    struct Link {
        bool faulty = false;
        Status status;
        Instant test_at = kNever;
        unsigned doublings = 0;  // of the interval between our tests, because it flaps
        Instant calm_at{};       // marked before this, it flaps
        unsigned passed = 0;     // ring tests sent on or answered since `passed_since`
        Instant passed_since{};
    };

    void mark_faulty(Instant now, unsigned network, const Status& status);
    void tell(unsigned network, const Status& status);
    void reenable(unsigned network);
    void on_ring_test(Instant now, unsigned network, Bytes packet);
    void on_activate(Instant now, unsigned network, const wire::RingTest& test);
    bool may_pass(Instant now, unsigned network);
    Duration test_interval(const Link& link) const;
    void drain_others(unsigned network);
    void send_test(unsigned network, wire::PacketType type, std::int32_t ring_number);
    bool is_member(NodeId node) const;

    Config config_;
    const wire::Codec codec_;
    FramePool& pool_;
    Networks& networks_;
    Upper& upper_;
    Observer& observer_;
    std::array<Link, kMaxNetworks> links_;
    Identity successor_;
    bool has_successor_ = false;
    std::vector<NodeId> members_;
    bool draining_ = false;
    std::unique_ptr<Algorithm> algorithm_;
};

}  // namespace totem::rrp
