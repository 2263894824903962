#include "engine/services/votequorum/messages.hpp"

#include <algorithm>

namespace engine::votequorum {
namespace {

constexpr std::size_t kNameBytes = 255;

totem::Reader body(Bytes message, ByteOrder order) {
    totem::Reader in(message, order);
    in.skip(kExecHeaderSize);
    return in;
}

bool read_name(totem::Reader& in, std::string_view& out) {
    const Bytes text = in.bytes(kNameBytes);
    const auto end = std::find(text.begin(), text.end(), 0);
    if (end == text.end()) return false;
    out = {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(end - text.begin())};
    return true;
}

}  // namespace

std::array<std::uint8_t, 16> encode(const NodeInfo& message, ByteOrder order) {
    std::array<std::uint8_t, 16> out;
    totem::Writer writer(out, order);
    writer.u32(message.node);
    writer.u32(message.votes);
    writer.u32(message.expected_votes);
    writer.u32(message.flags);
    return out;
}

std::array<std::uint8_t, 16> encode(const Reconfigure& message, ByteOrder order) {
    std::array<std::uint8_t, 16> out;
    totem::Writer writer(out, order);
    writer.u32(message.node);
    writer.u32(message.value);
    writer.u8(message.param);
    writer.zeros(writer.remaining());
    return out;
}

std::array<std::uint8_t, 264> encode(const DeviceOperation& message, ByteOrder order) {
    std::array<std::uint8_t, 264> out;
    totem::Writer writer(out, order);
    const std::string_view name = message.name.substr(0, kNameBytes - 1);
    writer.u32(message.operation);
    writer.bytes({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    writer.zeros(writer.remaining());
    return out;
}

bool decode(Bytes message, ByteOrder order, NodeInfo& out) {
    totem::Reader in = body(message, order);
    out.node = in.u32();
    out.votes = in.u32();
    out.expected_votes = in.u32();
    out.flags = in.u32();
    return in.ok();
}

bool decode(Bytes message, ByteOrder order, Reconfigure& out) {
    totem::Reader in = body(message, order);
    out.node = in.u32();
    out.value = in.u32();
    out.param = in.u8();
    return in.ok();
}

bool decode(Bytes message, ByteOrder order, DeviceOperation& out) {
    totem::Reader in = body(message, order);
    out.operation = in.u32();
    return read_name(in, out.name) && in.ok();
}

bool decode(Bytes message, ByteOrder order, DeviceRename& out) {
    totem::Reader in = body(message, order);
    return read_name(in, out.old_name) && read_name(in, out.new_name) && in.ok();
}

}  // namespace engine::votequorum
