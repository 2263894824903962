#pragma once
// The report as plain text. A function of values; the last line is "VERDICT: PASS", WARN or FAIL.

#include "tools/omping/qualify/verdict.hpp"

namespace tools::omping::qualify {

std::string text_report(const Results& results, const TokenEstimate& token, const Judgement& judgement);

}  // namespace tools::omping::qualify
