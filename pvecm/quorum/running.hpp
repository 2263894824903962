#pragma once

#include "pvecm/quorum/what_if.hpp"
#include "tools/quorumtool/engine.hpp"

namespace pvecm::quorum {

// The cluster as its engine shows it. Members that the model does not have are left out.
Present present_of(const tools::quorumtool::Picture& picture, const Model& model);

}  // namespace pvecm::quorum
