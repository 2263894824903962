#pragma once
// Modes and owners as functions of type, path and quorum (pmxcfs.md section 8); the rules of chmod and chown (9).

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "cfs/tree/entry.hpp"
#include "cfs/tree/limits.hpp"

namespace cfs {

enum class NodeType : std::uint8_t { directory, file, link };

// Permission bits of a tree entry or of one of the links in the root.
mode_t permissions(NodeType type, std::string_view path, bool quorate, Era era);
inline constexpr mode_t kVirtualFilePermissions = 0440;
inline constexpr mode_t kDebugFilePermissions = 0640;

// What getattr answers; uid is 0, gid that of www-data.
struct Attributes {
    mode_t mode = 0;  // with the type
    std::uint32_t links = 1;
    std::uint64_t size = 0;
    std::uint64_t blocks = 0;  // of 512 bytes, as POSIX has it
    std::uint32_t mtime = 0;   // of all three times; 0 for the root
};
Attributes attributes(const Entry& entry, std::string_view path, bool quorate, Era era);

// 0, or the negative errno; neither ever changes anything.
int check_chmod(std::string_view path, mode_t mode);
int check_chown(uid_t uid, gid_t gid, gid_t www_data);

}  // namespace cfs
