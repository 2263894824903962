#pragma once
// Counters of the single ring, spec totem-srp.md section 23. Names are those of the stats map.

#include <cstdint>

namespace totem::srp {

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
};

}  // namespace totem::srp
