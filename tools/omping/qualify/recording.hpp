#pragma once
// Every answer of a test with one host, and what they add up to. Values. Spec omping.md section 14.1.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/omping/client.hpp"
#include "tools/omping/statistics.hpp"

namespace tools::omping::qualify {

inline constexpr float kMissing = -1;   // the answer did not come
inline constexpr float kExcluded = -2;  // the query was not measured: the peer had just stopped serving

struct Gap {
    std::uint32_t from = 0, length = 0;  // sequence numbers
};

struct CastSummary {
    std::uint64_t sent = 0, received = 0, duplicates = 0, reordered = 0;
    std::uint32_t reorder_depth = 0;
    std::uint32_t first = 0;  // sequence number of the first answer; 0: none
    std::vector<Gap> gaps;    // between the first answer and the end
    Histogram histogram;
    double min_us = 0, mean_us = 0, max_us = 0, deviation_us = 0;
    double p50_us = 0, p90_us = 0, p99_us = 0, p999_us = 0;
    double jitter_us = 0;  // mean difference of consecutive round trips

    double loss_percent() const;              // exact
    double loss_since_first_percent() const;  // exact, without what was sent before the first answer
    std::uint32_t longest_gap() const;
};

class Recording {
public:
    void sent(std::uint32_t sequence);
    void exclude(std::uint32_t sequence);
    void replied(const Reply& reply);

    // The round trip in us by sequence number, from 1, or kMissing or kExcluded.
    const std::vector<float>& unicast() const { return unicast_.samples; }
    const std::vector<float>& group() const { return group_.samples; }
    CastSummary summary(bool group) const;

private:
    struct Cast {
        std::vector<float> samples;
        std::uint32_t highest = 0, depth = 0;
        std::uint64_t duplicates = 0, reordered = 0;
    };

    Cast unicast_, group_;
};

// Group traffic that ended for good, or for long, while unicast went on: the mark of a switch that forgot who listens.
struct Silence {
    std::uint32_t from = 0;    // sequence number of the first that did not come
    std::uint32_t length = 0;  // queries
    bool to_the_end = false;
};
std::optional<Silence> find_silence(const std::vector<float>& unicast, const std::vector<float>& group,
                                    std::uint32_t least);

}  // namespace tools::omping::qualify
