#pragma once
// Where the slots of the writers are in the store.

#include <string>

#include "conformance/store_client/history.hpp"

namespace store_client {

inline constexpr const char* top_directory = "storm";

std::string directory_of(const WriterId& writer);
// Relative to the mount. Of a lock: the same for all writers.
std::string path_of(const WriterId& writer, const std::string& slot, unsigned place);
std::string counter_of(const std::string& lock);  // a file that only the holder of the lock changes
std::string guest_directory(unsigned place);

}  // namespace store_client
