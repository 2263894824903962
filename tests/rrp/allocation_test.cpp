// The steady state takes nothing from the heap, nor do a fault and its end.
#include "tests/rrp/machine.hpp"
#include "tests/support/allocation_count.hpp"
#include "totem/rrp/redundancy.hpp"

namespace totem::rrp::test {
namespace {

using test_support::allocations;

class Allocation : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Allocation, testing::Values(Mode::passive, Mode::active),
                         [](const auto& each) { return each.param == Mode::passive ? "passive" : "active"; });

TEST_P(Allocation, TheCounterCounts) {
    const std::size_t before = allocations();
    test_support::allocate_once();
    EXPECT_GT(allocations(), before);
}

TEST_P(Allocation, None) {
    Surroundings world;
    FramePool pool;
    Redundancy rrp({.dialect = Dialect::v2, .mode = GetParam(), .networks = 2, .self = 2}, pool, world, world, world);
    const std::vector<Identity> members{node(1), node(2), node(3)};
    const Buffer message = mcast(1), test = ring_test(wire::PacketType::ring_test_active, 2),
                 activate = ring_test(wire::PacketType::ring_test_activate, 1);
    std::vector<Buffer> tokens;
    for (std::uint32_t i = 0; i < 10'000; ++i)
        tokens.push_back(token(i + 1));
    Instant now(1000s);
    const auto round = [&](std::size_t number) {
        for (std::size_t i = 0; i < 100; ++i) {
            const Buffer& next = tokens[100 * number + i];
            now += 1ms;
            rrp.receive(now, 0, message);
            rrp.receive(now, 0, next);
            if (i % 50 < 20) {  // some do not come through network 1 at all
                now += 300ms;
            } else {
                rrp.receive(now, 1, message);
                rrp.receive(now, 1, next);
            }
            rrp.on_timeout(now);
            const FrameRef frame = pool.copy(message);
            rrp.multicast(frame, Networks::Fanout::members);
            rrp.unicast(frame, members[2]);
        }
        rrp.receive(now, 1, test);
        rrp.receive(now, 1, activate);
        rrp.set_members(members);
    };
    round(0);
    const std::size_t before = allocations(), heap = pool.heap_bytes();
    for (std::size_t i = 1; i < 100; ++i)
        round(i);
    EXPECT_EQ(allocations() - before, 0u);
    EXPECT_EQ(pool.heap_bytes(), heap);
    EXPECT_GT(world.recoveries, 1u);
}

}  // namespace
}  // namespace totem::rrp::test
