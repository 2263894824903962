#pragma once
// The ssh and certificate files of this node, as create, add and updatecerts bring them up to date.
// Spec pvecm.md sections 4.1, 10.2 and 13.

#include "pvecm/host/context.hpp"

namespace pvecm {

// What a node must have to become a member, so that nothing is missed half way. Throws Error.
void require_setup(const Context& context);

// Before anything is asked of other nodes: sshd, root's key, the shared authorized_keys.
void prepare_ssh(const Context& context);

// Needs quorum. Says what it does unless `silent`.
void update_node_files(const Context& context, bool force, bool silent);

}  // namespace pvecm
