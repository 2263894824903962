#pragma once
// omping --qualify: tests, judges, reports. Spec omping.md section 14.

#include "tools/omping/hosts.hpp"
#include "tools/omping/qualify/cluster.hpp"

namespace tools::omping::qualify {

// The exit status: 0, 10, 11. Throws Failure.
int qualify(const Options& options, const Selection& hosts, const Cluster& cluster);

}  // namespace tools::omping::qualify
