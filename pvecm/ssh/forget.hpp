#pragma once
// Hosts that are no members any more: their keys let nobody in, and their names may be given to others. Spec pvecm.md
// section 16, step 8.

#include <string>
#include <vector>

#include "pvecm/host/paths.hpp"

namespace pvecm::ssh {

struct Host {
    std::string name;
    std::vector<std::string> addresses = {};
};

// Lines of authorized_keys without those whose comment is root at one of them.
std::string without_keys_of(const std::string& lines, const std::vector<Host>& hosts);
// Lines of known_hosts without those about one of them.
std::string without_hosts(const std::string& lines, const std::vector<Host>& hosts);

// Both in the files that the cluster shares.
void forget(const Paths& paths, const std::vector<Host>& hosts);

}  // namespace pvecm::ssh
