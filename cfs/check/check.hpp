#pragma once
// What cfs-check does with a database. `say` gets each line of the report.

#include <functional>
#include <string>

namespace cfs::check {

using Say = std::function<void(const std::string&)>;

enum class Result : int {
    good = 0,      // nothing found, or all repaired
    problems = 1,  // found, not repaired
    failed = 2,    // could not do it
};

// Changes nothing.
Result check(const std::string& path, const Say& say);
// Copies the database to `backup` (PATH.backup-TIME if empty), then removes and changes the rows that keep it from
// loading. Refuses while a daemon has it, and when the file itself is damaged.
Result repair(const std::string& path, const std::string& backup, const Say& say);
// Writes what can be read to a new database that loads. The old file is not changed.
Result salvage(const std::string& path, const std::string& to, const Say& say);

}  // namespace cfs::check
