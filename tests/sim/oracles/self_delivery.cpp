// I13: a node delivers what it sent before its next regular configuration. (I14, the order of
// submission, shows in the sequence numbers of the clients' messages: cpg_oracle.)

#include <deque>

#include <fmt/format.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

class SelfDeliveryOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void assignment(const AssignmentEvent& event) override {
        at(lives_, event.who.life).push_back({event.ring, event.seq});
    }

    void delivery(const DeliveryEvent& event) override {
        if (event.originator != event.who.node) return;
        auto& open = at(lives_, event.who.life);
        if (!open.empty() && open.front().ring == event.ring && open.front().seq == event.seq) open.pop_front();
    }

    void configuration(const ConfigurationEvent& event) override {
        if (!event.regular()) return;
        const auto& open = at(lives_, event.who.life);
        if (open.empty()) return;
        verdict_.fail(
            "I13", {event.who.node},
            fmt::format("node {} never delivered its own message {} {} before configuration {}", event.who.node,
                        facts_.name(open.front().ring), open.front().seq, facts_.name(event.ring)));
    }

private:
    struct Sent {
        RingKey ring;
        std::uint32_t seq;
    };
    std::vector<std::deque<Sent>> lives_;
};

}  // namespace

std::unique_ptr<Oracle> make_self_delivery_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<SelfDeliveryOracle>(facts, verdict);
}

}  // namespace totem::sim
