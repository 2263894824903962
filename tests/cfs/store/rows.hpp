#pragma once
// A database seen past the store.

#include <string>
#include <vector>

#include "cfs/store/store.hpp"

namespace cfs::store::test {

// Every row as SQL literals, by inode. Throws SqliteError.
std::vector<std::string> rows(const std::string& file);
void execute(const std::string& file, const std::string& sql);

// Opens or fails the test; `events` are printed then.
Opened open(const std::string& file, std::uint64_t local_time = 1000);
// The failure's text and all events, one a line; "" if it opened.
std::string refusal(const std::string& file);

// Submits and waits until it is on disk.
void commit(Store& store, Change change);

std::string contents_of(const std::string& file);

}  // namespace cfs::store::test
