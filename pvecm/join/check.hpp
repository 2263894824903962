#pragma once
// May this node join a cluster? Spec pvecm.md section 6.1.

#include <map>
#include <string>
#include <vector>

#include "pvecm/host/context.hpp"

namespace pvecm::join {

// `addresses`: what the node is going to use, by what it is called in findings ("ring0"). Empty if it may.
std::vector<std::string> findings(const Context& context, const std::map<std::string, std::string>& addresses);

// About one address; empty if it can be used.
std::string address_finding(const std::string& id, const std::string& host);

// Says what was found. Throws Error unless it may join, or `force`.
void require_joinable(const Context& context, const std::map<std::string, std::string>& addresses, bool force);

}  // namespace pvecm::join
