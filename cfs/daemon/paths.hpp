#pragma once
// Where everything is (pmxcfs.md section 2).

#include <string>

namespace cfs::daemon {

struct Paths {
    std::string database_folder, database, lock;
    std::string run_folder, restart_flag, process_id;
    std::string mount_point;
    std::string corosync_conf;

    // `root` goes in front of everything: empty but in tests and for a look at another system's files.
    static Paths below(const std::string& root) {
        Paths paths;
        paths.database_folder = root + "/var/lib/pve-cluster";
        paths.database = paths.database_folder + "/config.db";
        paths.lock = paths.database_folder + "/.pmxcfs.lockfile";
        paths.run_folder = root + "/run/pve-cluster";
        paths.restart_flag = paths.run_folder + "/cfs-restart-flag";
        paths.process_id = root + "/run/pve-cluster.pid";
        paths.mount_point = root + "/etc/pve";
        paths.corosync_conf = root + "/etc/corosync/corosync.conf";
        return paths;
    }
};

}  // namespace cfs::daemon
