#pragma once
// The cluster's key, which has to be the same on all nodes: who has another one is not heard by them.

#include <optional>
#include <string>

#include "pvecm/host/context.hpp"

namespace pvecm {

// The latest that corosync has said here of packets that its key does not fit, and what to do about it. Nothing if it
// has not refused any since it started.
std::optional<std::string> refused_packets(const Context& context);

// Throws Error if a member that can be asked has another key in its file than this node. One that is online and can't
// be asked is said on standard error.
void require_same_key(const Context& context);

}  // namespace pvecm
