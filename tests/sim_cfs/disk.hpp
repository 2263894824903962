#pragma once
// A node's disk. What is written goes out in groups, one at a time, and a crash loses what has not been synced; of the
// group under way all or nothing.

#include <deque>
#include <vector>

#include "cfs/tree/tree.hpp"

namespace totem::sim::store {

class Disk {
public:
    // Begins with what this tree holds.
    explicit Disk(const cfs::Tree& tree);

    // Returns the number of this change; it is on the disk when synced() is not below.
    std::uint64_t write(const cfs::Change& change);
    std::uint64_t written() const { return written_; }
    std::uint64_t synced() const { return synced_; }
    bool has_work() const { return !busy_ && !waiting_.empty(); }
    bool idle() const { return !busy_ && waiting_.empty(); }

    void begin();   // a group of all that waits
    void finish();  // ... is synced
    void crash(bool group_survives);

    // The tree that a daemon would load.
    cfs::Or<cfs::Tree> load(std::uint64_t local_time) const;
    // Is an entry of this name in the root synced?
    bool holds(std::string_view name) const;
    // Does it hold just that?
    bool equals(const cfs::Tree& tree) const;

private:
    void apply(const cfs::Change& change);
    std::map<cfs::Inode, cfs::Entry> rows_;  // the root among them
    std::deque<cfs::Change> waiting_;
    std::vector<cfs::Change> group_;
    std::uint64_t written_ = 0, synced_ = 0;
    bool busy_ = false;
};

}  // namespace totem::sim::store
