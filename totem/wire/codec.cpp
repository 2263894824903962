// What encoding and decoding share: sizes, limits, the texts of refusals.

#include "totem/wire/codec.hpp"

#include "totem/wire/fields.hpp"

namespace totem::wire {

namespace {

// Every fixed part is made of the three structures whose size depends on the dialect, and of plain
// integers (section 4).
constexpr Layout make_layout(std::size_t header, std::size_t identity, std::size_t ring_id) {
    return {
        .header = header,
        .identity = identity,
        .ring_id = ring_id,
        .mcast = header + identity + ring_id + 16,
        .token = header + ring_id + 32,
        .merge_detect = header + identity + ring_id,
        .join = header + identity + 16,
        .commit_token = header + ring_id + 16,
        .hold_cancel = header + ring_id,
        .rtr_item = ring_id + 4,
        .commit_entry = ring_id + 12,
    };
}

constexpr Layout kV2 = make_layout(8, 45, 30);
constexpr Layout kV3 = make_layout(13, 4, 12);
static_assert(kV2.mcast == 99 && kV2.token == 70 && kV2.join == 69 && kV2.commit_token == 54);
static_assert(kV3.mcast == 45 && kV3.token == 57 && kV3.join == 33 && kV3.commit_token == 41);

}  // namespace

std::string_view describe(Drop reason) {
    switch (reason) {
        case Drop::none:
            return "";
        case Drop::too_short_header:
            return "shorter than a header";
        case Drop::bad_magic:
            return "bad magic number";
        case Drop::unsupported_version:
            return "unsupported version";
        case Drop::wrong_type:
            return "wrong type";
        case Drop::too_short:
            return "too short";
        case Drop::corrupted_address:
            return "corrupted address";
        case Drop::too_many_nodes:
            return "too many nodes";
        case Drop::duplicate_node:
            return "node named twice";
        case Drop::bad_rtr_count:
            return "retransmission list count out of range";
        case Drop::bad_index:
            return "member index out of range";
    }
    return "unknown";
}

const Layout& layout(Dialect dialect) {
    return dialect == Dialect::v2 ? kV2 : kV3;
}

std::size_t max_datagram(Dialect dialect) {
    return dialect == Dialect::v2 ? 10000 : 136192;
}

RingId Codec::read_ring_id(Reader& in) const {
    RingId ring;
    fields::read_ring_id(dialect_, in, ring);
    return ring;
}

void Codec::write_ring_id(Writer& out, const RingId& ring) const {
    fields::write_ring_id(dialect_, out, ring);
}

}  // namespace totem::wire
