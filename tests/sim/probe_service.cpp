#include "tests/sim/probe_service.hpp"

#include <array>

#include "tests/sim/node.hpp"

namespace totem::sim {

void ProbeService::on_exec(std::uint32_t, NodeId sender, ByteOrder order, Bytes message) {
    if (node_.silent()) return;
    Reader in(message, order);
    in.skip(engine::kExecHeaderSize);
    const RingId about = wire::Codec(sender_.dialect()).read_ring_id(in);
    if (!in.ok()) {
        node_.around_.history.verdict().fail("sync content", {node_.id()}, "a probe message came cut");
        return;
    }
    node_.around_.sync.probe_heard(node_.who_, sender, node_.around_.history.key(node_.who_, about));
}

void ProbeService::sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                             const RingId& ring) {
    ring_ = ring;
    hesitated_ = false;
    if (!node_.silent()) node_.around_.sync.probe_init(node_.who_, transitional, members);
}

bool ProbeService::sync_process(Instant) {
    if (!hesitated_ && node_.around_.rng.chance(0.2)) {
        hesitated_ = true;
        return false;
    }
    std::array<std::uint8_t, 64> buffer;
    Writer out(buffer, sender_.order());
    wire::Codec(sender_.dialect()).write_ring_id(out, ring_);
    const Bytes body = Bytes(buffer).first(out.position());
    return sender_.multicast(id(), 0, {&body, 1});
}

void ProbeService::sync_activate(Instant) {
    if (!node_.silent()) node_.around_.sync.probe_activate(node_.who_, node_.around_.with_probe);
}

}  // namespace totem::sim
