#pragma once
// Options that several commands have, in the spellings of both generations: --ring0_addr A is --link0 A.

#include <map>
#include <string>
#include <vector>

#include "pvecm/cli/command.hpp"
#include "pvecm/config/cluster.hpp"

namespace pvecm::commands {

std::vector<Option> link_options();
std::vector<Option> identity_options(long least_votes);  // nodeid, votes
std::vector<Option> joining_options();                   // of a node that comes: identity, force, links
Option json_option();

// Throws Error if one link is given twice.
std::map<unsigned, config::Link> links_of(const Arguments& arguments);
// Says on standard error that a joining node brings no priorities: they are the cluster's.
void warn_about_priorities(const std::map<unsigned, config::Link>& links);
// What the caller called it: "ring0" or "link0".
std::string link_name(const Arguments& arguments, unsigned number);

}  // namespace pvecm::commands
