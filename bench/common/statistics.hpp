#pragma once
// How long operations took, and how many there were in a second.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

namespace bench {

struct Speed {
    double per_second = 0;
    double p50_us = 0, p90_us = 0, p99_us = 0, p999_us = 0, max_us = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Speed, per_second, p50_us, p90_us, p99_us, p999_us, max_us)

// Of the operations of some seconds, whichever writers made them; there has to be one.
Speed summarize(std::vector<double> latencies_us, double seconds);

double median(std::vector<double> values);  // 0 of nothing

}  // namespace bench
