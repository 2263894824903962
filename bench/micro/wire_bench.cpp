// Decoding and encoding of the packets of the hot path.
#include <benchmark/benchmark.h>

#include <array>

#include "totem/wire/codec.hpp"

namespace {

using namespace totem;

RingId ring_of(Dialect dialect) {
    RingId ring;
    ring.seq = 13;
    ring.rep.nodeid = 1;
    if (dialect == Dialect::v2) {
        ring.rep.family = NodeAddress::kIpv4;
        ring.rep.bytes = {10, 77, 0, 1};
    }
    return ring;
}

Dialect dialect_of(const benchmark::State& state) {
    return state.range(0) == 2 ? Dialect::v2 : Dialect::v3;
}

wire::Mcast message(Dialect dialect, Bytes payload) {
    wire::Mcast packet;
    packet.header.encapsulated = static_cast<std::uint8_t>(wire::Encapsulation::ordinary);
    packet.header.nodeid = 1;
    packet.ring = ring_of(dialect);
    packet.system_from.nodeid = 1;
    packet.system_from.addr[0] = packet.ring.rep.family ? packet.ring.rep : NodeAddress{};
    packet.seq = 4711;
    packet.payload = payload;
    return packet;
}

void decode_mcast(benchmark::State& state) {
    const wire::Codec codec(dialect_of(state));
    const std::array<std::uint8_t, 1200> payload{};
    std::array<std::uint8_t, 1500> buffer;
    const Bytes packet(buffer.data(), codec.encode(message(codec.dialect(), payload), buffer));
    wire::Mcast out;
    for (auto _ : state) {
        benchmark::DoNotOptimize(codec.decode(packet, out));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(decode_mcast)->Arg(2)->Arg(3)->ArgName("dialect");

void encode_mcast_fixed(benchmark::State& state) {
    const wire::Codec codec(dialect_of(state));
    const wire::Mcast packet = message(codec.dialect(), {});
    std::array<std::uint8_t, 200> buffer;
    for (auto _ : state) {
        benchmark::DoNotOptimize(codec.encode_fixed(packet, buffer));
        benchmark::ClobberMemory();
    }
}
BENCHMARK(encode_mcast_fixed)->Arg(2)->Arg(3)->ArgName("dialect");

void token_both_ways(benchmark::State& state) {
    const wire::Codec codec(dialect_of(state));
    wire::Token token;
    token.ring = ring_of(codec.dialect());
    token.rtr_count = static_cast<std::uint32_t>(state.range(1));
    for (std::uint32_t i = 0; i < token.rtr_count; ++i)
        token.rtr[i] = {token.ring, i};
    std::array<std::uint8_t, 2048> buffer;
    for (auto _ : state) {
        const Bytes packet(buffer.data(), codec.encode(token, buffer));
        benchmark::DoNotOptimize(codec.decode(packet, token));
    }
}
BENCHMARK(token_both_ways)->ArgsProduct({{2, 3}, {0, 30}})->ArgNames({"dialect", "requests"});

}  // namespace
