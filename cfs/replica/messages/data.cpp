#include "cfs/replica/messages/data.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

using totem::ByteOrder;
using totem::Reader;
using totem::Writer;

constexpr std::size_t kFileHead = 20;
constexpr std::size_t kUpdateHead = 41;

bool terminated(Bytes text) {
    return !text.empty() && text.back() == 0;
}

// Up to the first NUL, as every C program reads it.
std::string text_of(Bytes text) {
    return {text.begin(), std::ranges::find(text, 0)};
}

void write_text(Writer& out, const std::string& text) {
    out.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    out.u8(0);
}

std::uint32_t length_of(const std::string& text) {
    return static_cast<std::uint32_t>(text.size() + 1);
}

}  // namespace

Decoded<FileMessage> decode_file(Bytes payload) {
    using Out = Decoded<FileMessage>;
    if (payload.size() < kFileHead)
        return Out::refused(fmt::format("received short fuse message ({} < {})", payload.size(), kFileHead));
    Reader in(payload, ByteOrder::little);
    FileMessage message;
    const std::uint64_t size = in.u32();
    message.offset = in.u32();
    const std::uint64_t path_length = in.u32();
    const std::uint64_t to_length = in.u32();
    message.flags = in.u32();
    // A message without a path is a fault inside upstream and never sent.
    if (in.remaining() != size + path_length + to_length || path_length == 0)
        return Out::refused("received mailformed fuse message");
    const Bytes path = in.bytes(path_length);
    if (!terminated(path)) return Out::refused("received mailformed fuse message - 'path' not terminated");
    message.path = text_of(path);
    if (to_length != 0) {
        const Bytes to = in.bytes(to_length);
        if (!terminated(to)) return Out::refused("received mailformed fuse message - 'to' not terminated");
        message.to = text_of(to);
    }
    message.data = in.rest();
    return message;
}

Decoded<UnlockMessage> decode_unlock(Bytes payload) {
    using Out = Decoded<UnlockMessage>;
    UnlockMessage message;
    const std::size_t least = message.checksum.size() + 1;
    if (payload.size() < least)
        return Out::refused(fmt::format("received short unlock message ({} < {})", payload.size(), least));
    if (!terminated(payload)) return Out::refused("received mailformed unlock message - 'path' not terminated");
    std::ranges::copy(payload.first(message.checksum.size()), message.checksum.begin());
    message.path = text_of(payload.subspan(message.checksum.size()));
    return message;
}

Decoded<UpdateMessage> decode_update(Bytes payload) {
    using Out = Decoded<UpdateMessage>;
    if (payload.size() < kUpdateHead) return Out::refused("received short message (msg_len < 40)");
    Reader in(payload, ByteOrder::little);
    UpdateMessage message;
    message.parent = in.u64();
    message.inode = in.u64();
    message.version = in.u64();
    message.writer = in.u32();
    message.mtime = in.u32();
    const std::uint64_t size = in.u32();
    const std::uint64_t name_length = in.u32();
    message.type = in.u8();
    if (message.type != UpdateMessage::kDirectory && message.type != UpdateMessage::kFile)
        return Out::refused(fmt::format("received mailformed message (unknown inode type {})", message.type));
    if (in.remaining() != name_length + size)
        return Out::refused("received mailformed message (msg_len != (size + namelen))");
    const Bytes name = in.bytes(name_length);
    if (!terminated(name)) return Out::refused("received mailformed message (name[namelen-1] != 0)");
    message.name = text_of(name);
    message.data = in.rest();
    return message;
}

Buffer encode(const FileMessage& message) {
    const std::uint32_t path_length = length_of(message.path);
    const std::uint32_t to_length = message.to ? length_of(*message.to) : 0;
    Buffer bytes(kFileHead + path_length + to_length + message.data.size());
    Writer out(bytes, ByteOrder::little);
    out.u32(static_cast<std::uint32_t>(message.data.size()));
    out.u32(message.offset);
    out.u32(path_length);
    out.u32(to_length);
    out.u32(message.flags);
    write_text(out, message.path);
    if (message.to) write_text(out, *message.to);
    out.bytes(message.data);
    return bytes;
}

Buffer encode(const UnlockMessage& message) {
    Buffer bytes(message.checksum.size() + message.path.size() + 1);
    Writer out(bytes, ByteOrder::little);
    out.bytes(message.checksum);
    write_text(out, message.path);
    return bytes;
}

Buffer encode(const UpdateMessage& message) {
    Buffer bytes(kUpdateHead + message.name.size() + 1 + message.data.size());
    Writer out(bytes, ByteOrder::little);
    out.u64(message.parent);
    out.u64(message.inode);
    out.u64(message.version);
    out.u32(message.writer);
    out.u32(message.mtime);
    out.u32(static_cast<std::uint32_t>(message.data.size()));
    out.u32(length_of(message.name));
    out.u8(message.type);
    write_text(out, message.name);
    out.bytes(message.data);
    return bytes;
}

}  // namespace cfs::replica
