#pragma once
// Payloads of group pve_kvstore_v1 (pmxcfs-wire.md sections 6 and 7.1).

#include "cfs/replica/messages/header.hpp"

namespace cfs::replica {

enum class StatusSubtype : std::uint16_t {
    update = 1,
    update_complete = 2,  // defined, never sent
    log = 3,
};

inline constexpr std::size_t kKeySize = 256;

// A key of the sender's and its value, a view into the bytes that were decoded.
struct KeyMessage {
    std::string key;  // below 256 bytes
    Bytes value;
};
Decoded<KeyMessage> decode_key(Bytes payload);
Buffer encode(const KeyMessage& message);

// One entry of the cluster log, in a message or in the ring.
struct LogEntry {
    std::uint32_t previous = 0, next = 0;  // offsets in a ring; 0 in messages
    std::uint32_t uid = 0, time = 0;
    std::uint64_t node_digest = 0, ident_digest = 0;
    std::uint32_t pid = 0;
    std::uint8_t priority = 0;
    std::string node, ident, tag;  // at most 254 bytes each
    std::string message;
    bool operator==(const LogEntry&) const = default;
};

inline constexpr std::size_t kLogHead = 44;        // where the texts begin
inline constexpr std::size_t kLogEntryFixed = 48;  // an entry is that long, and its texts
inline constexpr std::size_t kLargestLogEntry = 4096;

std::size_t encoded_size(const LogEntry& entry);
// The whole payload of a LOG message.
Decoded<LogEntry> decode_log(Bytes payload);
// The size that the lengths in the first 48 bytes give; nullopt if there are fewer bytes.
std::optional<std::size_t> log_entry_size(Bytes bytes);
Buffer encode(const LogEntry& entry);

// FNV-1a 64 of the text and its NUL.
std::uint64_t text_digest(std::string_view text);

}  // namespace cfs::replica
