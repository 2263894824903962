#pragma once
// What can be asked of the tree, and what comes of it (pmxcfs.md sections 3.4 and 5.3).

#include <cstdint>
#include <string>
#include <vector>

#include "cfs/tree/digest.hpp"
#include "cfs/tree/entry.hpp"

namespace cfs {

struct Operation {
    enum class Type : std::uint8_t { write, make_directory, remove, rename, create, set_mtime, unlock };

    Type type = Type::write;
    std::string path;
    std::string to;                  // rename: the new path
    std::vector<std::uint8_t> data;  // write
    std::uint64_t offset = 0;        // write; of a truncation the new size
    bool truncate = false;           // write: the file ends where the write ends
    std::uint32_t mtime = 0;         // set_mtime
    Digest checksum{};               // unlock: the directory's checksum (pmxcfs-wire.md 3.2) as its sender saw it

    static Operation write(std::string path, std::vector<std::uint8_t> data, std::uint64_t offset = 0,
                           bool truncate = false);
    static Operation truncated(std::string path, std::uint64_t size) { return write(std::move(path), {}, size, true); }
    static Operation make_directory(std::string path) { return on(Type::make_directory, std::move(path)); }
    static Operation remove(std::string path) { return on(Type::remove, std::move(path)); }
    static Operation rename(std::string path, std::string to);
    static Operation create(std::string path) { return on(Type::create, std::move(path)); }
    static Operation set_mtime(std::string path, std::uint32_t mtime);
    static Operation unlock(std::string path, const Digest& checksum);

    bool operator==(const Operation&) const = default;

private:
    static Operation on(Type type, std::string path);
};

// Who does it and when. `time` and `writer` go into the tree and have to be the same on all nodes; `local_time` is
// this node's own clock, for the ages of locks. Seconds since 1970.
struct Stamp {
    std::uint32_t writer = 0;
    std::uint32_t time = 0;
    std::uint64_t local_time = 0;
};

// One row for the database: the entry as it is now. Where the content did not change the row's blob may stay.
struct Row {
    Entry entry;
    bool content_changed = true;
};

// What an operation changed, as the database has to learn it: first the removals, then the rows, then row 0. Empty
// when nothing changed. A Change taken together with all before it gives a state that existed.
struct Change {
    std::vector<Inode> remove;
    std::vector<Row> put;  // never the root
    std::uint64_t version = 0;
    std::uint32_t writer = 0;
    std::uint32_t mtime = 0;
    bool root_changed = false;
    bool from_sync = false;  // the type of row 0 is 4 after a sync, else 8 (pmxcfs.md 3.3)

    bool empty() const { return remove.empty() && put.empty() && !root_changed; }
};

struct Outcome {
    std::int64_t result = 0;  // what the caller of the file system gets: a count, or a negative errno
    Change change;            // may be other than empty in spite of a negative result (the rename quirk of 5.3)

    bool ok() const { return result >= 0; }
};

// What to do with an operation before it is sent to all (or, in local mode, applied).
struct Precheck {
    enum class Verdict : std::uint8_t {
        send,    // `operation`, which may differ from what was asked
        done,    // success, nothing to send
        refuse,  // with `error`
    };
    Verdict verdict = Verdict::send;
    int error = 0;  // negative errno of a refusal
    Operation operation;
};

}  // namespace cfs
