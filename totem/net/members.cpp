#include "totem/net/members.hpp"

#include <algorithm>
#include <array>

namespace totem::net {
namespace {

bool is_loopback(const NodeAddress& address) {
    constexpr std::array<std::uint8_t, 16> kOne = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (address.family == NodeAddress::kIpv4) return address.bytes[0] == 127;
    return address.family == NodeAddress::kIpv6 && address.bytes == kOne;
}

}  // namespace

void Members::rebuild(const HostAddress& local) {
    local_ = local;
    members_.clear();
    for (const NodeAddress& address : config_.members) {
        bool self = address.same_address(local.address);
        members_.push_back({address, {address, config_.port, local.index}, self});
    }
    choose_targets();
}

void Members::set_active(std::span<const Identity> members) {
    active_.clear();
    for (const Identity& identity : members)
        active_.push_back(identity.addr[config_.ring]);
    choose_targets();
}

void Members::choose_targets() {
    everybody_.clear();
    active_targets_.clear();
    for (const Member& member : members_) {
        if (member.self) continue;
        everybody_.push_back(member.target);
        if (is_active(member.address)) active_targets_.push_back(member.target);
    }
}

bool Members::is_active(const NodeAddress& address) const {
    if (config_.dialect == Dialect::v3) return true;
    return std::any_of(active_.begin(), active_.end(),
                       [&](const NodeAddress& active) { return active.same_address(address); });
}

const NodeAddress* Members::at(const NodeAddress& address) const {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const Member& member) { return member.address.same_address(address); });
    return found == members_.end() ? nullptr : &found->address;
}

std::optional<Members::Target> Members::find(const Identity& identity) const {
    if (config_.dialect == Dialect::v2) {
        const NodeAddress& address = identity.addr[config_.ring];
        if (address.family != local_.address.family) return std::nullopt;
        // What upstream announces while its interface is gone (totem-rrp.md section 3.3); here it would be ourselves.
        if (is_loopback(address) && !is_loopback(local_.address)) return std::nullopt;
        return Target{address.same_address(local_.address), {address, config_.port, local_.index}};
    }
    if (identity.nodeid == config_.local_nodeid) return Target{true, {}};
    for (const Member& member : members_) {
        if (member.address.nodeid == identity.nodeid) return Target{false, member.target};
    }
    return std::nullopt;
}

}  // namespace totem::net
