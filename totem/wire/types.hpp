#pragma once
// Values that appear in Totem packets. Layouts: the codec; meaning: spec totem-wire.md section 3-4.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "totem/base/bytes.hpp"

namespace totem {

using NodeId = std::uint32_t;  // 0 is reserved

// v2: corosync 2.4 (addresses identify nodes). v3: corosync 3.x over udp/udpu (node ids do).
enum class Dialect : std::uint8_t { v2, v3 };

inline constexpr std::size_t kMaxNodes = 384;
inline constexpr std::size_t kMaxRtrEntries = 30;
inline constexpr std::uint32_t kWindow = 16384;  // sequence numbers a sort queue spans
inline constexpr std::size_t kMaxMessage = 1048576;

// Address of a node on one ring (2.x `ip_address`, 22 bytes on the wire). All bytes are kept as
// received: ring ids compare by all of them.
struct NodeAddress {
    static constexpr std::uint16_t kUnused = 0, kIpv4 = 2, kIpv6 = 10;  // Linux AF_ values
    NodeId nodeid = 0;
    std::uint16_t family = kUnused;
    std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four

    bool operator==(const NodeAddress&) const = default;
    // Same family and same 4 or 16 significant bytes; the node id does not take part (section 3.1).
    bool same_address(const NodeAddress& other) const {
        if (family != other.family) return false;
        if (family == kIpv4) return std::memcmp(bytes.data(), other.bytes.data(), 4) == 0;
        return family != kIpv6 || bytes == other.bytes;
    }
    std::string text() const;  // "10.77.0.1", "fd00::1"
};

// Who a node is. v2: addr[0] (and addr[1] with two rings), nodeid == addr[0].nodeid. v3: nodeid only,
// both addresses unused. == and <=> follow the dialect: addresses if there are any, else node ids.
struct Identity {
    NodeId nodeid = 0;
    std::array<NodeAddress, 2> addr{};

    static Identity v3(NodeId id) { return Identity{id, {}}; }
    // Inline: node sets are searched all the time.
    bool operator==(const Identity& other) const {
        const NodeAddress& mine = addr[0];
        const NodeAddress& theirs = other.addr[0];
        if (mine.family == NodeAddress::kUnused && theirs.family == NodeAddress::kUnused) return nodeid == other.nodeid;
        return mine.same_address(theirs);
    }
    std::strong_ordering operator<=>(const Identity& other) const;
    std::string text() const;  // v2 the ring 0 address, v3 the decimal node id
};

// v2: rep is the representative's ring 0 address, verbatim. v3: only rep.nodeid is used.
struct RingId {
    NodeAddress rep;
    std::uint64_t seq = 0;

    bool operator==(const RingId&) const = default;
    bool is_zero() const { return *this == RingId{}; }
    // Log form: v2 "10.77.0.1:13", v3 "1.d" (section 3.3).
    std::string text(Dialect dialect) const;
};

namespace wire {

enum class PacketType : std::uint8_t {
    token = 0,
    mcast = 1,
    merge_detect = 2,
    join = 3,
    commit_token = 4,
    hold_cancel = 5,
    ring_test_active = 6,    // 2.x RRP
    ring_test_activate = 7,  // 2.x RRP
};

enum class Encapsulation : std::uint8_t { none = 0, recovery = 1, ordinary = 2 };

struct Header {
    PacketType type{};
    std::uint8_t encapsulated = 0;
    NodeId nodeid = 0;                // sender of the datagram; 0 in a leave
    std::uint32_t target_nodeid = 0;  // v3 only, meaningless on udp/udpu; kept so that packets re-encode
    ByteOrder order = kNativeOrder;   // byte order the packet was, or is to be, written in
};

struct RtrItem {
    RingId ring;
    std::uint32_t seq = 0;
    bool operator==(const RtrItem&) const = default;
};

struct Token {
    Header header{PacketType::token};
    std::uint32_t seq = 0, token_seq = 0, aru = 0, aru_addr = 0;
    RingId ring;
    std::uint32_t backlog = 0, fcc = 0;
    std::int32_t retrans_flg = 0;
    std::uint32_t rtr_count = 0;  // entries of rtr in use, at most kMaxRtrEntries
    std::array<RtrItem, kMaxRtrEntries> rtr;
};

// `payload` is a view into the decoded datagram.
struct Mcast {
    Header header{PacketType::mcast, 2};
    Identity system_from;
    std::uint32_t seq = 0;
    std::int32_t this_seqno = 0;
    RingId ring;
    std::uint32_t node_id = 0;   // unused on the wire, kept so that packets re-encode
    std::int32_t guarantee = 0;  // likewise
    Bytes payload;
};

struct MergeDetect {
    Header header{PacketType::merge_detect};
    Identity system_from;
    RingId ring;
};

struct Join {
    Header header{PacketType::join};
    Identity system_from;
    std::vector<Identity> proc_list, failed_list;
    std::uint64_t ring_seq = 0;
    bool is_leave() const { return header.nodeid == 0; }
};

struct CommitEntry {
    RingId ring;  // the member's previous ring
    std::uint32_t aru = 0, high_delivered = 0, received_flg = 0;
    // Not yet filled by its member: no representative.
    bool unfilled() const { return ring.rep.family == 0 && ring.rep.nodeid == 0; }
    bool operator==(const CommitEntry&) const = default;
};

struct CommitToken {
    Header header{PacketType::commit_token};
    std::uint32_t token_seq = 0;
    RingId ring;
    std::uint32_t retrans_flg = 0;
    std::int32_t memb_index = 0;
    std::vector<Identity> members;     // ring order
    std::vector<CommitEntry> entries;  // same size as members
};

struct HoldCancel {
    Header header{PacketType::hold_cancel};
    RingId ring;
};

struct RingTest {
    Header header{PacketType::ring_test_active};
    std::int32_t ring_number = 0;
    NodeId activator = 0;
};

}  // namespace wire
}  // namespace totem
