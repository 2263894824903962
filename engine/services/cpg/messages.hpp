#pragma once
// Executive messages of CPG, spec totempg-sync-services.md section 10.2. Internal to engine/services/cpg.
//
// Encoders write what follows the 16 byte executive header; decoders take the whole message. Layouts
// are the same in both dialects. Decoded views point into the message.

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/services/cpg/cpg_service.hpp"

namespace engine::cpg {

enum Function : std::uint32_t {
    kProcJoin = 0,
    kProcLeave = 1,
    kJoinList = 2,
    kMcast = 3,
    kOldDownList = 4,
    kDownList = 5,
    kPartialMcast = 6,
    kFunctionCount = 7,
};

inline constexpr std::size_t kMaxGroupNameLength = 128;

inline constexpr std::size_t kProcessBody = 168 - kExecHeaderSize;
inline constexpr std::size_t kMcastHead = 184 - kExecHeaderSize;
inline constexpr std::size_t kPartialHead = 200 - kExecHeaderSize;
inline constexpr std::size_t kDownListBody = 1568 - kExecHeaderSize;
inline constexpr std::size_t kJoinListHead = 24 - kExecHeaderSize;
inline constexpr std::size_t kJoinListEntry = 144;

struct ProcessMessage {  // procjoin, procleave
    std::string_view group;
    std::uint32_t pid = 0, reason = 0;
};

struct McastMessage {
    std::string_view group;
    std::uint32_t pid = 0;
    std::uint64_t source_token = 0;  // opaque, means something to the sender only
    Bytes data;
};

struct PartialMessage {
    std::string_view group;
    std::uint32_t pid = 0, total_length = 0, type = 0;
    std::uint64_t source_token = 0;
    Bytes data;
};

// Names are at most kMaxGroupNameLength long.
std::array<std::uint8_t, kProcessBody> encode(const ProcessMessage& message, ByteOrder order);
// Heads only; the data follow as a chunk of their own.
std::array<std::uint8_t, kMcastHead> encode_head(const McastMessage& message, NodeId source, ByteOrder order);
std::array<std::uint8_t, kPartialHead> encode_head(const PartialMessage& message, NodeId source, ByteOrder order);
// Nodes beyond totem::kMaxNodes are not listed.
std::array<std::uint8_t, kDownListBody> encode_downlist(std::uint32_t old_members, std::span<const NodeId> left,
                                                        ByteOrder order);
std::vector<std::uint8_t> encode_joinlist(std::span<const Process> processes, ByteOrder order);

[[nodiscard]] bool decode(Bytes message, ByteOrder order, ProcessMessage& out);
[[nodiscard]] bool decode(Bytes message, ByteOrder order, McastMessage& out);
[[nodiscard]] bool decode(Bytes message, ByteOrder order, PartialMessage& out);

// Calls add(pid, group) for each entry; false, without a call, if the message contradicts its size or
// holds a name that is too long.
template <typename Add>
[[nodiscard]] bool decode_joinlist(Bytes message, ByteOrder order, Add&& add);

// The 136 byte name: length, pad, 128 bytes. False if the length exceeds them.
[[nodiscard]] bool read_name(totem::Reader& in, std::string_view& out);
void write_name(totem::Writer& out, std::string_view name);
// The entries of a joinlist; an empty view if the message contradicts its size field.
[[nodiscard]] bool joinlist_entries(Bytes message, ByteOrder order, Bytes& out);

template <typename Add>
bool decode_joinlist(Bytes message, ByteOrder order, Add&& add) {
    Bytes entries;
    if (!joinlist_entries(message, order, entries)) return false;
    for (const bool deliver : {false, true}) {  // check all of it, then take it
        totem::Reader in(entries, order);
        while (in.remaining() != 0) {
            const std::uint32_t pid = in.u32();
            in.align(8);
            std::string_view group;
            if (!read_name(in, group)) return false;
            if (deliver) add(pid, group);
        }
    }
    return true;
}

}  // namespace engine::cpg
