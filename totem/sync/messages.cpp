#include "totem/sync/messages.hpp"

#include <algorithm>

namespace totem::sync {
namespace {

constexpr std::size_t kHeader = 16;

void write_head(Writer& out, Dialect dialect, MessageId id, const RingId& ring) {
    out.u32(static_cast<std::uint32_t>(id));
    out.align(8);
    out.u32(static_cast<std::uint32_t>(message_size(dialect, id)));
    out.align(8);
    wire::Codec(dialect).write_ring_id(out, ring);
    out.align(8);
}

}  // namespace

std::size_t message_size(Dialect dialect, MessageId id) {
    const std::size_t head = dialect == Dialect::v2 ? 48 : 32;
    return id == MessageId::barrier ? head : head + 8 + 4 * kListEntries;
}

std::size_t encode_barrier(Dialect dialect, const RingId& ring, ByteOrder order, MutableBytes out) {
    Writer writer(out, order);
    write_head(writer, dialect, MessageId::barrier, ring);
    return writer.ok() ? writer.position() : 0;
}

std::size_t encode_service_build(Dialect dialect, const RingId& ring, std::span<const std::uint32_t> services,
                                 ByteOrder order, MutableBytes out) {
    services = services.first(std::min(services.size(), kListEntries));
    Writer writer(out, order);
    write_head(writer, dialect, MessageId::service_build, ring);
    writer.u32(static_cast<std::uint32_t>(services.size()));
    writer.align(8);
    for (std::uint32_t id : services)
        writer.u32(id);
    writer.zeros(4 * (kListEntries - services.size()));
    return writer.ok() ? writer.position() : 0;
}

bool decode_head(Dialect dialect, Bytes message, ByteOrder order, Head& out) {
    Reader in(message, order);
    const std::uint32_t id = in.u32();
    in.skip(kHeader - 4);
    out.ring = wire::Codec(dialect).read_ring_id(in);
    out.id = static_cast<MessageId>(id);
    return in.ok() && id <= static_cast<std::uint32_t>(MessageId::service_build);
}

bool decode_service_list(Dialect dialect, Bytes message, ByteOrder order, ServiceList& out) {
    Reader in(message, order);
    in.skip(message_size(dialect, MessageId::barrier));
    out.count = in.u32();
    in.align(8);
    if (!in.ok() || out.count > kListEntries) return false;
    for (std::size_t i = 0; i < out.count; ++i)
        out.ids[i] = in.u32();
    return in.ok();
}

}  // namespace totem::sync
