// The ring machine without a network: window, token visits, and whole rings in one thread.
#include <benchmark/benchmark.h>

#include "tests/srp/loop.hpp"
#include "totem/srp/sort_queue.hpp"

namespace {

using namespace totem;
using srp::test::Loop;

// A message into the window, found for delivery, and released again.
void window_insert_deliver(benchmark::State& state) {
    FramePool pool;
    srp::SortQueue queue;
    queue.reset(1);
    const FrameRef frame = pool.allocate(1400);
    std::uint32_t seq = 1;
    for (auto _ : state) {
        queue.add(seq, srp::StoredMessage{frame, 0, 1, kNativeOrder});
        benchmark::DoNotOptimize(queue.find(seq));
        if (seq % 64 == 0) queue.release_through(seq);
        ++seq;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(window_insert_deliver);

// Rotations of an idle ring's token that nobody holds: the cost of a visit by itself.
void token_visit(benchmark::State& state) {
    std::uint64_t visits = 0;
    Loop loop(static_cast<std::size_t>(state.range(0)), Dialect::v3, [&](Loop::Node& node) {
        ++visits;
        // One small message of one node keeps the ring from idling.
        if (node.ring.self().nodeid == 1) node.ring.submit(loop.now, node.ring.frame_for_payload(8));
    });
    const std::uint64_t before = visits;
    for (auto _ : state)
        loop.step();
    state.SetItemsProcessed(static_cast<std::int64_t>(visits - before));
}
BENCHMARK(token_visit)->Arg(3)->Arg(16)->ArgName("nodes");

// All nodes send full frames at every visit; an item is a message delivered at every node.
void ordered_messages(benchmark::State& state) {
    const auto nodes = static_cast<std::size_t>(state.range(0));
    Loop loop(nodes, Dialect::v3, [&](Loop::Node& node) {
        while (node.ring.room() > 2900)
            node.ring.submit(loop.now, node.ring.frame_for_payload(1410));
    });
    const std::uint64_t before = loop.nodes[0]->delivered;
    for (auto _ : state)
        loop.step();
    const auto messages = static_cast<std::int64_t>(loop.nodes[0]->delivered - before);
    state.SetItemsProcessed(messages);
    state.SetBytesProcessed(messages * 1410);
}
BENCHMARK(ordered_messages)->Arg(3)->Arg(16)->ArgName("nodes");

}  // namespace
