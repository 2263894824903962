#pragma once

#include <string>
#include <vector>

namespace pvecm {

using Words = std::vector<std::string>;  // of a command line

}  // namespace pvecm
