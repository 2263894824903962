#pragma once
// Which rings are all ours.
//
// After each regular configuration of more than one member a node says, in a message of process groups to a group of
// our own, what it is able to. corosync has no such group and drops the message without a word. As messages are
// ordered, all members know at the same place in the order when everybody has spoken; until then, and wherever somebody
// stays silent, the ring is run as corosync expects it.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "totem/base/bytes.hpp"
#include "totem/srp/pace.hpp"
#include "totem/wire/types.hpp"

namespace totem {

class Companions {
public:
    // No name that upstream uses (totempg-sync-services.md section 5).
    static constexpr std::string_view kGroup = "totemd";
    static constexpr std::size_t kAnnouncementSize = 16;

    // `holds`: messages of the largest size that our sockets hold while we are busy elsewhere; 0: nothing is announced.
    Companions(NodeId self, ByteOrder order, std::uint32_t holds, bool hold_at_sender)
        : self_(self), order_(order), ours_{holds, hold_at_sender} {}

    bool announces() const { return ours_.headroom > 0; }
    std::array<std::uint8_t, kAnnouncementSize> announcement() const;

    // A regular configuration: nothing is known of its members.
    void configuration(std::span<const Identity> members);
    // An announcement, ours included; what is not understood is no announcement.
    void heard(NodeId sender, ByteOrder order, Bytes payload);

    // All members have announced themselves.
    bool complete() const { return announces() && waiting_.empty(); }
    // What all members can do; nothing unless complete().
    srp::Companionship common() const { return complete() ? common_ : srp::Companionship{}; }

private:
    const NodeId self_;
    const ByteOrder order_;
    const srp::Companionship ours_;
    std::vector<NodeId> waiting_;
    srp::Companionship common_;
};

}  // namespace totem
