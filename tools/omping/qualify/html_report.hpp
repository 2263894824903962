#pragma once
// The report as one page that needs nothing else: no script, no font, no picture from elsewhere.

#include "tools/omping/qualify/verdict.hpp"

namespace tools::omping::qualify {

std::string html_report(const Results& results, const TokenEstimate& token, const Judgement& judgement);

}  // namespace tools::omping::qualify
