#include "tests/support/any_packet.hpp"

#include <algorithm>
#include <tuple>

namespace totem::test {

using namespace wire;

namespace {

template <typename Packet>
Drop decode_as(const Codec& codec, Bytes packet, AnyPacket& out) {
    return codec.decode(packet, out.emplace<Packet>());
}

// Identity's own equality leaves out what protocol decisions must not look at; tests look at all.
bool same(const Identity& a, const Identity& b) {
    return a.nodeid == b.nodeid && a.addr == b.addr;
}

bool same(const std::vector<Identity>& a, const std::vector<Identity>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Identity& x, const Identity& y) { return same(x, y); });
}

bool same(const Header& a, const Header& b) {
    return std::tie(a.type, a.encapsulated, a.nodeid, a.target_nodeid) ==
           std::tie(b.type, b.encapsulated, b.nodeid, b.target_nodeid);
}

bool same(const Token& a, const Token& b) {
    return same(a.header, b.header) && a.ring == b.ring &&
           std::tie(a.seq, a.token_seq, a.aru, a.aru_addr, a.backlog, a.fcc, a.retrans_flg, a.rtr_count) ==
               std::tie(b.seq, b.token_seq, b.aru, b.aru_addr, b.backlog, b.fcc, b.retrans_flg, b.rtr_count) &&
           std::equal(a.rtr.begin(), a.rtr.begin() + a.rtr_count, b.rtr.begin());
}

bool same(const Mcast& a, const Mcast& b) {
    return same(a.header, b.header) && same(a.system_from, b.system_from) && a.ring == b.ring &&
           std::tie(a.seq, a.this_seqno, a.node_id, a.guarantee) ==
               std::tie(b.seq, b.this_seqno, b.node_id, b.guarantee) &&
           std::equal(a.payload.begin(), a.payload.end(), b.payload.begin(), b.payload.end());
}

bool same(const MergeDetect& a, const MergeDetect& b) {
    return same(a.header, b.header) && same(a.system_from, b.system_from) && a.ring == b.ring;
}

bool same(const Join& a, const Join& b) {
    return same(a.header, b.header) && same(a.system_from, b.system_from) && a.ring_seq == b.ring_seq &&
           same(a.proc_list, b.proc_list) && same(a.failed_list, b.failed_list);
}

bool same(const CommitToken& a, const CommitToken& b) {
    return same(a.header, b.header) && a.ring == b.ring &&
           std::tie(a.token_seq, a.retrans_flg, a.memb_index) == std::tie(b.token_seq, b.retrans_flg, b.memb_index) &&
           same(a.members, b.members) && a.entries == b.entries;
}

bool same(const HoldCancel& a, const HoldCancel& b) {
    return same(a.header, b.header) && a.ring == b.ring;
}

bool same(const RingTest& a, const RingTest& b) {
    return same(a.header, b.header) && a.ring_number == b.ring_number && a.activator == b.activator;
}

}  // namespace

Drop decode_any(const Codec& codec, Bytes packet, AnyPacket& out) {
    Header header;
    if (const Drop drop = codec.decode(packet, header); drop != Drop::none) return drop;
    switch (header.type) {
        case PacketType::token:
            return decode_as<Token>(codec, packet, out);
        case PacketType::mcast:
            return decode_as<Mcast>(codec, packet, out);
        case PacketType::merge_detect:
            return decode_as<MergeDetect>(codec, packet, out);
        case PacketType::join:
            return decode_as<Join>(codec, packet, out);
        case PacketType::commit_token:
            return decode_as<CommitToken>(codec, packet, out);
        case PacketType::hold_cancel:
            return decode_as<HoldCancel>(codec, packet, out);
        case PacketType::ring_test_active:
        case PacketType::ring_test_activate:
            return decode_as<RingTest>(codec, packet, out);
    }
    return Drop::wrong_type;
}

std::vector<std::uint8_t> encode_any(const Codec& codec, const AnyPacket& packet) {
    // Most packets are small; the last size has room for the largest join and any datagram's payload.
    for (const std::size_t room : {std::size_t{2048}, std::size_t{256 * 1024}}) {
        std::vector<std::uint8_t> out(room);
        out.resize(std::visit([&](const auto& value) { return codec.encode(value, out); }, packet));
        if (!out.empty()) return out;
    }
    return {};
}

Header& header_of(AnyPacket& packet) {
    return std::visit([](auto& value) -> Header& { return value.header; }, packet);
}

const Header& header_of(const AnyPacket& packet) {
    return std::visit([](const auto& value) -> const Header& { return value.header; }, packet);
}

bool same_values(const AnyPacket& a, const AnyPacket& b) {
    if (a.index() != b.index()) return false;
    return std::visit([&](const auto& value) { return same(value, std::get<std::remove_cvref_t<decltype(value)>>(b)); },
                      a);
}

}  // namespace totem::test
