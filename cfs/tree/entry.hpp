#pragma once
// What the tree consists of (pmxcfs.md sections 3 and 4).

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "totem/base/bytes.hpp"

namespace cfs {

using totem::Bytes;

using Inode = std::uint64_t;
inline constexpr Inode kRootInode = 0;

// The numbers are those of the database and of UPDATE messages.
enum class Kind : std::uint8_t { directory = 4, file = 8 };

// A file's bytes never change: a write makes a new buffer, so a reader who holds one needs no lock.
// Null for directories and for files without data.
using Content = std::shared_ptr<const std::vector<std::uint8_t>>;

// The content of `bytes`; null for none.
Content make_content(Bytes bytes);

struct Entry {
    Inode inode = kRootInode;
    Inode parent = kRootInode;
    std::uint64_t version = 0;  // the root's version at the last change of this entry
    std::uint32_t writer = 0;   // node id, 0 for local mode
    std::uint32_t mtime = 0;    // seconds since 1970
    // content's size, but for the files of the truncate quirk (pmxcfs.md 5.3), which have a size and no content.
    std::uint32_t size = 0;
    Kind kind = Kind::directory;
    std::string name;  // empty for the root
    Content content;

    bool is_root() const { return inode == kRootInode; }
    bool is_directory() const { return kind == Kind::directory; }
    bool is_file() const { return kind == Kind::file; }
    // The bytes there are; empty where a reader has to be given zeros.
    Bytes data() const { return content ? Bytes(*content) : Bytes(); }
};

// Equal with equal bytes, wherever they are.
bool operator==(const Entry& a, const Entry& b);

// Up to `count` bytes from `offset`, with zeros for what has a size and no content.
std::vector<std::uint8_t> read(const Entry& file, std::uint64_t offset, std::size_t count);

}  // namespace cfs
