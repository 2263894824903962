// Packing messages into frames and unpacking them again.
#include <benchmark/benchmark.h>

#include <vector>

#include "totem/pg/process_groups.hpp"

namespace {

using namespace totem;

// Keeps the frames it is given until they are delivered.
class Port final : public pg::RingPort {
public:
    explicit Port(FramePool& pool) : pool_(pool) {}
    FrameRef frame_for_payload(std::size_t size) override { return pool_.allocate(size); }
    std::size_t payload_offset() const override { return 0; }
    bool submit(FrameRef frame) override {
        frames.push_back(std::move(frame));
        return true;
    }
    std::size_t room() const override { return 3000; }
    std::size_t capacity() const override { return 3002; }
    void request_token() override {}

    std::vector<FrameRef> frames;

private:
    FramePool& pool_;
};

class Ignore final : public pg::Listener, public pg::GroupReceiver {
public:
    void configuration(const srp::Configuration&) override {}
    void token_sent() override {}
    void on_message(NodeId, ByteOrder, Bytes payload) override { bytes += payload.size(); }
    std::size_t bytes = 0;
};

void pack_and_unpack(benchmark::State& state) {
    FramePool pool;
    Port port(pool);
    Ignore above;
    pg::ProcessGroups groups({}, above);
    groups.attach(port);
    groups.join("a", above);
    groups.synchronized();
    const std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)), 7);
    const Bytes chunk(message);
    const std::size_t per_round = std::max<std::size_t>(1, 100'000 / message.size());
    for (auto _ : state) {
        for (std::size_t i = 0; i < per_round; ++i)
            groups.send("a", {&chunk, 1});
        groups.token_received();
        for (const FrameRef& frame : port.frames) {
            groups.deliver(srp::Message{1, kNativeOrder, 1, RingId{}, frame.bytes()});
        }
        port.frames.clear();
    }
    if (above.bytes == 0) state.SkipWithError("nothing was delivered");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(per_round));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(per_round * message.size()));
}
BENCHMARK(pack_and_unpack)->Arg(64)->Arg(1024)->Arg(8192)->Arg(65536)->Arg(1000000)->ArgName("bytes");

}  // namespace
