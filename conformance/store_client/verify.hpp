#pragma once
// Compares mounted trees with what the journals say, and with each other. No writer may be running.

#include <filesystem>
#include <string>
#include <vector>

namespace store_client {

struct Verdict {
    std::size_t writers = 0, acknowledged = 0, unknown = 0, refused = 0;  // operations
    std::size_t entries = 0;                                              // of the first tree
    std::vector<std::string> faults;
};

// Errors are std::runtime_error.
Verdict verify(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& mounts);
std::string to_json(const Verdict& verdict);

}  // namespace store_client
