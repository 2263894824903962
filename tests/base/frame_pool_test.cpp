#include "totem/base/frame_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <vector>

namespace totem {
namespace {

TEST(FramePool, HandsOutFramesOfTheWantedSize) {
    FramePool pool;
    const FrameRef small = pool.allocate(100);
    const FrameRef boundary = pool.allocate(FramePool::kSmallCapacity);
    const FrameRef large = pool.allocate(FramePool::kSmallCapacity + 1);
    const FrameRef largest = pool.allocate(FramePool::kLargeCapacity);
    EXPECT_EQ(small.size(), 100u);
    EXPECT_EQ(boundary.size(), FramePool::kSmallCapacity);
    EXPECT_EQ(large.size(), FramePool::kSmallCapacity + 1);
    EXPECT_EQ(largest.bytes().size(), FramePool::kLargeCapacity);
    EXPECT_EQ(pool.in_use(), 4u);
}

TEST(FramePool, RefusesMoreThanTheLargestFrame) {
    FramePool pool;
    EXPECT_THROW((void)pool.allocate(FramePool::kLargeCapacity + 1), std::length_error);
    EXPECT_EQ(pool.in_use(), 0u);
}

TEST(FramePool, FramesDoNotOverlap) {
    FramePool pool;
    std::vector<FrameRef> frames;
    for (std::size_t i = 0; i < 300; ++i) {
        const std::size_t size = i % 3 == 0 ? FramePool::kLargeCapacity : FramePool::kSmallCapacity;
        frames.push_back(pool.allocate(size));
        std::memset(frames.back().writable().data(), static_cast<int>(i % 251), size);
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        for (const std::uint8_t byte : frames[i].bytes())
            ASSERT_EQ(byte, i % 251) << "frame " << i;
    }
}

TEST(FramePool, CopiesBytes) {
    FramePool pool;
    const std::vector<std::uint8_t> data{1, 2, 3};
    const FrameRef frame = pool.copy(data);
    EXPECT_EQ(std::vector<std::uint8_t>(frame.bytes().begin(), frame.bytes().end()), data);
    EXPECT_NE(frame.bytes().data(), data.data());
    EXPECT_EQ(pool.copy({}).size(), 0u);
}

TEST(FramePool, CopiesOfARefShareOneFrame) {
    FramePool pool;
    FrameRef a = pool.copy(std::vector<std::uint8_t>{7});
    {
        FrameRef b = a;
        EXPECT_EQ(a.bytes().data(), b.bytes().data());
        EXPECT_EQ(pool.in_use(), 1u);
        a.reset();
        EXPECT_FALSE(a);
        EXPECT_TRUE(a.bytes().empty());
        EXPECT_EQ(b.bytes()[0], 7);
        EXPECT_EQ(pool.in_use(), 1u);
    }
    EXPECT_EQ(pool.in_use(), 0u);
}

TEST(FramePool, MoveLeavesTheSourceEmpty) {
    FramePool pool;
    FrameRef a = pool.allocate(10);
    FrameRef b = std::move(a);
    EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): the state after a move is promised
    EXPECT_TRUE(b);
    EXPECT_EQ(pool.in_use(), 1u);
}

TEST(FramePool, AssignmentReleasesTheOldFrame) {
    FramePool pool;
    FrameRef a = pool.allocate(10);
    a = pool.allocate(20);
    EXPECT_EQ(pool.in_use(), 1u);
    EXPECT_EQ(a.size(), 20u);
    FrameRef& alias = a;
    a = alias;
    EXPECT_EQ(a.size(), 20u);
    EXPECT_EQ(pool.in_use(), 1u);
}

TEST(FramePool, ResizeKeepsTheBytes) {
    FramePool pool;
    FrameRef frame = pool.copy(std::vector<std::uint8_t>{1, 2, 3});
    EXPECT_EQ(frame.writable().size(), FramePool::kSmallCapacity);
    frame.resize(2);
    EXPECT_EQ(frame.bytes().size(), 2u);
    EXPECT_EQ(frame.bytes()[1], 2);
}

TEST(FramePool, SteadyStateTakesNothingFromTheHeap) {
    FramePool pool;
    const auto cycle = [&] {
        std::vector<FrameRef> held;
        for (int i = 0; i < 200; ++i)
            held.push_back(pool.allocate(i % 5 == 0 ? 5000 : 1500));
    };
    cycle();
    const std::size_t after_first = pool.heap_bytes();
    EXPECT_GT(after_first, 0u);
    for (int i = 0; i < 50; ++i)
        cycle();
    EXPECT_EQ(pool.heap_bytes(), after_first);
    EXPECT_EQ(pool.in_use(), 0u);
}

TEST(FramePool, ReusesAReturnedFrame) {
    FramePool pool;
    const std::uint8_t* first = pool.allocate(10).bytes().data();
    EXPECT_EQ(pool.allocate(20).bytes().data(), first);
}

}  // namespace
}  // namespace totem
