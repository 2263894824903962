// The small parts: sequence numbers, queues, flow control, timers, node sets.
#include <gtest/gtest.h>

#include "totem/srp/flow_control.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/srp/node_set.hpp"
#include "totem/srp/send_queue.hpp"
#include "totem/srp/timers.hpp"
#include "totem/srp/window.hpp"

namespace totem::srp {
namespace {

using namespace std::chrono_literals;

TEST(Seq, OrderAcrossTheWrap) {
    EXPECT_TRUE(precedes(1, 2));
    EXPECT_FALSE(precedes(2, 2));
    EXPECT_FALSE(precedes(2, 1));
    EXPECT_TRUE(precedes(0xFFFFFFFF, 0));  // the initial token's aru
    EXPECT_FALSE(precedes(0, 0xFFFFFFFF));
    EXPECT_TRUE(precedes(0xFFFFFFF0, 0x10));
    EXPECT_TRUE(precedes(0x7FFFFFFF, 0x80000001));
    EXPECT_FALSE(precedes(0x80000001, 0x7FFFFFFF));
    EXPECT_TRUE(precedes(0xFFFF8000, 0x4000));
    EXPECT_TRUE(at_most(3, 3));
    EXPECT_EQ(earlier(0xFFFFFFFF, 5), 0xFFFFFFFFu);
    EXPECT_EQ(later(0xFFFFFFFF, 5), 5u);
}

StoredMessage message(FramePool& pool) {
    return {pool.allocate(10), 0, 1, kNativeOrder};
}

TEST(SortQueue, RangeAndRelease) {
    FramePool pool;
    SortQueue queue;
    queue.reset(1);
    EXPECT_FALSE(queue.add(0, message(pool)));
    EXPECT_TRUE(queue.add(1, message(pool)));
    EXPECT_FALSE(queue.add(1, message(pool)));
    EXPECT_TRUE(queue.add(kWindow, message(pool)));
    EXPECT_FALSE(queue.add(kWindow + 1, message(pool)));
    EXPECT_EQ(queue.count_miss(2), 1u);
    EXPECT_EQ(queue.count_miss(2), 2u);
    EXPECT_EQ(pool.in_use(), 2u);
    queue.release_through(1);
    EXPECT_EQ(queue.head(), 2u);
    EXPECT_EQ(pool.in_use(), 1u);
    EXPECT_FALSE(queue.contains(1));
    EXPECT_TRUE(queue.add(kWindow + 1, message(pool)));
    EXPECT_TRUE(queue.add(2, message(pool)));
    queue.release_through(2);
    EXPECT_EQ(queue.count_miss(kWindow + 2), 1u);  // the slot's counter was reset
    queue.reset(1);
    EXPECT_EQ(pool.in_use(), 0u);
    EXPECT_EQ(queue.count_miss(2), 1u);
}

TEST(SortQueue, ContinuousAcrossTheWrap) {
    FramePool pool;
    Window window;
    window.open({});
    const Seq start = 0xFFFFFFFF - 99;
    window.queue.reset(start);
    window.aru = window.high_seq_received = window.high_delivered = window.last_released = start - 1;
    for (Seq i = 0; i < 200; ++i)
        EXPECT_TRUE(window.store(start + i, message(pool)));
    window.advance_aru();
    EXPECT_EQ(window.aru, 99u);
    EXPECT_EQ(window.high_seq_received, 99u);
    window.release_through(49);
    EXPECT_EQ(pool.in_use(), 50u);
    EXPECT_TRUE(window.queue.contains(50));
    EXPECT_FALSE(window.queue.contains(start));
}

TEST(SendQueue, FullAtCapacityLessOne) {
    FramePool pool;
    SendQueue queue(5);
    EXPECT_EQ(queue.room(), 3u);
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(queue.full());
        queue.push(pool.allocate(static_cast<std::size_t>(i)));
    }
    EXPECT_TRUE(queue.full());
    EXPECT_EQ(queue.room(), 0u);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(queue.pop().size(), i);
    EXPECT_TRUE(queue.empty());
}

TEST(FlowControl, SharesTheWindow) {
    const Limits p{.window_size = 50, .max_messages = 17};
    FlowControl flow;
    std::uint32_t fcc = 0, backlog = 0;
    EXPECT_EQ(flow.limit(p, fcc, backlog, 30), 17u);  // nothing known of anybody's backlog: max_messages
    flow.account(17, fcc, backlog);
    EXPECT_EQ(fcc, 17u);
    EXPECT_EQ(backlog, 30u);
    // A neighbour with three times our backlog: 50 * 30 / 120.
    EXPECT_EQ(flow.limit(p, fcc, 120, 30), 12u);
    EXPECT_EQ(flow.limit(p, 45, backlog, 30), 5u);   // the rotation's window
    EXPECT_EQ(flow.limit(p, 51, backlog, 30), 17u);  // upstream's unsigned arithmetic
    flow.clear();
    EXPECT_EQ(flow.limit(p, 0, 1000, 0), 17u);  // a share of 0 does not stop anybody
}

TEST(Timers, EarliestFirst) {
    Timers timers;
    EXPECT_EQ(timers.next().deadline, kNever);
    timers.arm(Timer::join, Instant(2s));
    timers.arm(Timer::pause, Instant(1s));
    EXPECT_EQ(timers.next().timer, Timer::pause);
    timers.arm(Timer::pause, Instant(3s));
    EXPECT_EQ(timers.next().timer, Timer::join);
    timers.cancel(Timer::join);
    EXPECT_FALSE(timers.armed(Timer::join));
    EXPECT_EQ(timers.next().deadline, Instant(3s));
}

TEST(NodeSet, KeepsOrderAndHoldsNobodyTwice) {
    const auto node = [](NodeId id) { return Identity::v3(id); };
    NodeSet set;
    insert(set, node(3));
    insert(set, NodeSet{node(1), node(3), node(2)});
    EXPECT_EQ(set, (NodeSet{node(3), node(1), node(2)}));
    EXPECT_TRUE(same_set(set, NodeSet{node(1), node(2), node(3)}));
    EXPECT_FALSE(same_set(set, NodeSet{node(1), node(2)}));
    EXPECT_TRUE(is_subset(NodeSet{}, set));
    EXPECT_EQ(difference(set, NodeSet{node(1)}), (NodeSet{node(3), node(2)}));
}

TEST(Describe, StatesAndReasons) {
    EXPECT_EQ(describe(State::operational), "OPERATIONAL");
    EXPECT_EQ(describe(State::recovery), "RECOVERY");
    EXPECT_EQ(describe(GatherReason::consensus_timeout), "consensus timeout");
    EXPECT_EQ(describe(GatherReason::token_lost_operational), "The token was lost in the OPERATIONAL state.");
    EXPECT_EQ(describe(GatherReason::merge_during_join), "merge during join");
    EXPECT_EQ(describe(GatherReason::interface_change), "interface change");
}

}  // namespace
}  // namespace totem::srp
