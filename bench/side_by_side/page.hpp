#pragma once
// What a run says, as one HTML page that needs nothing else.

#include <string>

#include "bench/side_by_side/result.hpp"

namespace bench {

std::string page(const Results& results);

}  // namespace bench
