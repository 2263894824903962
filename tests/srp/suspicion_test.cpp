// A closed port as a hint that a member's process is gone: Ring::port_closed().
#include <gtest/gtest.h>

#include "tests/srp/harness.hpp"

namespace totem::srp::test {
namespace {

class Suspicion : public DialectTest {
protected:
    void SetUp() override {
        net.pace = {.accelerated = false, .adaptive_window = false, .early_requests = false, .watch_processes = true};
        form({1, 2, 3, 4});
        for (auto& [id, node] : net.nodes)
            node->ring().set_companionship({.headroom = 100});
        net.run_for(500ms);
    }
    void report(NodeId to, NodeId about) { net[to].ring().port_closed(net.now, node(about)); }
    Instant formed(std::initializer_list<NodeId> ids) {
        EXPECT_TRUE(net.settle(ids));
        return net.now;
    }
    Duration join_timeouts(std::uint32_t count) const { return ms(count * net.parameters.join); }
};

TEST_P(Suspicion, WhoseProcessIsGoneIsLeftOutAfterTwoJoinTimeouts) {
    net.kill(3);
    const Instant killed = net.now;
    report(2, 3);
    const Duration outage = formed({1, 2, 4}) - killed;
    EXPECT_LT(outage, join_timeouts(3));
    EXPECT_LT(outage, ms(net.parameters.token) / 2);
    EXPECT_EQ(net[1].seen.left_without_leave, std::vector<NodeId>{3});
    EXPECT_EQ(net[2].seen.gather_reasons.back(), GatherReason::process_gone);
}

TEST_P(Suspicion, WhoAnswersStaysAndFurtherReportsAreIgnoredForAWhile) {
    report(2, 3);
    net.run_for(join_timeouts(4));
    EXPECT_TRUE(net.settled({1, 2, 3, 4})) << "one change, nobody lost";
    const std::string ring = net[1].ring_text();
    for (auto& [id, node] : net.nodes)
        node->ring().set_companionship({.headroom = 100});
    report(2, 3);
    net.run_for(join_timeouts(4));
    EXPECT_EQ(net[1].ring_text(), ring);
}

// Where others are missing, too, it may be our network that is gone.
TEST_P(Suspicion, NobodyIsFailedWhileOthersAreMissing) {
    net.kill(3);
    net[4].freeze();
    report(2, 3);
    net.run_for(join_timeouts(6));
    EXPECT_EQ(net[2].ring().state(), State::gather);
    net[4].thaw();
    formed({1, 2, 4});
}

TEST_P(Suspicion, IsForMembersOfARingOfOurs) {
    const std::string ring = net[1].ring_text();
    report(2, 9);
    report(2, 2);
    net[1].ring().set_companionship({.headroom = 0});
    report(1, 3);
    net.run_for(1s);
    EXPECT_EQ(net[1].ring_text(), ring);
}

INSTANTIATE_TEST_SUITE_P(Dialects, Suspicion, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

}  // namespace
}  // namespace totem::srp::test
