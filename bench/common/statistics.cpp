#include "bench/common/statistics.hpp"

#include <algorithm>

namespace bench {

Speed summarize(std::vector<double> latencies_us, double seconds) {
    std::sort(latencies_us.begin(), latencies_us.end());
    const auto last = static_cast<double>(latencies_us.size() - 1);
    const auto at = [&](double share) { return latencies_us.at(static_cast<std::size_t>(share * last)); };
    return {static_cast<double>(latencies_us.size()) / seconds, at(0.5), at(0.9), at(0.99), at(0.999), at(1)};
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace bench
