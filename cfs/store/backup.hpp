#pragma once
// A consistent copy of a database that may be in use.

#include <optional>
#include <string>

#include "cfs/tree/report.hpp"

namespace cfs::store {

// `to` must not exist. It is there completely, mode 0600 and on disk, or not at all.
std::optional<Failure> copy_database(const std::string& from, const std::string& to);

}  // namespace cfs::store
