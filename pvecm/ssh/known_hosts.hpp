#pragma once
// The host keys the cluster shares. Spec pvecm.md section 13.5.

#include <string>

#include "pvecm/host/paths.hpp"

namespace pvecm::ssh {

struct HostIdentity {
    std::string name, address;  // as they are looked up, in lower case
    std::string key;            // "ssh-rsa AAAA..."
};

// Lines of known_hosts files, every host once, with the own keys and without old ones of this host.
std::string merged_known_hosts(const std::string& lines, const HostIdentity& own);

// Throws Error unless this host has the key that is merged.
void require_host_key(const Paths& paths);
// Merges into the store's file; the system's becomes a link to it. Also writes the node's own file.
void merge_known_hosts(const Paths& paths, const std::string& node, const std::string& address);
// Makes the system's file one of its own, for the time the store is down.
void unmerge_known_hosts(const Paths& paths);

}  // namespace pvecm::ssh
