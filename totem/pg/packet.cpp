#include "totem/pg/packet.hpp"

namespace totem::pg {

std::size_t Packet::length(std::size_t piece) const {
    return Reader(table.subspan(piece * kLengthEntry, kLengthEntry), order).u16();
}

PacketError decode(Bytes bytes, ByteOrder order, Packet& out) {
    Reader in(bytes, order);
    in.skip(4);  // version and type carry garbage in 2.x packets (Q1)
    out.fragmented = in.u8();
    out.continuation = in.u8();
    out.count = in.u16();
    out.order = order;
    if (!in.ok()) return PacketError::too_short;
    out.table = in.bytes(out.count * kLengthEntry);
    if (!in.ok() || out.count == 0) return PacketError::table_too_short;
    out.data = in.rest();
    std::size_t total = 0;
    for (std::size_t i = 0; i < out.count; ++i)
        total += out.length(i);
    return total == out.data.size() ? PacketError::none : PacketError::length_mismatch;
}

}  // namespace totem::pg
