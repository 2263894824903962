#pragma once
// Where this node takes guests that are moved to it. Spec pvecm.md section 12. Errors are Error.

#include <optional>
#include <string>

#include "pvecm/host/paths.hpp"
#include "pvecm/words.hpp"

namespace pvecm {

// The only address of an interface that is up in that network.
std::string migration_address(const std::string& cidr);

// Listens there on a free port, prints address and port, and runs the command with the first connection as its
// standard streams.
void serve_once(const Paths& paths, const std::string& address, const Words& command);

}  // namespace pvecm
