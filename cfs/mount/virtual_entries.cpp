#include "cfs/mount/virtual_entries.hpp"

#include <algorithm>
#include <array>

namespace cfs::mount {
namespace {

constexpr std::array<VirtualEntry, 10> kEntries = {{
    {"local", std::nullopt, ""},
    {"qemu-server", std::nullopt, "/qemu-server"},
    {"openvz", std::nullopt, "/openvz"},
    {"lxc", std::nullopt, "/lxc"},
    {".version", VirtualFile::version, ""},
    {".members", VirtualFile::members, ""},
    {".vmlist", VirtualFile::vmlist, ""},
    {".clusterlog", VirtualFile::clusterlog, ""},
    {".rrd", VirtualFile::rrd, ""},
    {".debug", VirtualFile::debug, ""},
}};

}  // namespace

std::span<const VirtualEntry> virtual_entries() {
    return kEntries;
}

const VirtualEntry* virtual_entry(std::string_view name) {
    const auto found =
        std::find_if(kEntries.begin(), kEntries.end(), [name](const VirtualEntry& each) { return each.name == name; });
    return found == kEntries.end() ? nullptr : &*found;
}

std::string link_target(const VirtualEntry& link, std::string_view node_name) {
    std::string target = "nodes/";
    target += node_name;
    target += link.below_node;
    return target;
}

}  // namespace cfs::mount
