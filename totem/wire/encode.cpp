// Encoding. Every packet is written front to back; the writer remembers if it ran out of room.

#include "totem/wire/codec.hpp"
#include "totem/wire/fields.hpp"

namespace totem::wire {

namespace {

void write_header(Dialect dialect, Writer& out, const Header& header) {
    const auto type = static_cast<std::uint8_t>(header.type);
    if (dialect == Dialect::v2) {
        out.u8(type);
        out.u8(header.encapsulated);
        out.u16(fields::kEndianDetector);
        out.u32(header.nodeid);
        return;
    }
    out.u16(fields::kMagic);
    out.u8(fields::kVersion);
    out.u8(type);
    out.u8(header.encapsulated);
    out.u32(header.nodeid);
    out.u32(header.target_nodeid);
}

void write_identities(Dialect dialect, Writer& out, const std::vector<Identity>& identities) {
    for (const Identity& identity : identities)
        fields::write_identity(dialect, out, identity);
}

std::size_t written(const Writer& out) {
    return out.ok() ? out.position() : 0;
}

}  // namespace

std::size_t Codec::encode(const Token& packet, MutableBytes out) const {
    if (packet.rtr_count > kMaxRtrEntries) return 0;
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    writer.u32(packet.seq);
    writer.u32(packet.token_seq);
    writer.u32(packet.aru);
    writer.u32(packet.aru_addr);
    fields::write_ring_id(dialect_, writer, packet.ring);
    writer.u32(packet.backlog);
    writer.u32(packet.fcc);
    writer.i32(packet.retrans_flg);
    writer.u32(packet.rtr_count);
    for (std::size_t i = 0; i < packet.rtr_count; ++i) {
        fields::write_ring_id(dialect_, writer, packet.rtr[i].ring);
        writer.u32(packet.rtr[i].seq);
    }
    return written(writer);
}

std::size_t Codec::encode_fixed(const Mcast& packet, MutableBytes out) const {
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    fields::write_identity(dialect_, writer, packet.system_from);
    writer.u32(packet.seq);
    writer.i32(packet.this_seqno);
    fields::write_ring_id(dialect_, writer, packet.ring);
    writer.u32(packet.node_id);
    writer.i32(packet.guarantee);
    return written(writer);
}

std::size_t Codec::encode(const Mcast& packet, MutableBytes out) const {
    const std::size_t fixed = encode_fixed(packet, out);
    if (fixed == 0 || out.size() - fixed < packet.payload.size()) return 0;
    if (!packet.payload.empty()) std::memcpy(out.data() + fixed, packet.payload.data(), packet.payload.size());
    return fixed + packet.payload.size();
}

std::size_t Codec::encode(const MergeDetect& packet, MutableBytes out) const {
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    fields::write_identity(dialect_, writer, packet.system_from);
    fields::write_ring_id(dialect_, writer, packet.ring);
    return written(writer);
}

std::size_t Codec::encode(const Join& packet, MutableBytes out) const {
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    fields::write_identity(dialect_, writer, packet.system_from);
    writer.u32(static_cast<std::uint32_t>(packet.proc_list.size()));
    writer.u32(static_cast<std::uint32_t>(packet.failed_list.size()));
    writer.u64(packet.ring_seq);
    write_identities(dialect_, writer, packet.proc_list);
    write_identities(dialect_, writer, packet.failed_list);
    return written(writer);
}

std::size_t Codec::encode(const CommitToken& packet, MutableBytes out) const {
    if (packet.members.size() != packet.entries.size()) return 0;
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    writer.u32(packet.token_seq);
    fields::write_ring_id(dialect_, writer, packet.ring);
    writer.u32(packet.retrans_flg);
    writer.i32(packet.memb_index);
    writer.u32(static_cast<std::uint32_t>(packet.members.size()));
    write_identities(dialect_, writer, packet.members);
    for (const CommitEntry& entry : packet.entries) {
        fields::write_ring_id(dialect_, writer, entry.ring);
        writer.u32(entry.aru);
        writer.u32(entry.high_delivered);
        writer.u32(entry.received_flg);
    }
    return written(writer);
}

std::size_t Codec::encode(const HoldCancel& packet, MutableBytes out) const {
    Writer writer(out, packet.header.order);
    write_header(dialect_, writer, packet.header);
    fields::write_ring_id(dialect_, writer, packet.ring);
    return written(writer);
}

std::size_t Codec::encode(const RingTest& packet, MutableBytes out) const {
    if (dialect_ != Dialect::v2) return 0;
    Writer writer(out, packet.header.order);
    writer.u8(static_cast<std::uint8_t>(packet.header.type));
    writer.u8(packet.header.encapsulated);
    writer.u16(fields::kEndianDetector);
    writer.i32(packet.ring_number);
    writer.u32(packet.activator);
    return written(writer);
}

}  // namespace totem::wire
