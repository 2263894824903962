#pragma once
// What the engine is to reach, as ratios to the best real peer, and whether it does.

#include <optional>
#include <string>
#include <vector>

#include "bench/side_by_side/result.hpp"

namespace bench {

struct Target {
    std::string what;
    Cell cell;
    std::string figure;
    std::vector<std::string> ours;  // words for contestants; the first that was measured counts
    bool at_least = true;           // else at most
    double bound = 1;               // of ours / best real peer
};
const std::vector<Target>& targets();

// A contestant's figure against the best of the real ones in the same cell.
struct Ratio {
    const Result* ours = nullptr;
    const Result* best = nullptr;
    double value = 0;          // of medians
    double low = 0, high = 0;  // of single rounds, which were run in turn
    // Of throughput: what it would be if our engines took no time, and only the clients worked.
    std::optional<double> ceiling = std::nullopt;
};
// Nothing without both. A mixed ring is compared with rings of its real member's engine over the same transport.
std::optional<Ratio> ratio_to_best(const Results& results, const Result& ours, const std::string& figure,
                                   bool more_is_better);

struct Verdict {
    const Target* target = nullptr;
    std::optional<Ratio> ratio;  // nothing if it was not measured
    bool met = false;
};
std::vector<Verdict> judge(const Results& results);

}  // namespace bench
