#pragma once
// Becoming what the leader is (pmxcfs-wire.md 5.7), in memory first.

#include <vector>

#include "cfs/tree/tree.hpp"

namespace cfs {

struct Adopted {
    Tree tree;
    Change change;  // the difference to the tree there was, for the database
};

// The own entries that the leader's index has, with what was received put in; its index has to be the leader's byte
// for byte. Of the received root only the triple counts. On failure nothing has happened to `own`.
Or<Adopted> adopt(const Tree& own, const Index& leader, std::vector<Entry> received, std::uint64_t local_time);

}  // namespace cfs
