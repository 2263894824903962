#pragma once
// The steps of separating a node, each of which can be done again. Spec pvecm.md section 16. Errors are Error.

#include <string>
#include <vector>

#include "pvecm/host/context.hpp"

namespace pvecm::separate {

struct Member {
    std::string name, address;
};

// Has the node been separated, or begun to be? What the cluster gave it is kept then.
bool is_saved(const Paths& paths);
std::vector<Member> saved_members(const Paths& paths);  // the others

// From a member, as soon as the journal is written, to a node of its own.
void leave(const Context& context);

// A member again. `conf`: the cluster's corosync.conf now.
void come_back(const Context& context, const std::string& conf);

// Removes the other nodes' folders, keys and host names from this node's store; a copy of the folders is kept.
void forget_others(const Context& context);

}  // namespace pvecm::separate
