#pragma once
// What names and interfaces of this host stand for.

#include <string>
#include <vector>

#include "tools/omping/hosts.hpp"

namespace tools::omping {

// version 0: of both. Throws Failure with the resolver's text.
Argument look_up(const std::string& text, int version);
std::vector<Interface> list_interfaces();

}  // namespace tools::omping
