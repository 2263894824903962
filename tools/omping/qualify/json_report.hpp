#pragma once
// The report as JSON, for programs and for the page. Spec omping.md section 14.6.

#include <nlohmann/json_fwd.hpp>

#include "tools/omping/qualify/verdict.hpp"

namespace tools::omping::qualify {

nlohmann::ordered_json json_report(const Results& results, const TokenEstimate& token, const Judgement& judgement);

}  // namespace tools::omping::qualify
