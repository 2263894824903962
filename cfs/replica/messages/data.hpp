#pragma once
// Payloads of group pve_dcdb_v1 (pmxcfs-wire.md 5.1 to 5.4). The STATE payload, the index, is the tree's own.
// Spans are views into the bytes that were decoded.

#include "cfs/replica/messages/header.hpp"

namespace cfs::replica {

enum class DataSubtype : std::uint16_t {
    write = 1,
    mkdir = 2,
    remove = 3,
    rename = 4,
    create = 5,
    mtime = 6,
    unlock_request = 7,
    unlock = 8,
};

// Subtypes 1 to 6 (5.2).
struct FileMessage {
    std::uint32_t offset = 0;  // write: where; truncate: the new size; mtime: seconds
    std::uint32_t flags = 0;   // write: 1 truncates
    std::string path;
    std::optional<std::string> to;  // rename
    Bytes data;                     // write
};

// Subtypes 7 and 8 (5.3).
struct UnlockMessage {
    Checksum checksum{};  // of the lock's entry as the sender sees it
    std::string path;
    bool operator==(const UnlockMessage&) const = default;
};

// An entry on its way to members with an older state (5.4).
struct UpdateMessage {
    static constexpr std::uint8_t kDirectory = 4, kFile = 8;
    std::uint64_t parent = 0, inode = 0, version = 0;
    std::uint32_t writer = 0, mtime = 0;
    std::uint8_t type = kFile;
    std::string name;
    Bytes data;
};

Decoded<FileMessage> decode_file(Bytes payload);
Decoded<UnlockMessage> decode_unlock(Bytes payload);
Decoded<UpdateMessage> decode_update(Bytes payload);

Buffer encode(const FileMessage& message);
Buffer encode(const UnlockMessage& message);
Buffer encode(const UpdateMessage& message);

}  // namespace cfs::replica
