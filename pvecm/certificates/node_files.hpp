#pragma once
// What a node needs in the store: folders, keys, certificates. Spec pvecm.md section 13.6.

#include <string>

#include "pvecm/host/paths.hpp"

namespace pvecm::certificates {

void make_node_folders(const Paths& paths, const std::string& node);

// All that is missing; the node's certificate also if `force`, or if the authority is new.
void make_node_files(const Paths& paths, const std::string& node, const std::string& address, bool force);

}  // namespace pvecm::certificates
