#pragma once
// The charts of the page, each an inline SVG. Functions of values.

#include "tools/omping/qualify/results.hpp"
#include "tools/omping/qualify/token.hpp"

namespace tools::omping::qualify {

// Round trips of both casts by frequency, with percentiles and the 2 ms line.
std::string histogram_chart(const TestResult& test);
// Round trips and losses over time, with the 260 s mark.
std::string timeline_chart(const TestResult& test);
std::string ladder_chart(const Results& results);
std::string querier_chart(const IgmpResult& igmp);
std::string token_chart(const TokenEstimate& token);

}  // namespace tools::omping::qualify
