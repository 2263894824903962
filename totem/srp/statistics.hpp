#pragma once
// Counters of the single ring, spec totem-srp.md section 23. Names are those of the stats map.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "totem/base/time.hpp"

namespace totem::srp {

// How long the token took to come round, holds of an idle ring included: counted since the ring was made, whatever
// else is cleared.
struct RotationHistogram {
    // Inclusive upper bounds, microseconds. Close enough together that a quantile is known within a half.
    static constexpr std::array<std::uint32_t, 31> kBounds = {
        100,       150,       200,       300,       500,       700,      //
        1'000,     1'500,     2'000,     3'000,     5'000,     7'000,    //
        10'000,    15'000,    20'000,    30'000,    50'000,    70'000,   //
        100'000,   150'000,   200'000,   300'000,   500'000,   700'000,  //
        1'000'000, 1'500'000, 2'000'000, 3'000'000, 5'000'000, 7'000'000, 10'000'000};

    void add(Duration rotation) {
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(rotation).count();
        const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), passed);
        ++counts[static_cast<std::size_t>(bound - kBounds.begin())];
        sum += rotation;
    }

    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // not cumulative; the last: above all bounds
    Duration sum{0};
};

struct Statistics {
    std::uint64_t orf_token_tx = 0, orf_token_rx = 0;
    std::uint64_t memb_merge_detect_tx = 0, memb_merge_detect_rx = 0;
    std::uint64_t memb_join_tx = 0, memb_join_rx = 0;
    std::uint64_t mcast_tx = 0, mcast_retx = 0, mcast_rx = 0;
    std::uint64_t memb_commit_token_tx = 0, memb_commit_token_rx = 0;
    std::uint64_t token_hold_cancel_tx = 0, token_hold_cancel_rx = 0;
    std::uint64_t operational_entered = 0, gather_entered = 0, commit_entered = 0, recovery_entered = 0;
    std::uint64_t operational_token_lost = 0, gather_token_lost = 0, commit_token_lost = 0, recovery_token_lost = 0;
    std::uint64_t consensus_timeouts = 0;
    std::uint64_t rx_msg_dropped = 0;
    std::uint32_t continuous_gather = 0;
    std::uint32_t mtt_rx_token = 0;        // ms, mean over the last up to 100 tokens
    std::uint32_t avg_token_workload = 0;  // ms
    std::uint32_t avg_backlog_calc = 0;
    std::uint64_t time_since_token_last_received = 0;  // ms
    // Ours: datagrams refused by the decoder or by a sanity check of the machine (section 7, 14).
    std::uint64_t rx_malformed = 0, rx_implausible = 0;
    RotationHistogram rotation;
};

}  // namespace totem::srp
