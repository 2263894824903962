// I15: nobody forgets a message that a member of its ring may still need.

#include <fmt/format.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

class ReleaseOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void freed(Who who, RingKey key, std::uint32_t up_to) override {
        const RingFacts& ring = facts_.ring(key);
        for (NodeId member : ring.members) {
            const auto receipt = ring.receipts.find(member);
            const std::uint32_t has = receipt == ring.receipts.end() ? 0 : receipt->second.contiguous();
            if (has >= up_to) continue;
            verdict_.fail("I15", {who.node, member},
                          fmt::format("node {} freed {} up to {}, node {} has only up to {}", who.node,
                                      facts_.name(key), up_to, member, has));
        }
    }
};

}  // namespace

std::unique_ptr<Oracle> make_release_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<ReleaseOracle>(facts, verdict);
}

}  // namespace totem::sim
