#pragma once
// What speaks against separating this node now, and what the documentation only warns of. Spec pvecm.md section 16.

#include <string>
#include <vector>

#include "pvecm/host/context.hpp"

namespace pvecm::separate {

// Empty if nothing does. `context.check_store` has been called.
std::vector<std::string> findings(const Context& context);

// The storages of that storage.cfg that the node shares with others.
std::vector<std::string> shared_storages(const std::string& storage_cfg, const std::string& node);

}  // namespace pvecm::separate
