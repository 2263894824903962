#include "totem/stack/companions.hpp"

#include <algorithm>

namespace totem {
namespace {

constexpr std::uint32_t kMagic = 0x746f746d;  // "totm"
constexpr std::uint32_t kVersion = 1;         // later ones only add fields behind these
constexpr std::uint32_t kHoldAtSender = 1;    // abilities, a bit each

}  // namespace

std::array<std::uint8_t, Companions::kAnnouncementSize> Companions::announcement() const {
    std::array<std::uint8_t, kAnnouncementSize> out{};
    Writer writer(out, order_);
    writer.u32(kMagic);
    writer.u32(kVersion);
    writer.u32(ours_.headroom);
    writer.u32(ours_.hold_at_sender ? kHoldAtSender : 0);
    return out;
}

void Companions::configuration(std::span<const Identity> members) {
    waiting_.clear();
    for (const Identity& member : members)
        if (member.nodeid != self_) waiting_.push_back(member.nodeid);
    common_ = ours_;
}

void Companions::heard(NodeId sender, ByteOrder order, Bytes payload) {
    Reader reader(payload, order);
    const std::uint32_t magic = reader.u32(), version = reader.u32(), holds = reader.u32();
    const std::uint32_t abilities = reader.u32();
    if (!reader.ok() || magic != kMagic || version < kVersion) return;
    if (std::erase(waiting_, sender) == 0) return;
    common_.headroom = std::min(common_.headroom, holds);
    common_.hold_at_sender = common_.hold_at_sender && (abilities & kHoldAtSender) != 0;
}

}  // namespace totem
