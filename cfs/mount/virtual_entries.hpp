#pragma once
// The names in the root that are not of the tree, and hide what the tree has under them (pmxcfs.md section 11).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cfs::mount {

enum class VirtualFile : std::uint8_t { version, members, vmlist, clusterlog, rrd, debug };

struct VirtualEntry {
    std::string_view name;
    std::optional<VirtualFile> file;  // nothing for a link
    std::string_view below_node;      // a link leads to nodes/NODENAME + this
};

std::span<const VirtualEntry> virtual_entries();
const VirtualEntry* virtual_entry(std::string_view name);  // null: not one of them

std::string link_target(const VirtualEntry& link, std::string_view node_name);

}  // namespace cfs::mount
