#pragma once
// Where everything is. Spec pvecm.md section 1.

#include <string>

namespace pvecm {

// `root` goes in front of every path: empty but in tests (environment PVECM_ROOT).
struct Paths {
    std::string root;

    std::string pve(const std::string& name = {}) const { return root + "/etc/pve" + (name.empty() ? "" : "/") + name; }
    std::string cluster_conf() const { return pve("corosync.conf"); }
    std::string node_folder(const std::string& node) const { return pve("nodes/" + node); }

    std::string corosync_folder() const { return root + "/etc/corosync"; }
    std::string local_conf() const { return corosync_folder() + "/corosync.conf"; }
    std::string authkey() const { return corosync_folder() + "/authkey"; }

    std::string store_folder() const { return root + "/var/lib/pve-cluster"; }
    std::string database() const { return store_folder() + "/config.db"; }
    std::string backup_folder() const { return store_folder() + "/backup"; }
    std::string before_separate(const std::string& name = {}) const {
        return store_folder() + "/before-separate" + (name.empty() ? "" : "/") + name;
    }
    std::string journal() const { return store_folder() + "/.pvecm_unfinished"; }

    std::string engine_state() const { return root + "/var/lib/corosync"; }

    std::string lock() const { return root + "/var/lock/pvecm.lock"; }
    std::string settings() const { return root + "/etc/default/pvecm"; }

    std::string root_ssh(const std::string& name) const { return root + "/root/.ssh/" + name; }
    std::string system_ssh(const std::string& name) const { return root + "/etc/ssh/" + name; }
};

}  // namespace pvecm
