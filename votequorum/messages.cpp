#include "votequorum/messages.hpp"

#include <algorithm>

namespace vote {
namespace {

using totem::ByteOrder;
using totem::Bytes;
using totem::Reader;
using totem::Writer;

constexpr std::size_t kNameBytes = kMaxDeviceName + 1;
// Bodies with their tail padding, in the order of the functions.
constexpr std::size_t kBodySize[] = {16, 16, 264, 512};

void write_name(Writer& out, const std::string& name) {
    const std::size_t length = std::min(name.size(), kMaxDeviceName);
    out.bytes({reinterpret_cast<const std::uint8_t*>(name.data()), length});
    out.zeros(kNameBytes - length);
}

bool read_name(Reader& in, std::string& name) {
    const Bytes text = in.bytes(kNameBytes);
    const auto end = std::find(text.begin(), text.end(), 0);
    if (end == text.end()) return false;
    name.assign(text.begin(), end);
    return true;
}

void write(Writer& out, const NodeInfo& message) {
    out.u32(message.node);
    out.u32(message.votes);
    out.u32(message.expected_votes);
    out.u32(message.flags);
}

void write(Writer& out, const Reconfigure& message) {
    out.u32(message.node);
    out.u32(message.value);
    out.u8(message.param);
}

void write(Writer& out, const DeviceOperation& message) {
    out.u32(message.operation);
    write_name(out, message.name);
}

void write(Writer& out, const DeviceRename& message) {
    write_name(out, message.old_name);
    write_name(out, message.new_name);
}

bool read(Reader& in, NodeInfo& out) {
    out.node = in.u32();
    out.votes = in.u32();
    out.expected_votes = in.u32();
    out.flags = in.u32();
    return in.ok();
}

bool read(Reader& in, Reconfigure& out) {
    out.node = in.u32();
    out.value = in.u32();
    out.param = in.u8();
    return in.ok();
}

bool read(Reader& in, DeviceOperation& out) {
    out.operation = in.u32();
    return in.ok() && read_name(in, out.name);
}

bool read(Reader& in, DeviceRename& out) {
    return read_name(in, out.old_name) && read_name(in, out.new_name);
}

}  // namespace

std::vector<std::uint8_t> encode(const Message& message, ByteOrder order) {
    std::vector<std::uint8_t> out(kBodySize[message.index()]);
    Writer writer(out, order);
    std::visit([&](const auto& body) { write(writer, body); }, message);
    return out;
}

bool decode(std::uint32_t function, Bytes body, ByteOrder order, Message& out) {
    switch (function) {
        case kNodeInfo:
            out.emplace<NodeInfo>();
            break;
        case kReconfigure:
            out.emplace<Reconfigure>();
            break;
        case kDevice:
            out.emplace<DeviceOperation>();
            break;
        case kDeviceRename:
            out.emplace<DeviceRename>();
            break;
        default:
            return false;
    }
    Reader in(body, order);
    return std::visit([&](auto& message) { return read(in, message); }, out);
}

}  // namespace vote
