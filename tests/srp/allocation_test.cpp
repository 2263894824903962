// The steady state takes nothing from the heap.
#include <gtest/gtest.h>

#include "loop.hpp"
#include "tests/support/allocation_count.hpp"

namespace totem::srp::test {
namespace {

using test_support::allocations;

class Allocation : public testing::TestWithParam<Dialect> {};
INSTANTIATE_TEST_SUITE_P(Dialects, Allocation, testing::Values(Dialect::v2, Dialect::v3),
                         [](const auto& each) { return each.param == Dialect::v2 ? "v2" : "v3"; });

TEST_P(Allocation, TheCounterCounts) {
    const std::size_t before = allocations();
    test_support::allocate_once();
    EXPECT_GT(allocations(), before);
}

TEST_P(Allocation, NoneUnderLoad) {
    Loop loop(3, GetParam(), [&](Loop::Node& node) {
        for (int i = 0; i < 20 && node.ring.room() > 2000; ++i) {
            FrameRef frame = node.ring.frame_for_payload(200);
            std::fill(frame.writable().begin(), frame.writable().begin() + 300, std::uint8_t{0});
            node.ring.submit(loop.now, std::move(frame));
        }
    });
    ASSERT_TRUE(loop.ready());
    for (int i = 0; i < 200'000; ++i)
        loop.step();  // every buffer reaches its largest size
    const std::uint64_t delivered = loop.nodes[0]->delivered;
    const std::size_t heap = loop.pool.heap_bytes(), before = allocations();
    for (int i = 0; i < 300'000; ++i)
        loop.step();
    EXPECT_EQ(allocations() - before, 0u);
    EXPECT_EQ(loop.pool.heap_bytes(), heap);
    EXPECT_GT(loop.nodes[0]->delivered, delivered + 100'000);
}

TEST_P(Allocation, NoneWhenIdle) {
    Loop loop(3, GetParam(), [](Loop::Node&) {});
    ASSERT_TRUE(loop.ready());
    for (int i = 0; i < 10'000; ++i)
        loop.step();
    const std::size_t before = allocations();
    for (int i = 0; i < 100'000; ++i)
        loop.step();  // tokens, holds, merge detects
    EXPECT_EQ(allocations() - before, 0u);
    EXPECT_GT(loop.nodes[0]->ring.statistics(loop.now).memb_merge_detect_tx, 1000u);
}

}  // namespace
}  // namespace totem::srp::test
