// I6 agreement on transitional configurations and I10 virtual synchrony: what members that move
// together say about the way they came.

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/sim/hash.hpp"
#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

class TransitionOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void delivery(const DeliveryEvent& event) override {
        Passage& way = at(lives_, event.who.life);
        std::uint64_t& hash = way.announced ? way.hash_after : way.hash_before;
        hash = mix(mix(hash, event.seq), mix(event.originator, event.hash));
        ++(way.announced ? way.count_after : way.count_before);
        way.last = event.seq;
    }

    void configuration(const ConfigurationEvent& event) override {
        Passage& way = at(lives_, event.who.life);
        if (!event.regular()) {
            way.announced = true;
            way.transitional.assign(event.members.begin(), event.members.end());
            std::sort(way.transitional.begin(), way.transitional.end());
            return;
        }
        auto& others = arrived_[event.ring];
        for (const auto& [node, other] : others)
            compare(event, way, node, other);
        others.insert_or_assign(event.who.node, way);
        way = Passage{};
        way.from = event.ring;
    }

private:
    // From one regular configuration to the next.
    struct Passage {
        RingKey from = kNoRing;
        bool announced = false;  // the transitional configuration was delivered
        std::vector<NodeId> transitional;
        std::uint64_t hash_before = 0, hash_after = 0;
        std::uint32_t count_before = 0, count_after = 0, last = 0;
    };

    void compare(const ConfigurationEvent& event, const Passage& mine, NodeId node, const Passage& other) {
        const bool with_other = std::binary_search(mine.transitional.begin(), mine.transitional.end(), node);
        const bool with_me = std::binary_search(other.transitional.begin(), other.transitional.end(), event.who.node);
        if (!with_other && !with_me) return;
        const std::string way = fmt::format("to {}: node {} came from {} with {}, node {} from {} with {}",
                                            facts_.name(event.ring), event.who.node, facts_.name(mine.from),
                                            mine.transitional, node, facts_.name(other.from), other.transitional);
        if (mine.transitional != other.transitional || mine.from != other.from)
            return verdict_.fail("I6", {event.who.node, node}, way);
        if (mine.hash_before == other.hash_before && mine.hash_after == other.hash_after) return;
        verdict_.fail("I10", {event.who.node, node},
                      fmt::format("{}; delivered {}+{} up to {} and {}+{} up to {} (before + after the transitional "
                                  "configuration)",
                                  way, mine.count_before, mine.count_after, mine.last, other.count_before,
                                  other.count_after, other.last));
    }

    std::vector<Passage> lives_;
    std::map<RingKey, std::map<NodeId, Passage>> arrived_;
};

}  // namespace

std::unique_ptr<Oracle> make_transition_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<TransitionOracle>(facts, verdict);
}

}  // namespace totem::sim
