#include "engine/services/cmap/cmap_message.hpp"

#include <algorithm>
#include <string_view>

namespace engine::cmap {
namespace {

constexpr std::string_view kKey = "totem.config_version";
constexpr std::size_t kHeader = 16, kItemsAt = 48, kNameBytes = 256, kItemHead = 280;
constexpr std::size_t kMaxItems = 32;
enum ValueType : std::uint8_t { kAbsent = 0, kUint64 = 8 };

// One item; false if it is cut off.
bool read_item(totem::Reader& in, std::uint64_t& version) {
    const std::size_t length = in.u16();
    in.skip(6);
    const totem::Bytes name = in.bytes(kNameBytes);
    const std::uint8_t type = in.u8();
    in.align(8);
    const std::uint64_t size = in.u64();
    if (!in.ok() || length > kNameBytes || size > in.remaining()) return false;
    const totem::Bytes value = in.bytes(static_cast<std::size_t>(size));
    // The last item may come without its padding.
    in.skip(std::min(in.remaining(), (8 - in.position() % 8) % 8));
    const std::string_view key(reinterpret_cast<const char*>(name.data()), length);
    if (key == kKey && type == kUint64) {
        if (value.size() != 8) return false;
        version = totem::Reader(value, in.order()).u64();
    }
    return true;
}

}  // namespace

std::vector<std::uint8_t> encode_version(VersionReason reason, std::optional<std::uint64_t> version,
                                         totem::ByteOrder order) {
    std::vector<std::uint8_t> body(kItemsAt + kItemHead + (version ? 8 : 0) - kHeader);
    totem::Writer out(body, order);
    out.u8(static_cast<std::uint8_t>(reason));
    out.align(8);
    out.u8(1);
    out.align(8);
    out.zeros(kItemsAt - kHeader - out.position());
    out.u16(static_cast<std::uint16_t>(kKey.size()));
    out.align(8);
    out.bytes({reinterpret_cast<const std::uint8_t*>(kKey.data()), kKey.size()});
    out.zeros(kNameBytes - kKey.size());
    out.u8(version ? kUint64 : kAbsent);
    out.align(8);
    out.u64(version ? 8 : 0);
    if (version) out.u64(*version);
    return body;
}

bool decode_version(totem::Bytes message, totem::ByteOrder order, VersionMessage& out) {
    totem::Reader in(message, order);
    in.skip(kHeader);
    out.reason = in.u8();
    in.align(8);
    const std::size_t items = in.u8();
    in.align(8);
    in.skip(kItemsAt - in.position());
    if (!in.ok() || items > kMaxItems) return false;
    out.version = 0;
    for (std::size_t i = 0; i < items; ++i) {
        if (!read_item(in, out.version)) return false;
    }
    return true;
}

}  // namespace engine::cmap
