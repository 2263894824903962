// I11 no gap before the transitional configuration; I12 after it only messages of those who come
// along, and all of them that anybody who comes along held.

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

class RecoveryOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void delivery(const DeliveryEvent& event) override {
        Progress& self = at(lives_, event.who.life);
        if (!self.announced) {
            check_gap(event, self.last);
            self.last = event.seq;
            return;
        }
        self.after.push_back(event.seq);
        if (std::find(self.transitional.begin(), self.transitional.end(), event.originator) == self.transitional.end())
            fail(event.who.node, event.ring, event.seq,
                 fmt::format("of node {} delivered after the transitional configuration {}", event.originator,
                             self.transitional));
    }

    void configuration(const ConfigurationEvent& event) override {
        Progress& self = at(lives_, event.who.life);
        if (!event.regular()) {
            self.announced = true;
            self.transitional.assign(event.members.begin(), event.members.end());
            return;
        }
        if (self.ring != kNoRing) check_complete(event.who.node, self);
        self = Progress{};
        self.ring = event.ring;
    }

private:
    struct Progress {
        RingKey ring = kNoRing;
        std::uint32_t last = 0;  // before the transitional configuration
        bool announced = false;
        std::vector<NodeId> transitional;
        std::vector<std::uint32_t> after;  // delivered after the transitional configuration, ascending
    };

    void check_gap(const DeliveryEvent& event, std::uint32_t last) {
        const RingFacts& ring = facts_.ring(event.ring);
        const std::uint32_t expected = (last == 0 ? ring.recovered : last) + 1;
        if (event.seq > expected)
            verdict_.fail("I11", {event.who.node},
                          fmt::format("node {}: {} {} delivered without {}", event.who.node, facts_.name(event.ring),
                                      event.seq, expected));
    }

    // Everything the node held of those who came along must have reached its application. Together
    // with I10 this covers what any of them held.
    void check_complete(NodeId node, const Progress& self) {
        const RingFacts& ring = facts_.ring(self.ring);
        const auto receipt = ring.receipts.find(node);
        if (receipt == ring.receipts.end()) return;
        for (std::uint32_t seq = self.last + 1; seq <= receipt->second.highest(); ++seq) {
            const Assigned* held = ring.message(seq);
            if (!receipt->second.has(seq) || held == nullptr) continue;
            if (std::find(self.transitional.begin(), self.transitional.end(), held->originator) ==
                self.transitional.end())
                continue;
            if (!std::binary_search(self.after.begin(), self.after.end(), seq))
                fail(node, self.ring, seq, fmt::format("of node {} was held but not delivered", held->originator));
        }
    }

    void fail(NodeId node, RingKey ring, std::uint32_t seq, const std::string& text) {
        verdict_.fail("I12", {node}, fmt::format("node {}: {} {} {}", node, facts_.name(ring), seq, text));
    }

    std::vector<Progress> lives_;
};

}  // namespace

std::unique_ptr<Oracle> make_recovery_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<RecoveryOracle>(facts, verdict);
}

}  // namespace totem::sim
