#pragma once
// What a run says: tables for a terminal.

#include <string>

#include "bench/side_by_side/result.hpp"

namespace bench {

std::string tables(const Results& results);        // of every cell, with ratios to the best real peer
std::string target_table(const Results& results);  // only those that were measured; "" if none was

std::string number(double value);  // three digits that count

}  // namespace bench
