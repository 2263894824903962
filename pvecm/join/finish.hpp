#pragma once
// The part of a join that changes this node: from the cluster's files to a running member. It can be interrupted
// anywhere; doing it again goes on, or it is taken back. Spec pvecm.md section 6.4. Errors are Error.

#include <chrono>
#include <optional>
#include <string>

#include "pvecm/host/context.hpp"

namespace pvecm::join {

struct ClusterFiles {
    std::string authkey, conf;
};

// Has the node's own database been put aside? From then on a join can only go on or be undone.
bool database_replaced(const Paths& paths);

// The cluster's files and an empty store; the old database is kept until `settle`.
void replace_store(const Context& context, const ClusterFiles& files);

// If this is not the key that the node got: it has this one now, and its engine is stopped.
void renew_key(const Context& context, const std::string& key);

// Starts what is needed and waits for quorum; then the node's own files in the store. `limit`: of the wait.
void enter_cluster(Context& context, std::optional<std::chrono::seconds> limit);

// No join is open: the old database is of no use any more.
void settle(const Context& context);

// The node as it was: its own store, no engine.
void undo(const Context& context);

}  // namespace pvecm::join
