#pragma once
// The replicated file system in memory (pmxcfs.md sections 4 to 7): a value that applies operations.
//
// It knows no clock, disk or network: who does something and when comes with the operation. The same operations
// with the same stamps in the same order give the same tree on every node. Not synchronised; its owner locks. A copy
// shares the files' contents and nothing else.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cfs/tree/entries.hpp"
#include "cfs/tree/guests.hpp"
#include "cfs/tree/index.hpp"
#include "cfs/tree/limits.hpp"
#include "cfs/tree/locks.hpp"
#include "cfs/tree/operation.hpp"
#include "cfs/tree/tracked.hpp"

namespace cfs {

// pmxcfs.md 9.1. Free numbers stop at zero, where upstream's wrap.
struct Statfs {
    std::uint32_t block_size = 0;
    std::uint64_t blocks = 0;
    std::uint64_t free_blocks = 0;
    std::uint64_t files = 0;
    std::uint64_t free_files = 0;
    std::uint32_t name_length = 0;
};

class Tree {
public:
    // What a new database holds: the root with version 1.
    explicit Tree(const Settings& settings = {});

    // The tree of these entries, which have to be what Assembly gave. Fails for two guests with one id. Locks are as
    // old as `local_time`.
    static Or<Tree> of(const Settings& settings, Entries entries, std::uint64_t local_time);
    // The same in place of this tree: counters go on, locks that stay the same keep their age.
    Or<Tree> replaced_by(Entries entries, std::uint64_t local_time) const;

    // --- looking -------------------------------------------------------------------------------------------------
    const Settings& settings() const { return settings_; }
    const Entries& entries() const { return entries_; }
    const Entry& root() const { return entries_.root(); }
    std::uint64_t version() const { return root().version; }
    const Entry* find(std::string_view path) const { return entries_.find(path); }
    const Guests& guests() const { return guests_; }
    const LockTable& locks() const { return locks_; }
    const TrackedFiles& tracked() const { return tracked_; }
    Statfs statfs() const;

    Index index() const;               // pmxcfs-wire.md 5.5
    Digest database_checksum() const;  // pmxcfs-wire.md 3.3

    // --- changing ------------------------------------------------------------------------------------------------
    // Errors and the order of their checks: pmxcfs.md 5.3. Of an unlock whose lock is not there any more, or is
    // another one by now, the result is -ENOENT.
    Outcome apply(const Operation& operation, const Stamp& stamp);

    // What to do before sending: refuses what would run into limits or upstream's bugs (pmxcfs.md 5.1, 5.3, 17).
    Precheck precheck(Operation operation) const;

    // The database failed: from now on every operation fails with EIO (pmxcfs.md 3.4).
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }

    // --- locks (pmxcfs.md 7) -----------------------------------------------------------------------------------
    // The checksum of a lock directory, to ask for its removal; nothing if the path is none.
    std::optional<Digest> lock_checksum(std::string_view path) const;
    // The answer of the member with the lowest id to a request to unlock: may it go? A path that is no lock, or not
    // this one, may not.
    bool lock_expired(std::string_view path, const Digest& checksum, std::uint64_t local_time, Events& events);
    // For local mode: a request to unlock an expired lock is its removal, everything else what it is.
    Operation localized(Operation operation, std::uint64_t local_time, Events& events);

private:
    struct Place;

    Tree(const Settings& settings, Entries entries);

    Outcome write(const Operation& operation, const Stamp& stamp);
    Outcome make_directory(const Operation& operation, const Stamp& stamp);
    Outcome remove(const Operation& operation, const Stamp& stamp);
    Outcome rename(const Operation& operation, const Stamp& stamp);
    Outcome set_mtime(const Operation& operation, const Stamp& stamp);
    Outcome unlock(const Operation& operation, const Stamp& stamp);

    Place place(std::string_view path) const;
    bool is_lock(const Entry& entry, std::string_view path) const;
    bool guest_forbids_rename(const Entry& from, const Operation& operation) const;
    void follow_rename(const Entry& moved, const Operation& operation);
    void advance_root(const Stamp& stamp, std::uint32_t mtime, Change& change);
    // With the next version, by the writer of the stamp.
    Entry& put(Entry entry, bool content_changed, const Stamp& stamp, std::uint32_t mtime, Change& change);
    bool erase_entry(const Entry& entry, std::string_view path, const Stamp& stamp, Change& change);

    Precheck precheck_write(Operation operation) const;
    Precheck precheck_new_directory(Operation operation) const;
    Precheck precheck_rename(Operation operation) const;

    Settings settings_;
    Entries entries_;
    Guests guests_;
    LockTable locks_;
    TrackedFiles tracked_;
    bool failed_ = false;
};

}  // namespace cfs
