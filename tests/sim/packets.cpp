#include "tests/sim/packets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "totem/wire/codec.hpp"

namespace totem::sim {
namespace {

using wire::PacketType;

std::vector<NodeId> ids(const std::vector<Identity>& list) {
    std::vector<NodeId> out;
    for (const Identity& identity : list)
        out.push_back(identity.nodeid);
    return out;
}

// A node of a cluster we do not belong to.
Identity stranger(Dialect dialect, Rng& rng) {
    const auto id = static_cast<NodeId>(900000 + rng.below(3));
    if (dialect == Dialect::v3) return Identity::v3(id);
    Identity identity{id, {}};
    identity.addr[0].nodeid = id;
    identity.addr[0].family = NodeAddress::kIpv4;
    identity.addr[0].bytes = {10, 99, 0, static_cast<std::uint8_t>(id % 256)};
    return identity;
}

RingId ring_of(Dialect dialect, const Identity& rep, Rng& rng) {
    RingId ring;
    ring.rep = dialect == Dialect::v2 ? rep.addr[0] : NodeAddress{rep.nodeid, NodeAddress::kUnused, {}};
    ring.seq = 1 + 4 * rng.below(50);
    return ring;
}

// What the other side says while it lives its own life.
std::vector<std::uint8_t> foreign_packet(Dialect dialect, Rng& rng) {
    const wire::Codec codec(dialect);
    const Identity self = stranger(dialect, rng);
    const RingId ring = ring_of(dialect, self, rng);
    std::vector<std::uint8_t> out(4096);
    std::size_t size = 0;
    std::vector<std::uint8_t> payload(rng.below(300));
    for (auto& byte : payload)
        byte = static_cast<std::uint8_t>(rng.next());
    switch (rng.below(6)) {
        case 0: {
            wire::Join join;
            join.header.nodeid = rng.chance(0.2) ? 0 : self.nodeid;
            join.system_from = self;
            join.proc_list = {self};
            if (rng.chance(0.5)) join.failed_list = {self};
            join.ring_seq = ring.seq;
            size = codec.encode(join, out);
            break;
        }
        case 1: {
            wire::MergeDetect merge;
            merge.header.nodeid = self.nodeid;
            merge.system_from = self;
            merge.ring = ring;
            size = codec.encode(merge, out);
            break;
        }
        case 2: {
            wire::Mcast mcast;
            mcast.header.nodeid = self.nodeid;
            mcast.system_from = self;
            mcast.ring = ring;
            mcast.seq = static_cast<std::uint32_t>(rng.below(100));
            mcast.payload = payload;
            size = codec.encode(mcast, out);
            break;
        }
        case 3: {
            wire::Token token;
            token.header.nodeid = self.nodeid;
            token.ring = ring;
            token.seq = static_cast<std::uint32_t>(rng.below(100000));
            token.token_seq = static_cast<std::uint32_t>(rng.next());
            size = codec.encode(token, out);
            break;
        }
        case 4: {
            wire::HoldCancel cancel;
            cancel.header.nodeid = self.nodeid;
            cancel.ring = ring;
            size = codec.encode(cancel, out);
            break;
        }
        default: {
            wire::CommitToken commit;
            commit.header.nodeid = self.nodeid;
            commit.ring = ring;
            commit.members = {self};
            commit.entries.resize(1);
            commit.memb_index = static_cast<std::int32_t>(rng.below(2));
            size = codec.encode(commit, out);
            break;
        }
    }
    out.resize(size);
    return out;
}

// Cut where the receiver can know it: within the fixed part or the lists that packets announce. A
// shortened payload of an ordered message would be another message; UDP does not do that.
std::vector<std::uint8_t> cut_packet(Dialect dialect, const Past& past, Rng& rng) {
    std::vector<std::uint8_t> packet = past[rng.below(past.size())].bytes;
    wire::Header header;
    std::size_t whole = packet.size();
    if (wire::Codec(dialect).decode(packet, header) == wire::Drop::none && header.type == PacketType::mcast)
        whole = wire::layout(dialect).mcast;
    packet.resize(rng.below(whole));
    return packet;
}

}  // namespace

std::vector<std::uint8_t> make_junk(Junk kind, Dialect dialect, NodeIndex to, const Past& past, Rng& rng) {
    const Dialect other = dialect == Dialect::v2 ? Dialect::v3 : Dialect::v2;
    switch (kind) {
        case Junk::cut:
            if (!past.empty()) return cut_packet(dialect, past, rng);
            break;
        case Junk::old_packet:
            for (std::size_t i = 0, at = rng.below(past.size()); i < past.size(); ++i, ++at)
                if (contains(past[at % past.size()].addressees, to)) return past[at % past.size()].bytes;
            return {};
        case Junk::other_dialect:
            return foreign_packet(other, rng);
        case Junk::other_cluster:
            return foreign_packet(dialect, rng);
        case Junk::noise:
            break;
    }
    std::vector<std::uint8_t> noise(rng.below(rng.chance(0.1) ? 9000 : 300));
    for (auto& byte : noise)
        byte = static_cast<std::uint8_t>(rng.next());
    return noise;
}

std::string describe_packet(Dialect dialect, Bytes packet) {
    const wire::Codec codec(dialect);
    wire::Header header;
    if (codec.decode(packet, header) != wire::Drop::none) return fmt::format("{} bytes of nothing", packet.size());
    switch (header.type) {
        case PacketType::token: {
            wire::Token token;
            if (codec.decode(packet, token) != wire::Drop::none) break;
            return fmt::format("TOKEN {} #{} seq {} aru {:x}@{} fcc {} backlog {} retrans {} requests {}",
                               token.ring.text(dialect), token.token_seq, token.seq, token.aru, token.aru_addr,
                               token.fcc, token.backlog, token.retrans_flg, token.rtr_count);
        }
        case PacketType::mcast: {
            wire::Mcast mcast;
            if (codec.decode(packet, mcast) != wire::Drop::none) break;
            return fmt::format("MCAST {} {} of {} encapsulated {} ({} bytes)", mcast.ring.text(dialect), mcast.seq,
                               mcast.header.nodeid, mcast.header.encapsulated, packet.size());
        }
        case PacketType::merge_detect: {
            wire::MergeDetect merge;
            if (codec.decode(packet, merge) != wire::Drop::none) break;
            return fmt::format("MERGE {}", merge.ring.text(dialect));
        }
        case PacketType::join: {
            wire::Join join;
            if (codec.decode(packet, join) != wire::Drop::none) break;
            return fmt::format("{} of {} ring {:x} proc {} failed {}", join.is_leave() ? "LEAVE" : "JOIN",
                               join.system_from.nodeid, join.ring_seq, ids(join.proc_list), ids(join.failed_list));
        }
        case PacketType::commit_token: {
            wire::CommitToken commit;
            if (codec.decode(packet, commit) != wire::Drop::none) break;
            std::string entries;
            for (const auto& e : commit.entries)
                entries +=
                    fmt::format(" ({}, {}, {}, {})", e.ring.text(dialect), e.aru, e.high_delivered, e.received_flg);
            return fmt::format("COMMIT {} #{} index {} of {}:{}", commit.ring.text(dialect), commit.token_seq,
                               commit.memb_index, ids(commit.members), entries);
        }
        case PacketType::hold_cancel:
            return "HOLD CANCEL";
        default:
            break;
    }
    return fmt::format("{} bytes of type {}", packet.size(), static_cast<unsigned>(header.type));
}

}  // namespace totem::sim
