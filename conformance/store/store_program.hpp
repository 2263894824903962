#pragma once
// The daemons of the configuration store that a node of a laboratory can run.

#include <filesystem>
#include <optional>
#include <string>

namespace lab {

enum class StoreKind { cfsd, pmxcfs5, pmxcfs9 };

std::string to_string(StoreKind kind);

// Where the program is: cfsd next to the running program; a real pmxcfs of pve-cluster 5 or 9 only where PMXCFS_BIN and
// PMXCFS9_BIN say. Nothing if there is none.
std::optional<std::filesystem::path> find_store(StoreKind kind);
// Why that kind cannot run here; "" if it can.
std::string missing_store(StoreKind kind);

// A real one has its paths built in; in a laboratory they are the node's own.
inline constexpr const char* real_mount = "/etc/pve";
inline constexpr const char* real_database = "/var/lib/pve-cluster";
inline constexpr const char* real_rrd = "/var/lib/rrdcached";

}  // namespace lab
