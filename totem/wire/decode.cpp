// Decoding. Each decoder follows the order of section 12: header, type, length of the fixed part,
// counts, length of the lists, addresses. Lengths are settled before the first list entry is read,
// so that a Reader never fails halfway through a packet.

#include <algorithm>
#include <array>
#include <compare>

#include "totem/wire/codec.hpp"
#include "totem/wire/fields.hpp"

namespace totem::wire {

namespace {

// Check 7 to 10. The reader of the body starts behind the header.
Drop read_header(Dialect dialect, Bytes packet, Header& out) {
    if (packet.size() < layout(dialect).header) return Drop::too_short_header;
    Reader native(packet, kNativeOrder);
    const bool v2 = dialect == Dialect::v2;
    if (v2) native.skip(2);
    const std::uint16_t mark = native.u16();
    if (v2) {
        // Any other value counts as the opposite order (section 6).
        out.order = mark == fields::kEndianDetector ? kNativeOrder : opposite(kNativeOrder);
    } else if (mark == fields::kMagic) {
        out.order = kNativeOrder;
    } else if (mark == byteswap(fields::kMagic)) {
        out.order = opposite(kNativeOrder);
    } else {
        return Drop::bad_magic;
    }

    Reader in(packet, out.order);
    if (!v2) {
        in.skip(2);
        if (in.u8() != fields::kVersion) return Drop::unsupported_version;
    }
    const std::uint8_t type = in.u8();
    const auto last = v2 ? PacketType::ring_test_activate : PacketType::hold_cancel;
    if (type > static_cast<std::uint8_t>(last)) return Drop::wrong_type;
    out.type = static_cast<PacketType>(type);
    out.encapsulated = in.u8();
    if (v2) in.skip(2);
    // A ring test has no sender: its next field is the ring number (section 4.7).
    out.nodeid = out.type <= PacketType::hold_cancel ? in.u32() : 0;
    out.target_nodeid = v2 ? 0 : in.u32();
    return Drop::none;
}

Drop read_header_of(Dialect dialect, Bytes packet, PacketType type, std::size_t fixed, Header& out) {
    if (const Drop drop = read_header(dialect, packet, out); drop != Drop::none) return drop;
    if (out.type != type) return Drop::wrong_type;
    return packet.size() < fixed ? Drop::too_short : Drop::none;
}

Reader body(Dialect dialect, Bytes packet, const Header& header) {
    Reader in(packet, header.order);
    in.skip(layout(dialect).header);
    return in;
}

// A node list in ascending order, sorted by reference so that the list itself keeps its order.
class SortedNodes {
public:
    explicit SortedNodes(const std::vector<Identity>& nodes) : size_(nodes.size()) {
        for (std::size_t i = 0; i < size_; ++i)
            nodes_[i] = &nodes[i];
        std::sort(begin(), end(), [](const Identity* a, const Identity* b) { return *a < *b; });
    }
    bool has_duplicate() const {
        return std::adjacent_find(begin(), end(), [](const Identity* a, const Identity* b) { return *a == *b; }) !=
               end();
    }
    // Number of different nodes in this and another list; neither has duplicates.
    std::size_t union_size(const SortedNodes& other) const {
        std::size_t common = 0;
        for (std::size_t i = 0, j = 0; i < size_ && j < other.size_;) {
            const auto order = *nodes_[i] <=> *other.nodes_[j];
            common += order == 0;
            i += order <= 0;
            j += order >= 0;
        }
        return size_ + other.size_ - common;
    }

private:
    using Nodes = std::array<const Identity*, kMaxNodes>;
    Nodes::iterator begin() { return nodes_.begin(); }
    Nodes::iterator end() { return nodes_.begin() + static_cast<std::ptrdiff_t>(size_); }
    Nodes::const_iterator begin() const { return nodes_.begin(); }
    Nodes::const_iterator end() const { return nodes_.begin() + static_cast<std::ptrdiff_t>(size_); }

    std::size_t size_;
    Nodes nodes_;
};

// The caller has checked that the packet holds `count` identities.
Drop read_identities(Dialect dialect, Reader& in, std::size_t count, std::vector<Identity>& out) {
    out.resize(count);
    for (Identity& identity : out) {
        if (!fields::read_identity(dialect, in, identity)) return Drop::corrupted_address;
    }
    return Drop::none;
}

}  // namespace

Drop Codec::decode(Bytes packet, Header& out) const {
    return read_header(dialect_, packet, out);
}

Drop Codec::decode(Bytes packet, Token& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::token, sizes.token, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    out.seq = in.u32();
    out.token_seq = in.u32();
    out.aru = in.u32();
    out.aru_addr = in.u32();
    fields::read_ring_id(dialect_, in, out.ring);
    out.backlog = in.u32();
    out.fcc = in.u32();
    out.retrans_flg = in.i32();
    // Read unsigned, a negative count is a large one.
    out.rtr_count = in.u32();
    if (out.rtr_count > kMaxRtrEntries) return Drop::bad_rtr_count;
    if (in.remaining() < out.rtr_count * sizes.rtr_item) return Drop::too_short;
    if (!fields::ring_id_valid(dialect_, out.ring)) return Drop::corrupted_address;
    for (std::size_t i = 0; i < out.rtr_count; ++i) {
        RtrItem& item = out.rtr[i];
        fields::read_ring_id(dialect_, in, item.ring);
        item.seq = in.u32();
        if (!fields::ring_id_valid(dialect_, item.ring)) return Drop::corrupted_address;
    }
    return Drop::none;
}

Drop Codec::decode(Bytes packet, Mcast& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::mcast, sizes.mcast, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    const bool sender_valid = fields::read_identity(dialect_, in, out.system_from);
    out.seq = in.u32();
    out.this_seqno = in.i32();
    fields::read_ring_id(dialect_, in, out.ring);
    out.node_id = in.u32();
    out.guarantee = in.i32();
    out.payload = in.rest();
    return sender_valid && fields::ring_id_valid(dialect_, out.ring) ? Drop::none : Drop::corrupted_address;
}

Drop Codec::decode(Bytes packet, MergeDetect& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::merge_detect, sizes.merge_detect, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    const bool sender_valid = fields::read_identity(dialect_, in, out.system_from);
    fields::read_ring_id(dialect_, in, out.ring);
    return sender_valid && fields::ring_id_valid(dialect_, out.ring) ? Drop::none : Drop::corrupted_address;
}

Drop Codec::decode(Bytes packet, Join& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::join, sizes.join, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    const bool sender_valid = fields::read_identity(dialect_, in, out.system_from);
    const std::size_t proc = in.u32();
    const std::size_t failed = in.u32();
    out.ring_seq = in.u64();
    if (proc > kMaxNodes || failed > kMaxNodes) return Drop::too_many_nodes;
    if (in.remaining() < (proc + failed) * sizes.identity) return Drop::too_short;
    if (!sender_valid) return Drop::corrupted_address;
    if (const Drop drop = read_identities(dialect_, in, proc, out.proc_list); drop != Drop::none) return drop;
    if (const Drop drop = read_identities(dialect_, in, failed, out.failed_list); drop != Drop::none) return drop;

    // A failed node is usually in both lists, but never twice in one.
    const SortedNodes procs(out.proc_list);
    const SortedNodes failures(out.failed_list);
    if (procs.has_duplicate() || failures.has_duplicate()) return Drop::duplicate_node;
    return procs.union_size(failures) > kMaxNodes ? Drop::too_many_nodes : Drop::none;
}

Drop Codec::decode(Bytes packet, CommitToken& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::commit_token, sizes.commit_token, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    out.token_seq = in.u32();
    fields::read_ring_id(dialect_, in, out.ring);
    out.retrans_flg = in.u32();
    out.memb_index = in.i32();
    // Read unsigned, a negative count is a large one.
    const std::size_t members = in.u32();
    if (members > kMaxNodes) return Drop::too_many_nodes;
    if (in.remaining() < members * (sizes.identity + sizes.commit_entry)) return Drop::too_short;
    if (out.memb_index < 0 || static_cast<std::size_t>(out.memb_index) > members) return Drop::bad_index;
    if (!fields::ring_id_valid(dialect_, out.ring)) return Drop::corrupted_address;
    if (const Drop drop = read_identities(dialect_, in, members, out.members); drop != Drop::none) return drop;
    if (SortedNodes(out.members).has_duplicate()) return Drop::duplicate_node;

    out.entries.resize(members);
    for (CommitEntry& entry : out.entries) {
        fields::read_ring_id(dialect_, in, entry.ring);
        entry.aru = in.u32();
        entry.high_delivered = in.u32();
        entry.received_flg = in.u32();
        const bool filled =
            dialect_ == Dialect::v2 ? entry.ring.rep.family != NodeAddress::kUnused : entry.ring.rep.nodeid != 0;
        // What upstream leaves behind in an entry nobody filled is garbage (section 6).
        if (!filled) {
            entry = {};
        } else if (!fields::ring_id_valid(dialect_, entry.ring)) {
            return Drop::corrupted_address;
        }
    }
    return Drop::none;
}

Drop Codec::decode(Bytes packet, HoldCancel& out) const {
    const Layout& sizes = layout(dialect_);
    if (const Drop drop = read_header_of(dialect_, packet, PacketType::hold_cancel, sizes.hold_cancel, out.header);
        drop != Drop::none) {
        return drop;
    }
    Reader in = body(dialect_, packet, out.header);
    fields::read_ring_id(dialect_, in, out.ring);
    return fields::ring_id_valid(dialect_, out.ring) ? Drop::none : Drop::corrupted_address;
}

Drop Codec::decode(Bytes packet, RingTest& out) const {
    if (const Drop drop = read_header(dialect_, packet, out.header); drop != Drop::none) return drop;
    if (out.header.type < PacketType::ring_test_active) return Drop::wrong_type;
    // Type, encapsulated and endian detector as in a header, then the two fields (section 4.7).
    if (packet.size() < fields::kRingTestSize) return Drop::too_short;
    Reader in(packet, out.header.order);
    in.skip(4);
    out.ring_number = in.i32();
    out.activator = in.u32();
    return Drop::none;
}

}  // namespace totem::wire
