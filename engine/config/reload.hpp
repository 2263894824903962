#pragma once
// Reading corosync.conf again while the daemon runs: what it says now, less what cannot change.
// Spec corosync-conf.md section 11.3.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/error.hpp"
#include "engine/config/host.hpp"
#include "engine/config/reader.hpp"

namespace engine::config {

// Keys that tell of a reload: two flags while it goes on, and how the latest one ended (3.x).
namespace reload_key {
inline constexpr char kInProgress[] = "config.reload_in_progress";
inline constexpr char kTotemInProgress[] = "config.totemconfig_reload_in_progress";
inline constexpr char kStatus[] = "config.reload_status";
}  // namespace reload_key
enum class ReloadStatus : std::int32_t { ok = 1, invalid = 7 };

struct Reload {
    // Everything the files say and build() derives; keys that cannot change at run time have the value in
    // force.
    cmap::Map fresh;
    ClusterConfig config;
    std::vector<std::string> kept;  // keys the file wanted otherwise
    std::vector<std::string> warnings;
};

// Reads the file and its uidgid.d into `out`, keeping what is in force in `live`. Throws Error if it cannot
// be parsed.
void read_again(const std::string& path, totem::Dialect dialect, const cmap::Map& live, Reload& out);
// The same for a file that is read already, and no uidgid.d.
void read_again(const File& file, const cmap::Map& live, Reload& out);

// Builds and validates what was read; throws Error, its text without the start-up's prefix, if it makes no
// configuration this node can go on with. Nothing outside of `out` changes.
void build_again(const ClusterConfig& running, const Host& host, Reload& out);

// Deletes the keys of the files that are gone, then sets all others in byte order; only real changes are
// told to trackers.
void copy_to(cmap::Map& live, const Reload& reload, totem::Dialect dialect);

}  // namespace engine::config
