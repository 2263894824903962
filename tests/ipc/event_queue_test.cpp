// The queue of events a client's ring has no room for.

#include "engine/ipc/event_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace engine::ipc {
namespace {

using totem::Bytes;

Bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string text(Bytes event) {
    return {reinterpret_cast<const char*>(event.data()), event.size()};
}

void fill(EventQueue& queue, const std::string& event, int events) {
    for (int i = 0; i < events; ++i)
        ASSERT_TRUE(queue.push(std::array{bytes(event)}));
}
void fill_and_empty(EventQueue& queue, const std::string& event, int events) {
    fill(queue, event, events);
    while (!queue.empty())
        queue.pop();
}

TEST(EventQueue, KeepsOrderAndContent) {
    BlockPool pool;
    EventQueue queue{pool};
    std::vector<std::string> events;
    std::size_t total = 0;
    // From nothing to more than a block, odd sizes.
    for (const std::size_t size : {0UL, 1UL, 7UL, 8UL, 9UL, 131071UL, 131072UL, 131073UL, 1048576UL, 3UL}) {
        events.emplace_back(size, static_cast<char>('a' + events.size()));
        total += size;
        const std::string first = events.back().substr(0, size / 2), rest = events.back().substr(size / 2);
        ASSERT_TRUE(queue.push(std::array{bytes(first), Bytes{}, bytes(rest)}));
    }
    EXPECT_EQ(queue.count(), events.size());
    EXPECT_EQ(queue.bytes(), total);
    for (const std::string& event : events) {
        ASSERT_FALSE(queue.empty());
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(queue.front().data()) % 8, 0u);
        EXPECT_EQ(text(queue.front()), event);
        queue.pop();
    }
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST(EventQueue, IsUsableWhileItFillsAndEmpties) {
    BlockPool pool;
    EventQueue queue{pool};
    unsigned in = 0, out = 0;
    const auto event = [](unsigned number) { return std::to_string(number) + std::string(number % 5000, 'x'); };
    while (out < 20000) {
        for (unsigned i = 0; i < 1 + in % 7 && in < 20000; ++i) {
            const std::string next = event(in++);
            ASSERT_TRUE(queue.push(std::array{bytes(next)}));
        }
        for (unsigned i = 0; i < 1 + out % 5 && !queue.empty(); ++i) {
            ASSERT_EQ(text(queue.front()), event(out++));
            queue.pop();
        }
    }
    EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, Clears) {
    BlockPool pool;
    EventQueue queue{pool};
    const std::string event(100000, 'x');
    fill(queue, event, 10);
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0u);
    ASSERT_TRUE(queue.push(std::array{bytes(event)}));
    EXPECT_EQ(text(queue.front()), event);
}

// A client that is a little behind fills and empties its queue all the time.
TEST(EventQueue, KeepsALittleMemoryForTheNextOne) {
    BlockPool pool;
    EventQueue queue{pool};
    const std::string event(1000, 'x');
    fill_and_empty(queue, event, 1);
    EXPECT_EQ(pool.kept(), BlockPool::kSmall);
    fill_and_empty(queue, event, 100);  // in what is kept
    EXPECT_EQ(pool.kept(), BlockPool::kSmall);
    fill_and_empty(queue, event, 50000);  // 50 MB
    const std::size_t kept = pool.kept();
    EXPECT_GE(kept, BlockPool::kHuge);
    EXPECT_LE(kept, 6u << 20);
    queue.clear();
    EXPECT_EQ(pool.kept(), kept);
    pool.trim();
    EXPECT_EQ(pool.kept(), 0u);
}

// Two of 64 KiB in a block of 128 would leave half of it unused.
TEST(EventQueue, PutsLargeEventsIntoLargeBlocks) {
    BlockPool pool;
    EventQueue queue{pool};
    fill_and_empty(queue, std::string(65536, 'x'), 31);
    EXPECT_EQ(pool.kept(), BlockPool::kHuge);
}

}  // namespace
}  // namespace engine::ipc
