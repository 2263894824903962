#include "tools/omping/qualify/igmp.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tools::omping::qualify {
namespace {

using totem::ByteOrder;
using totem::Bytes;
using totem::Reader;

constexpr std::uint8_t kProtocolIgmp = 2, kIgmpQuery = 0x11;
constexpr std::uint8_t kHopByHop = 0, kProtocolIcmp6 = 58, kMldQuery = 130;

std::optional<MembershipQuery> parse_igmp(Bytes packet) {
    const std::size_t header = (packet[0] & 0x0fu) * 4;
    if (header < 20 || packet.size() < header + 8) return std::nullopt;
    Reader in(packet, ByteOrder::big);
    in.skip(2);
    const std::size_t total = in.u16();
    in.skip(5);
    const std::uint8_t protocol = in.u8();
    in.skip(2);
    const Address from = address_from(in.bytes(4));
    if (protocol != kProtocolIgmp || total < header + 8) return std::nullopt;
    Reader igmp(packet.subspan(header), ByteOrder::big);
    if (igmp.u8() != kIgmpQuery) return std::nullopt;
    const bool has_time = igmp.u8() != 0;
    igmp.skip(2);
    const Address group = address_from(igmp.bytes(4));
    MembershipQuery out{from, total - header >= 12 ? 3 : has_time ? 2 : 1, {}};
    if (!group.is_unspecified()) out.group = group;
    return out;
}

std::optional<MembershipQuery> parse_mld(Bytes packet) {
    Reader in(packet, ByteOrder::big);
    in.skip(6);
    std::uint8_t next = in.u8();
    in.skip(1);
    const Address from = address_from(in.bytes(16));
    in.skip(16);
    // Queries carry a router alert.
    if (next != kHopByHop) return std::nullopt;
    next = in.u8();
    in.skip(in.u8() * 8u + 6);
    if (next != kProtocolIcmp6 || in.u8() != kMldQuery) return std::nullopt;
    in.skip(7);
    const Bytes group = in.bytes(16);
    if (!in.ok()) return std::nullopt;
    MembershipQuery out{from, in.remaining() >= 4 ? 2 : 1, {}};
    if (const Address asked = address_from(group); !asked.is_unspecified()) out.group = asked;
    return out;
}

bool reads_as_one(const std::filesystem::path& file) {
    std::ifstream in(file);
    int value = 0;
    return in >> value && value != 0;
}

}  // namespace

std::optional<MembershipQuery> parse_membership_query(Bytes packet) {
    if (packet.size() < 20) return std::nullopt;
    if (packet[0] >> 4 == 4) return parse_igmp(packet);
    if (packet[0] >> 4 == 6) return parse_mld(packet);
    return std::nullopt;
}

void note_query(IgmpResult& result, const MembershipQuery& query, double seconds) {
    auto found = std::ranges::find_if(result.queriers,
                                      [&](const Querier& each) { return same_host(each.address, query.querier); });
    if (found == result.queriers.end()) {
        result.queriers.push_back({query.querier, query.version, seconds, {}, 0});
        found = result.queriers.end() - 1;
    }
    if (query.group) {
        ++found->specific;
    } else {
        found->general_s.push_back(seconds);
    }
}

const Bridge* IgmpResult::snooping_bridge() const {
    const auto found =
        std::ranges::find_if(bridges, [](const Bridge& each) { return each.ours && each.snooping && !each.querier; });
    return found == bridges.end() ? nullptr : &*found;
}

bool IgmpResult::snooping() const {
    return flooding == Flooding::pruned || snooping_bridge() != nullptr;
}

std::vector<Bridge> find_bridges(const std::string& interface, const std::string& root) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const fs::path net = fs::path(root) / "class/net";
    const fs::path master = fs::read_symlink(net / interface / "master", ignored).filename();
    std::vector<Bridge> out;
    for (const auto& each : fs::directory_iterator(net, ignored)) {
        const fs::path bridge = each.path() / "bridge";
        if (!fs::exists(bridge, ignored)) continue;
        const std::string name = each.path().filename();
        out.push_back({name, reads_as_one(bridge / "multicast_snooping"), reads_as_one(bridge / "multicast_querier"),
                       name == interface || name == master.string()});
    }
    std::ranges::sort(out, {}, &Bridge::name);
    return out;
}

}  // namespace tools::omping::qualify
