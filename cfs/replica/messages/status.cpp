#include "cfs/replica/messages/status.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

using totem::ByteOrder;
using totem::Reader;
using totem::Writer;

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Lengths {
    std::array<std::size_t, 4> each{};  // node, ident, tag, message; with their NULs
    std::size_t sum() const { return each[0] + each[1] + each[2] + each[3]; }
};

// The reader stands behind the priority.
Lengths read_lengths(Reader& in) {
    Lengths lengths;
    for (std::size_t i = 0; i < 3; ++i)
        lengths.each[i] = in.u8();
    lengths.each[3] = in.u32();
    return lengths;
}

}  // namespace

Decoded<KeyMessage> decode_key(Bytes payload) {
    using Out = Decoded<KeyMessage>;
    if (payload.size() < kKeySize)
        return Out::refused(fmt::format("received short kvstore message ({} < {})", payload.size(), kKeySize));
    const Bytes key = payload.first(kKeySize);
    const auto end = std::ranges::find(key, 0);
    if (end == key.end()) return Out::refused("");  // upstream says no more than that it can't parse it
    return KeyMessage{std::string(key.begin(), end), payload.subspan(kKeySize)};
}

Buffer encode(const KeyMessage& message) {
    Buffer bytes(kKeySize + message.value.size());
    Writer out(bytes, ByteOrder::little);
    const std::size_t length = std::min(message.key.size(), kKeySize - 1);
    out.bytes(bytes_of(message.key).first(length));
    out.zeros(kKeySize - length);
    out.bytes(message.value);
    return bytes;
}

std::size_t encoded_size(const LogEntry& entry) {
    return kLogEntryFixed + entry.node.size() + entry.ident.size() + entry.tag.size() + entry.message.size() + 4;
}

std::optional<std::size_t> log_entry_size(Bytes bytes) {
    if (bytes.size() < kLogEntryFixed) return std::nullopt;
    Reader in(bytes.subspan(37), ByteOrder::little);
    return kLogEntryFixed + read_lengths(in).sum();
}

Decoded<LogEntry> decode_log(Bytes payload) {
    using Out = Decoded<LogEntry>;
    if (payload.size() < kLogEntryFixed)
        return Out::refused(fmt::format("received short log message ({} < {})", payload.size(), kLogEntryFixed));
    Reader in(payload, ByteOrder::little);
    LogEntry entry;
    entry.previous = in.u32();
    entry.next = in.u32();
    entry.uid = in.u32();
    entry.time = in.u32();
    entry.node_digest = in.u64();
    entry.ident_digest = in.u64();
    entry.pid = in.u32();
    entry.priority = in.u8();
    const Lengths lengths = read_lengths(in);
    if (payload.size() != kLogEntryFixed + lengths.sum())
        return Out::refused(fmt::format("received log message with wrong size ({} != {})", payload.size(),
                                        kLogEntryFixed + lengths.sum()));
    std::string* const texts[] = {&entry.node, &entry.ident, &entry.tag, &entry.message};
    for (std::size_t i = 0; i < lengths.each.size(); ++i) {
        const Bytes text = in.bytes(lengths.each[i]);
        if (text.empty() || text.back() != 0) return Out::refused("unterminated string in log message");
        texts[i]->assign(text.begin(), std::ranges::find(text, 0));
    }
    return entry;
}

Buffer encode(const LogEntry& entry) {
    Buffer bytes(encoded_size(entry));
    Writer out(bytes, ByteOrder::little);
    out.u32(entry.previous);
    out.u32(entry.next);
    out.u32(entry.uid);
    out.u32(entry.time);
    out.u64(entry.node_digest);
    out.u64(entry.ident_digest);
    out.u32(entry.pid);
    out.u8(entry.priority);
    for (const std::string* text : {&entry.node, &entry.ident, &entry.tag})
        out.u8(static_cast<std::uint8_t>(text->size() + 1));
    out.u32(static_cast<std::uint32_t>(entry.message.size() + 1));
    for (const std::string* text : {&entry.node, &entry.ident, &entry.tag, &entry.message}) {
        out.bytes(bytes_of(*text));
        out.u8(0);
    }
    return bytes;  // the last four bytes are spare and zero
}

std::uint64_t text_digest(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto add = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
    for (const char c : text)
        add(static_cast<std::uint8_t>(c));
    add(0);
    return hash;
}

}  // namespace cfs::replica
