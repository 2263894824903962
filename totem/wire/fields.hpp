#pragma once
// The shared structures of spec totem-wire.md section 3, the only place where the dialects' layouts
// differ below the header. Internal to totem/wire; inline because the decoders of token and mcast
// run for every packet.

#include <cstdint>

#include "totem/base/bytes.hpp"
#include "totem/wire/codec.hpp"
#include "totem/wire/types.hpp"

namespace totem::wire::fields {

inline constexpr std::uint16_t kEndianDetector = 0xFF22;  // v2, section 3.4
inline constexpr std::uint16_t kMagic = 0xC070;           // v3
inline constexpr std::uint8_t kVersion = 3;               // v3
inline constexpr std::uint8_t kAddressesPerIdentity = 2;  // v2 no_addrs, section 3.2
inline constexpr std::size_t kRingTestSize = 12;          // v2, section 4.7

inline bool is_ip(std::uint16_t family) {
    return family == NodeAddress::kIpv4 || family == NodeAddress::kIpv6;
}

inline void read_address(Reader& in, NodeAddress& out) {
    out.nodeid = in.u32();
    out.family = in.u16();
    const Bytes bytes = in.bytes(out.bytes.size());
    if (bytes.size() == out.bytes.size()) std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
}

inline void write_address(Writer& out, const NodeAddress& address) {
    out.u32(address.nodeid);
    out.u16(address.family);
    out.bytes(address.bytes);
}

// False if a family or the address count is out of range (section 12 check 12).
[[nodiscard]] inline bool read_identity(Dialect dialect, Reader& in, Identity& out) {
    if (dialect == Dialect::v3) {
        out.nodeid = in.u32();
        out.addr = {};
        return true;
    }
    const std::uint8_t count = in.u8();
    read_address(in, out.addr[0]);
    read_address(in, out.addr[1]);
    if (count < 1 || count > kAddressesPerIdentity) return false;
    if (count == 1) out.addr[1] = {};
    out.nodeid = out.addr[0].nodeid;
    return is_ip(out.addr[0].family) && (out.addr[1].family == NodeAddress::kUnused || is_ip(out.addr[1].family));
}

inline void write_identity(Dialect dialect, Writer& out, const Identity& identity) {
    if (dialect == Dialect::v3) {
        out.u32(identity.nodeid);
        return;
    }
    out.u8(kAddressesPerIdentity);
    write_address(out, identity.addr[0]);
    write_address(out, identity.addr[1]);
}

inline void read_ring_id(Dialect dialect, Reader& in, RingId& out) {
    if (dialect == Dialect::v2) {
        read_address(in, out.rep);
    } else {
        out.rep = {};
        out.rep.nodeid = in.u32();
    }
    out.seq = in.u64();
}

inline void write_ring_id(Dialect dialect, Writer& out, const RingId& ring) {
    if (dialect == Dialect::v2) {
        write_address(out, ring.rep);
    } else {
        out.u32(ring.rep.nodeid);
    }
    out.u64(ring.seq);
}

// Section 12 check 12 for a ring id; v3 has no addresses to check.
inline bool ring_id_valid(Dialect dialect, const RingId& ring) {
    return dialect == Dialect::v3 || is_ip(ring.rep.family);
}

}  // namespace totem::wire::fields
