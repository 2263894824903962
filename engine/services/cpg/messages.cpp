#include "engine/services/cpg/messages.hpp"

#include <algorithm>

namespace engine::cpg {
namespace {

using totem::Reader;
using totem::Writer;

void write_source(Writer& out, NodeId source, std::uint64_t token) {
    out.u32(source);
    out.align(8);
    out.u64(token);
}

}  // namespace

bool read_name(Reader& in, std::string_view& out) {
    const std::size_t length = in.u32();
    in.skip(4);
    const Bytes value = in.bytes(kMaxGroupNameLength);
    if (!in.ok() || length > kMaxGroupNameLength) return false;
    out = {reinterpret_cast<const char*>(value.data()), length};
    return true;
}

void write_name(Writer& out, std::string_view name) {
    name = name.substr(0, kMaxGroupNameLength);
    out.u32(static_cast<std::uint32_t>(name.size()));
    out.zeros(4);
    out.bytes({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    out.zeros(kMaxGroupNameLength - name.size());
}

std::array<std::uint8_t, kProcessBody> encode(const ProcessMessage& message, ByteOrder order) {
    std::array<std::uint8_t, kProcessBody> body;
    Writer out(body, order);
    write_name(out, message.group);
    out.u32(message.pid);
    out.align(8);
    out.u32(message.reason);
    out.align(8);
    return body;
}

std::array<std::uint8_t, kMcastHead> encode_head(const McastMessage& message, NodeId source, ByteOrder order) {
    std::array<std::uint8_t, kMcastHead> head;
    Writer out(head, order);
    write_name(out, message.group);
    out.u32(static_cast<std::uint32_t>(message.data.size()));
    out.align(8);
    out.u32(message.pid);
    out.align(8);
    write_source(out, source, message.source_token);
    return head;
}

std::array<std::uint8_t, kPartialHead> encode_head(const PartialMessage& message, NodeId source, ByteOrder order) {
    std::array<std::uint8_t, kPartialHead> head;
    Writer out(head, order);
    write_name(out, message.group);
    out.u32(message.total_length);
    out.align(8);
    out.u32(static_cast<std::uint32_t>(message.data.size()));
    out.align(8);
    out.u32(message.pid);
    out.align(8);
    out.u32(message.type);
    out.align(8);
    write_source(out, source, message.source_token);
    return head;
}

std::array<std::uint8_t, kDownListBody> encode_downlist(std::uint32_t old_members, std::span<const NodeId> left,
                                                        ByteOrder order) {
    left = left.first(std::min(left.size(), totem::kMaxNodes));
    std::array<std::uint8_t, kDownListBody> body;
    Writer out(body, order);
    out.u32(old_members);
    out.align(8);
    out.u32(static_cast<std::uint32_t>(left.size()));
    out.align(8);
    for (NodeId id : left)
        out.u32(id);
    out.zeros(out.remaining());
    return body;
}

std::vector<std::uint8_t> encode_joinlist(std::span<const Process> processes, ByteOrder order) {
    std::vector<std::uint8_t> body(kJoinListHead + processes.size() * kJoinListEntry);
    Writer out(body, order);
    out.zeros(kJoinListHead);  // the error word of a response header
    for (const Process& process : processes) {
        out.u32(process.pid);
        out.align(8);
        write_name(out, process.group.bytes);
    }
    return body;
}

bool decode(Bytes message, ByteOrder order, ProcessMessage& out) {
    Reader in(message, order);
    in.skip(kExecHeaderSize);
    if (!read_name(in, out.group)) return false;
    out.pid = in.u32();
    in.align(8);
    out.reason = in.u32();
    return in.ok();
}

bool decode(Bytes message, ByteOrder order, McastMessage& out) {
    Reader in(message, order);
    in.skip(kExecHeaderSize);
    if (!read_name(in, out.group)) return false;
    const std::size_t length = in.u32();
    in.align(8);
    out.pid = in.u32();
    in.align(8);
    in.skip(8);
    out.source_token = in.u64();
    out.data = in.bytes(length);
    return in.ok();
}

bool decode(Bytes message, ByteOrder order, PartialMessage& out) {
    Reader in(message, order);
    in.skip(kExecHeaderSize);
    if (!read_name(in, out.group)) return false;
    out.total_length = in.u32();
    in.align(8);
    const std::size_t length = in.u32();
    in.align(8);
    out.pid = in.u32();
    in.align(8);
    out.type = in.u32();
    in.align(8);
    in.skip(8);
    out.source_token = in.u64();
    out.data = in.bytes(length);
    return in.ok() && length <= out.total_length;
}

bool joinlist_entries(Bytes message, ByteOrder order, Bytes& out) {
    Reader in(message, order);
    in.skip(8);
    const std::size_t size = in.u32();
    constexpr std::size_t kHead = kExecHeaderSize + kJoinListHead;
    if (!in.ok() || size < kHead || size > message.size() || (size - kHead) % kJoinListEntry != 0) return false;
    out = message.subspan(kHead, size - kHead);
    return true;
}

}  // namespace engine::cpg
