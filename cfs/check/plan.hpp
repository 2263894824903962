#pragma once
// What is wrong with the rows of a database, and the least that makes them a tree again (pmxcfs.md 3.3). A row keeps
// its version: what differs from the other nodes afterwards, the next sync puts right.

#include <map>
#include <string>
#include <vector>

#include "cfs/tree/loader.hpp"

namespace cfs::check {

using Rows = std::map<Inode, RawRow>;

struct Finding {
    std::string text;
    std::string remedy;
};

struct Plan {
    std::vector<Finding> findings;
    std::vector<Inode> remove;
    std::vector<RawRow> put;  // in place of the ones with their inodes
    bool nothing() const { return remove.empty() && put.empty(); }
};

// The rows that stay and come by the plan load.
Plan examine(const Rows& rows);
Rows carried_out(Rows rows, const Plan& plan);

}  // namespace cfs::check
