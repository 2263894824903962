#include "cfs/tree/tracked.hpp"

#include <algorithm>
#include <array>

namespace cfs {

namespace {

constexpr std::array<std::string_view, 17> kP5{
    "corosync.conf", "corosync.conf.new", "storage.cfg", "user.cfg",        "domains.cfg",       "priv/shadow.cfg",
    "priv/tfa.cfg",  "datacenter.cfg",    "vzdump.cron", "ha/crm_commands", "ha/manager_status", "ha/resources.cfg",
    "ha/groups.cfg", "ha/fence.cfg",      "status.cfg",  "replication.cfg", "ceph.conf"};

constexpr std::array<std::string_view, 43> kP9{"corosync.conf",
                                               "corosync.conf.new",
                                               "storage.cfg",
                                               "user.cfg",
                                               "domains.cfg",
                                               "notifications.cfg",
                                               "priv/notifications.cfg",
                                               "priv/shadow.cfg",
                                               "priv/acme/plugins.cfg",
                                               "priv/tfa.cfg",
                                               "priv/token.cfg",
                                               "priv/wg-keys.cfg",
                                               "datacenter.cfg",
                                               "vzdump.cron",
                                               "vzdump.conf",
                                               "jobs.cfg",
                                               "ha/crm_commands",
                                               "ha/manager_status",
                                               "ha/resources.cfg",
                                               "ha/rules.cfg",
                                               "ha/groups.cfg",
                                               "ha/fence.cfg",
                                               "status.cfg",
                                               "replication.cfg",
                                               "ceph.conf",
                                               "sdn/vnets.cfg",
                                               "sdn/zones.cfg",
                                               "sdn/controllers.cfg",
                                               "sdn/subnets.cfg",
                                               "sdn/ipams.cfg",
                                               "sdn/mac-cache.json",
                                               "sdn/pve-ipam-state.json",
                                               "sdn/dns.cfg",
                                               "sdn/fabrics.cfg",
                                               "sdn/route-maps.cfg",
                                               "sdn/prefix-lists.cfg",
                                               "sdn/.running-config",
                                               "virtual-guest/cpu-models.conf",
                                               "virtual-guest/profiles.cfg",
                                               "firewall/cluster.fw",
                                               "mapping/directory.cfg",
                                               "mapping/pci.cfg",
                                               "mapping/usb.cfg"};

}  // namespace

TrackedFiles::TrackedFiles(Era era) {
    const std::span<const std::string_view> paths =
        era == Era::p5 ? std::span<const std::string_view>(kP5) : std::span<const std::string_view>(kP9);
    files_.reserve(paths.size());
    for (const std::string_view path : paths)
        files_.push_back({path, 0});
}

void TrackedFiles::count(std::string_view path) {
    const auto found = std::ranges::find(files_, path, &File::path);
    if (found != files_.end()) ++found->changes;
}

void TrackedFiles::count_all() {
    for (File& file : files_)
        ++file.changes;
}

}  // namespace cfs
