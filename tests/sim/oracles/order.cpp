// I7 one order, I8 one content per number, I9 nothing from nowhere and nothing twice.

#include <algorithm>

#include <fmt/format.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

class OrderOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void configuration(const ConfigurationEvent& event) override {
        if (event.regular()) at(lives_, event.who.life) = {event.ring, 0};
    }

    void delivery(const DeliveryEvent& event) override {
        Position& position = at(lives_, event.who.life);
        if (event.ring != position.ring)
            fail(event, "I7", fmt::format("delivered while in configuration {}", facts_.name(position.ring)));
        else if (event.seq <= position.seq)
            fail(event, event.seq == position.seq ? "I9" : "I7", fmt::format("delivered after {}", position.seq));
        position.seq = event.seq;
        check_origin(event);
    }

    void assignment(const AssignmentEvent& event) override {
        if (!event.repeated) return;
        const Assigned& first = *facts_.ring(event.ring).message(event.seq);
        verdict_.fail("I8", {event.who.node, first.originator},
                      fmt::format("{} {}: assigned by node {} and again by node {}", facts_.name(event.ring), event.seq,
                                  first.originator, event.who.node));
    }

private:
    struct Position {
        RingKey ring = kNoRing;
        std::uint32_t seq = 0;
    };

    void check_origin(const DeliveryEvent& event) {
        const RingFacts& ring = facts_.ring(event.ring);
        const Assigned* assigned = ring.message(event.seq);
        if (event.seq <= ring.recovered) return fail(event, "I9", "a recovery message");
        if (assigned == nullptr) return fail(event, "I9", "nobody assigned this number");
        if (assigned->originator != event.originator)
            return fail(event, "I8", fmt::format("assigned by node {}", assigned->originator));
        if (assigned->hash != event.hash) return fail(event, "I8", "another content than the one assigned");
        if (std::find(ring.members.begin(), ring.members.end(), event.originator) == ring.members.end())
            fail(event, "I9", "the originator is not a member of the ring");
    }

    void fail(const DeliveryEvent& event, std::string rule, std::string text) {
        verdict_.fail(std::move(rule), {event.who.node},
                      fmt::format("node {}: message {} {} of node {}: {}", event.who.node, facts_.name(event.ring),
                                  event.seq, event.originator, text));
    }

    std::vector<Position> lives_;
};

}  // namespace

std::unique_ptr<Oracle> make_order_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<OrderOracle>(facts, verdict);
}

}  // namespace totem::sim
