#include "tests/rrp/machine.hpp"

namespace totem::rrp::test {
namespace {

const wire::Codec kCodec(Dialect::v2);

template <typename Packet>
Buffer encoded(const Packet& packet) {
    Buffer out(2048);
    out.resize(kCodec.encode(packet, out));
    return out;
}

Config config(Mode mode, unsigned networks, ByteOrder order) {
    return {.dialect = Dialect::v2, .order = order, .mode = mode, .networks = networks, .self = 2, .parameters = {}};
}

Buffer bytes_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string own_address(unsigned network) {
    return network == 0 ? "10.77.0.2" : "10.78.0.2";
}

}  // namespace

Identity node(NodeId id) {
    const auto last = static_cast<std::uint8_t>(id);
    return {id, {{{id, NodeAddress::kIpv4, {10, 77, 0, last}}, {id, NodeAddress::kIpv4, {10, 78, 0, last}}}}};
}

RingId ring(std::uint64_t seq) {
    return {node(1).addr[0], seq};
}

Buffer token(std::uint32_t token_seq, std::uint64_t ring_seq, ByteOrder order) {
    wire::Token out;
    out.header.nodeid = 1;
    out.header.order = order;
    out.token_seq = token_seq;
    out.ring = ring(ring_seq);
    return encoded(out);
}

Buffer mcast(std::uint32_t seq, ByteOrder order) {
    wire::Mcast out;
    out.header.nodeid = 1;
    out.header.order = order;
    out.system_from = node(1);
    out.seq = seq;
    out.ring = ring(4);
    return encoded(out);
}

Buffer commit_token(std::uint64_t ring_seq) {
    wire::CommitToken out;
    out.header.nodeid = 1;
    out.ring = ring(ring_seq);
    out.members = {node(1), node(2), node(3)};
    out.entries.resize(3);
    return encoded(out);
}

Buffer ring_test(wire::PacketType type, NodeId activator, std::int32_t number, ByteOrder order) {
    wire::RingTest out;
    out.header.type = type;
    out.header.order = order;
    out.ring_number = number;
    out.activator = activator;
    return encoded(out);
}

Machine::Machine(Mode mode, unsigned networks, ByteOrder order)
    : rrp(config(mode, networks, order), pool, *this, *this, *this) {
    rrp.set_members(std::vector<Identity>{node(1), node(2), node(3)});
    send_token();
    out.clear();
}

void Machine::send_token() {
    rrp.unicast(pool.copy(token(1)), node(3));
}

void Machine::send_multicast(Networks::Fanout fanout) {
    rrp.multicast(pool.copy(mcast(1)), fanout);
}

void Machine::run_for(Duration duration) {
    const Instant end = now + duration;
    while (rrp.next_timeout() <= end) {
        now = std::max(now, rrp.next_timeout());
        rrp.on_timeout(now);
    }
    now = end;
}

std::string Machine::sent_through() {
    std::string text;
    for (const Sent& each : out)
        text += (text.empty() ? "" : " ") + std::to_string(each.network);
    out.clear();
    return text;
}

std::size_t Machine::sent(wire::PacketType type) const {
    return static_cast<std::size_t>(std::count_if(
        out.begin(), out.end(), [&](const Sent& each) { return each.bytes[0] == static_cast<std::uint8_t>(type); }));
}

std::string Machine::text(unsigned network) const {
    return describe(rrp.status(network), network, own_address(network));
}

void Machine::multicast(unsigned network, const FrameRef& frame, Fanout fanout) {
    out.push_back({now, network, false, 0, fanout, bytes_of(frame.bytes())});
}
void Machine::unicast(unsigned network, const FrameRef& frame, const Identity& target) {
    out.push_back({now, network, true, target.nodeid, Fanout::members, bytes_of(frame.bytes())});
}
void Machine::drain_others(unsigned network) {
    drained.push_back(network);
    if (on_drain) on_drain(network);
}
void Machine::packet(Bytes packet) {
    up.push_back(bytes_of(packet));
    if (on_packet) on_packet(packet);
}
void Machine::network_status(unsigned network, const Status& status) {
    EXPECT_EQ(status, rrp.status(network));
    changes.push_back({now, network, describe(status, network, own_address(network))});
}
void Machine::ring_test_received(unsigned network, const wire::RingTest& test) {
    tests.push_back({network, test, false, false});
}
void Machine::ring_test_activated(unsigned network, const wire::RingTest& test, bool recovered) {
    tests.push_back({network, test, true, recovered});
}

void lose(Machine& machine, unsigned network) {
    static std::uint32_t seq = 1'000'000;
    for (int i = 0; i < 1000 && !machine.rrp.faulty(network); ++i) {
        machine.receive(1 - network, token(++seq));
        // What active waits for.
        for (; machine.rrp.next_timeout() <= machine.now + 238ms && !machine.rrp.faulty(network);)
            machine.run_for(machine.rrp.next_timeout() - machine.now);
    }
    ASSERT_TRUE(machine.rrp.faulty(network));
    machine.out.clear();
    machine.up.clear();
    machine.changes.clear();
    machine.drained.clear();
}

}  // namespace totem::rrp::test
