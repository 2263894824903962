#pragma once
// The rows of a database whose file may be damaged.

#include <string>
#include <vector>

#include "cfs/check/plan.hpp"
#include "cfs/store/sqlite.hpp"

namespace cfs::check {

struct Reading {
    Rows rows;
    std::vector<std::string> lost;  // rows seen whose content can't be read, one text each
    bool whole = true;              // no page refused to be read
};

// Reads around what can't be read. Throws SqliteError when not even the table can be found.
Reading read_rows(store::Connection& connection);

}  // namespace cfs::check
