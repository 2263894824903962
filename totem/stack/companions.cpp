#include "totem/stack/companions.hpp"

#include <algorithm>

namespace totem {
namespace {

constexpr std::uint32_t kMagic = 0x746f746d;  // "totm"
constexpr std::uint32_t kVersion = 1;         // later ones only add fields behind these

}  // namespace

std::array<std::uint8_t, Companions::kAnnouncementSize> Companions::announcement() const {
    std::array<std::uint8_t, kAnnouncementSize> out{};
    Writer writer(out, order_);
    writer.u32(kMagic);
    writer.u32(kVersion);
    writer.u32(holds_);
    return out;
}

void Companions::configuration(std::span<const Identity> members) {
    waiting_.clear();
    for (const Identity& member : members)
        if (member.nodeid != self_) waiting_.push_back(member.nodeid);
    least_ = holds_;
}

void Companions::heard(NodeId sender, ByteOrder order, Bytes payload) {
    Reader reader(payload, order);
    const std::uint32_t magic = reader.u32(), version = reader.u32(), holds = reader.u32();
    if (!reader.ok() || magic != kMagic || version < kVersion) return;
    if (std::erase(waiting_, sender) == 0) return;
    least_ = std::min(least_, holds);
}

}  // namespace totem
