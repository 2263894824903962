#pragma once
// Parameters of the single-ring protocol: configured values, defaults, derivation, validation.
// Spec totem-srp.md section 2, corosync-conf.md sections 3.3 and 10.

#include <cstdint>
#include <optional>
#include <string>

#include "totem/base/time.hpp"
#include "totem/wire/types.hpp"

namespace totem::srp {

// Values in force. Times in milliseconds as configured; use ms() where a Duration is wanted.
struct Parameters {
    std::uint32_t token = 1000;
    std::uint32_t token_warning = 0;  // percent of token, 0 = off
    std::uint32_t token_retransmits_before_loss_const = 4;
    std::uint32_t token_retransmit = 238;
    std::uint32_t hold = 180;
    std::uint32_t join = 50;
    std::uint32_t send_join = 0;
    std::uint32_t consensus = 1200;
    std::uint32_t merge = 200;
    std::uint32_t downcheck = 1000;
    std::uint32_t fail_recv_const = 2500;  // token visits
    // FAILED TO RECEIVE needs fail_recv_const visits *and* this long without aru progress: on a fast
    // ring 2500 visits pass in a fraction of a second. Ours; derived as `token`, 0 = upstream's rule.
    std::uint32_t fail_recv_floor = 1000;
    std::uint32_t seqno_unchanged_const = 30;  // rotations
    std::uint32_t heartbeat_failures_allowed = 0;
    std::uint32_t max_network_delay = 50;
    std::uint32_t window_size = 50;      // messages per rotation, whole ring
    std::uint32_t max_messages = 17;     // messages per token visit, one node
    std::uint32_t miss_count_const = 5;  // token visits
    bool cancel_token_hold_on_retransmit = false;

    bool operator==(const Parameters&) const = default;
};

constexpr Duration ms(std::uint32_t milliseconds) {
    return std::chrono::milliseconds(milliseconds);
}

// What a configuration gives; absent or (where section 3.3 says "0 -> default") 0 selects the default.
struct Settings {
    std::optional<std::uint32_t> token, token_coefficient, token_warning, token_retransmits_before_loss_const,
        token_retransmit, hold, join, send_join, consensus, merge, downcheck, fail_recv_const, seqno_unchanged_const,
        heartbeat_failures_allowed, max_network_delay, window_size, max_messages, miss_count_const;
    std::optional<bool> cancel_token_hold_on_retransmit;
};

// Applies defaults of the dialect, scales token for `members` nodes (the node list of ring 0) and
// derives what was not given.
Parameters derive(const Settings& settings, Dialect dialect, std::size_t members);

// The first violated bound in upstream's words without prefix or newline ("The token timeout
// parameter (10 ms) may not be less than (30 ms)."), nullopt if all hold. `settings` tells whether
// token_retransmit was given explicitly, which selects the text.
std::optional<std::string> violation(const Parameters& parameters, const Settings& settings, Dialect dialect);

}  // namespace totem::srp
