#pragma once
// Do the other nodes have the addresses that a change gives them? A node that has not finds nobody.

#include <functional>
#include <string>
#include <vector>

#include "pvecm/change/plan.hpp"
#include "pvecm/host/store.hpp"

namespace pvecm::change {

// What `ip -o address` prints on a member. Throws Error if it can't be asked.
using AskAddresses = std::function<std::string(const ClusterInfo::Member&)>;
std::string ask_over_ssh(const ClusterInfo::Member& member);

// A sentence about each that is missing, or that nobody could look for. `own`: the node this is, which is not asked.
std::vector<std::string> address_findings(const Plan& plan, const std::string& own, const ClusterInfo& cluster,
                                          const AskAddresses& ask);

}  // namespace pvecm::change
