// Ten million messages: nothing grows, nothing is lost, all nodes agree.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "loop.hpp"

namespace totem::srp::test {
namespace {

void run(std::size_t nodes, Dialect dialect, std::uint64_t messages) {
    std::uint64_t submitted = 0;
    Loop loop(nodes, dialect, [&](Loop::Node& node) {
        for (int i = 0; i < 17 && submitted < messages && node.ring.room() > 2900; ++i) {
            FrameRef frame = node.ring.frame_for_payload(sizeof submitted);
            std::memcpy(frame.writable().data() + node.ring.payload_offset(), &submitted, sizeof submitted);
            if (node.ring.submit(loop.now, std::move(frame))) ++submitted;
        }
    });
    ASSERT_TRUE(loop.ready());
    const auto everywhere = [&](std::uint64_t count) {
        for (const auto& node : loop.nodes) {
            if (node->delivered < count) return false;
        }
        return true;
    };
    while (!everywhere(messages / 10))
        loop.step();
    const std::size_t heap = loop.pool.heap_bytes();
    const auto begin = std::chrono::steady_clock::now();
    while (!everywhere(messages))
        loop.step();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%zu nodes: %.0f messages/s through all of them on one core\n", nodes,
                static_cast<double>(messages - messages / 10) / took.count());
    EXPECT_EQ(loop.pool.heap_bytes(), heap);
    for (const auto& node : loop.nodes) {
        EXPECT_EQ(node->delivered, messages);
        EXPECT_EQ(node->checksum, loop.nodes[0]->checksum);
        EXPECT_EQ(node->ring.statistics(loop.now).gather_entered,
                  loop.nodes[0]->ring.statistics(loop.now).gather_entered);
    }
}

TEST(Endurance, TenMillionMessagesThroughTwoNodes) {
    run(2, Dialect::v3, 10'000'000);
}
TEST(Endurance, TwoMillionMessagesThroughThreeNodes) {
    run(3, Dialect::v2, 2'000'000);
}

}  // namespace
}  // namespace totem::srp::test
