#pragma once
// The texts of the files that are computed, as mount and clients see them byte for byte (pmxcfs.md section 11). Names
// go into the texts as they are, which is how pmxcfs has it.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cfs/tree/guests.hpp"
#include "cfs/tree/tracked.hpp"

namespace cfs::views {

// --- .version (11.1)
struct NodeVersions {
    std::string node;
    std::map<std::string, std::uint32_t, std::less<>> keys;  // how often each was set
};
struct Versions {
    std::uint64_t start_time = 0;  // of the daemon, seconds since 1970
    std::uint64_t cluster = 0;     // "clinfo"
    std::uint64_t guests = 0;
    std::span<const TrackedFiles::File> files;
    std::vector<NodeVersions> nodes;  // the own one first, also without keys
};
std::string version(const Versions& versions);

// --- .members (11.2)
struct Member {
    std::string name;
    std::uint32_t id = 0;
    bool online = false;
    std::optional<std::string> address;
};
struct Cluster {
    std::string name;
    std::uint64_t version = 0;  // of the configuration
    bool quorate = false;
    std::vector<Member> members;
};
// Without a cluster: that of local mode, and while nothing is known of the cluster yet.
std::string members(std::string_view node, std::uint64_t version, const std::optional<Cluster>& cluster);

// --- .vmlist (11.3)
std::string guests(const Guests& guests);

}  // namespace cfs::views
