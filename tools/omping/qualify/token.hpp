#pragma once
// How long the token will take around the ring, from round trips. Spec omping.md section 14.4.

#include "tools/omping/qualify/results.hpp"

namespace tools::omping::qualify {

struct TokenEstimate {
    double rotation_us = 0, rotation_p99_us = 0;
    unsigned hops = 0, measured = 0;  // hops of the ring, and those whose round trip is known; the others: our median
    double timeout_ms = 0, headroom = 0;
    double messages_per_second = 0;  // a full window each rotation
    std::uint32_t suggested_ms = 0;  // `token` for this number of nodes: headroom 20, at least the default
    bool known = false;
};

TokenEstimate estimate_token(const Results& results);

}  // namespace tools::omping::qualify
