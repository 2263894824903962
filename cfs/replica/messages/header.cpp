#include "cfs/replica/messages/header.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

using totem::ByteOrder;
using totem::Reader;
using totem::Writer;

Header read_header(Reader& in) {
    Header header;
    header.type = in.u16();
    header.subtype = in.u16();
    header.protocol_version = in.u32();
    header.time = in.u32();
    header.reserved = in.u32();
    return header;
}

void write_header(Writer& out, const Header& header) {
    out.u16(header.type);
    out.u16(header.subtype);
    out.u32(header.protocol_version);
    out.u32(header.time);
    out.u32(header.reserved);
}

template <typename Message>
Decoded<Message> too_short(const char* what, const Header& header, std::size_t size) {
    return Decoded<Message>::refused(fmt::format("received short {}message (type = {}, subtype = {}, {} bytes)", what,
                                                 header.type, header.subtype, size));
}

}  // namespace

Decoded<Header> decode_header(Bytes message) {
    if (message.size() < kHeaderSize)
        return Decoded<Header>::refused(fmt::format("received short message ({} bytes)", message.size()));
    Reader in(message, ByteOrder::little);
    return read_header(in);
}

Decoded<NormalMessage> decode_normal(Bytes message) {
    const auto header = decode_header(message);
    if (!header) return Decoded<NormalMessage>::refused(header.problem());
    if (message.size() < kNormalHeaderSize) return too_short<NormalMessage>("", *header, message.size());
    Reader in(message.subspan(kHeaderSize), ByteOrder::little);
    const std::uint64_t count = in.u64();
    return NormalMessage{*header, count, in.rest()};
}

Decoded<StateMessage> decode_state(Bytes message) {
    const auto header = decode_header(message);
    if (!header) return Decoded<StateMessage>::refused(header.problem());
    if (message.size() < kStateHeaderSize) return too_short<StateMessage>("state ", *header, message.size());
    Reader in(message.subspan(kHeaderSize), ByteOrder::little);
    Epoch epoch;
    epoch.epoch = in.u32();
    epoch.time = in.u32();
    epoch.nodeid = in.u32();
    epoch.pid = in.u32();
    return StateMessage{*header, epoch, in.rest()};
}

Buffer encode(const NormalMessage& message) {
    Buffer bytes(kNormalHeaderSize + message.payload.size());
    Writer out(bytes, ByteOrder::little);
    write_header(out, message.header);
    out.u64(message.count);
    out.bytes(message.payload);
    return bytes;
}

Buffer encode(const StateMessage& message) {
    Buffer bytes(kStateHeaderSize + message.payload.size());
    Writer out(bytes, ByteOrder::little);
    write_header(out, message.header);
    out.u32(message.epoch.epoch);
    out.u32(message.epoch.time);
    out.u32(message.epoch.nodeid);
    out.u32(message.epoch.pid);
    out.bytes(message.payload);
    return bytes;
}

std::optional<std::uint64_t> decode_verify_request(Bytes payload) {
    if (payload.size() != 8) return std::nullopt;
    return Reader(payload, ByteOrder::little).u64();
}

std::optional<Verify> decode_verify(Bytes payload) {
    Verify verify;
    if (payload.size() != 8 + verify.checksum.size()) return std::nullopt;
    Reader in(payload, ByteOrder::little);
    verify.id = in.u64();
    std::ranges::copy(in.rest(), verify.checksum.begin());
    return verify;
}

Buffer encode_verify_request(std::uint64_t id) {
    Buffer bytes(8);
    Writer(bytes, ByteOrder::little).u64(id);
    return bytes;
}

Buffer encode(const Verify& verify) {
    Buffer bytes(8 + verify.checksum.size());
    Writer out(bytes, ByteOrder::little);
    out.u64(verify.id);
    out.bytes(verify.checksum);
    return bytes;
}

}  // namespace cfs::replica
