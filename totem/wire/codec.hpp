#pragma once
// Encoding and decoding of Totem packets: one interface, two dialects, two byte orders.
// Spec totem-wire.md sections 3, 4, 6, 7, 12. A value without state beyond the dialect.
//
// A packet here is the Totem message itself: in the 2.x dialect the part after the protection
// prefix (totem/crypto), in the 3.x dialect the whole UDP payload.
//
// Decoders accept what section 12 accepts, close the holes it lists and say why a packet was
// refused. After a refusal the output value is unspecified. Nothing is allocated for token, mcast,
// merge detect, hold cancel and ring test packets.

#include <cstdint>
#include <string_view>

#include "totem/base/bytes.hpp"
#include "totem/wire/types.hpp"

namespace totem::wire {

enum class Drop : std::uint8_t {
    none,  // accepted
    too_short_header,
    bad_magic,            // v3
    unsupported_version,  // v3
    wrong_type,
    too_short,          // shorter than the fixed part, or than the lists it announces
    corrupted_address,  // v2: family or address count out of range
    too_many_nodes,     // more than kMaxNodes in a list
    duplicate_node,     // a node named twice in one list
    bad_rtr_count,      // outside 0..kMaxRtrEntries
    bad_index,          // commit token: memb_index outside 0..N
};
std::string_view describe(Drop reason);  // "", "too short", ... for counters and logs

// Sizes on the wire, in bytes (sections 3 and 4).
struct Layout {
    std::size_t header, identity, ring_id;
    std::size_t mcast, token, merge_detect, join, commit_token, hold_cancel;  // fixed parts
    std::size_t rtr_item, commit_entry;
};
const Layout& layout(Dialect dialect);

// Largest datagram the dialect's peers accept, protection included (section 7).
std::size_t max_datagram(Dialect dialect);

class Codec {
public:
    constexpr explicit Codec(Dialect dialect) : dialect_(dialect) {}
    Dialect dialect() const { return dialect_; }

    // Section 12 checks 7 to 10. Ring test types are accepted in v2 only.
    [[nodiscard]] Drop decode(Bytes packet, Header& out) const;

    // Each re-checks the header, and refuses a packet of another type with Drop::wrong_type.
    [[nodiscard]] Drop decode(Bytes packet, Token& out) const;
    [[nodiscard]] Drop decode(Bytes packet, Mcast& out) const;  // out.payload points into `packet`
    [[nodiscard]] Drop decode(Bytes packet, MergeDetect& out) const;
    [[nodiscard]] Drop decode(Bytes packet, Join& out) const;
    [[nodiscard]] Drop decode(Bytes packet, CommitToken& out) const;
    [[nodiscard]] Drop decode(Bytes packet, HoldCancel& out) const;
    [[nodiscard]] Drop decode(Bytes packet, RingTest& out) const;

    // Encode in the byte order header.order; returns the bytes written, 0 if `out` is too small.
    // Uninitialised-upstream fields (section 5) are written as the value holds them.
    std::size_t encode(const Token& packet, MutableBytes out) const;
    std::size_t encode(const Mcast& packet, MutableBytes out) const;  // copies the payload
    std::size_t encode(const MergeDetect& packet, MutableBytes out) const;
    std::size_t encode(const Join& packet, MutableBytes out) const;
    std::size_t encode(const CommitToken& packet, MutableBytes out) const;
    std::size_t encode(const HoldCancel& packet, MutableBytes out) const;
    std::size_t encode(const RingTest& packet, MutableBytes out) const;

    // Writes only the fixed part of an mcast (layout().mcast bytes); the caller put the payload
    // behind it already. For the send path, which builds frames in place.
    std::size_t encode_fixed(const Mcast& packet, MutableBytes out) const;

    // Ring ids as services embed them in their messages (totempg-sync-services.md section 1).
    RingId read_ring_id(Reader& in) const;
    void write_ring_id(Writer& out, const RingId& ring) const;

private:
    Dialect dialect_;
};

}  // namespace totem::wire
