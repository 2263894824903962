#include "totem/srp/parameters.hpp"

#include <limits>

namespace totem::srp {
namespace {

constexpr std::uint32_t kTick = 10;  // ms, 1000 / HZ
constexpr std::uint32_t kMinimum = 3 * kTick;
constexpr std::uint32_t kMinimumHoldV3 = 14;

using Setting = std::optional<std::uint32_t>;

// Keys for which 0 means "default".
std::uint32_t positive_or(const Setting& setting, std::uint32_t fallback) {
    return setting.value_or(0) != 0 ? *setting : fallback;
}

std::uint32_t scaled_token(std::uint32_t token, std::uint32_t coefficient, std::size_t members) {
    if (members <= 2) return token;
    const std::uint64_t scaled = token + std::uint64_t{members - 2} * coefficient;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(scaled, static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())));
}

std::uint32_t derived_retransmit(std::uint32_t token, std::uint32_t retransmits) {
    return static_cast<std::uint32_t>(token / (retransmits + 0.2));
}

std::uint32_t derived_hold(std::uint32_t token_retransmit) {
    const double hold = token_retransmit * 0.8 - kTick;
    return hold > 0 ? static_cast<std::uint32_t>(hold) : 0;
}

// Rounded to single precision before it is cut: 1.2 * 3650 must give 4380.
std::uint32_t derived_consensus(std::uint32_t token) {
    return static_cast<std::uint32_t>(static_cast<float>(1.2 * token));
}

std::string below(const char* name, std::uint32_t value, std::uint32_t bound) {
    return std::string("The ") + name + " parameter (" + std::to_string(value) + " ms) may not be less than (" +
           std::to_string(bound) + " ms).";
}

}  // namespace

Parameters derive(const Settings& s, Dialect dialect, std::size_t members) {
    const bool v3 = dialect == Dialect::v3;
    Parameters p;
    p.token = scaled_token(positive_or(s.token, v3 ? 3000 : 1000), s.token_coefficient.value_or(650), members);
    p.token_warning = v3 ? s.token_warning.value_or(75) : 0;
    p.token_retransmits_before_loss_const = positive_or(s.token_retransmits_before_loss_const, 4);
    p.token_retransmit =
        positive_or(s.token_retransmit, derived_retransmit(p.token, p.token_retransmits_before_loss_const));
    p.hold = positive_or(s.hold, derived_hold(p.token_retransmit));
    p.join = positive_or(s.join, 50);
    p.send_join = s.send_join.value_or(0);
    p.consensus = positive_or(s.consensus, derived_consensus(p.token));
    p.merge = positive_or(s.merge, 200);
    p.downcheck = positive_or(s.downcheck, 1000);
    p.fail_recv_const = positive_or(s.fail_recv_const, 2500);
    p.fail_recv_floor = p.token;
    p.seqno_unchanged_const = positive_or(s.seqno_unchanged_const, 30);
    p.heartbeat_failures_allowed = s.heartbeat_failures_allowed.value_or(0);
    p.max_network_delay = positive_or(s.max_network_delay, 50);
    p.window_size = positive_or(s.window_size, 50);
    p.max_messages = positive_or(s.max_messages, 17);
    p.miss_count_const = positive_or(s.miss_count_const, 5);
    p.cancel_token_hold_on_retransmit = s.cancel_token_hold_on_retransmit.value_or(false);
    return p;
}

// The order is that of corosync-conf.md section 10.
std::optional<std::string> violation(const Parameters& p, const Settings& settings, Dialect dialect) {
    const bool v3 = dialect == Dialect::v3;
    const std::uint32_t minimum_hold = v3 ? kMinimumHoldV3 : kMinimum;
    if (p.max_network_delay < kMinimum) return below("max_network_delay", p.max_network_delay, kMinimum);
    if (p.token < kMinimum) return below("token timeout", p.token, kMinimum);
    if (v3 && p.token_warning > 100) {
        return "The token warning parameter (" + std::to_string(p.token_warning) +
               "%) must be between 0 (disabled) and 100.";
    }
    if (p.token_retransmit < kMinimum) {
        if (v3 && settings.token_retransmit.value_or(0) == 0) {
            return "Not appropriate token or token_retransmits_before_loss_const value set";
        }
        return below("token retransmit timeout", p.token_retransmit, kMinimum);
    }
    if (p.hold < minimum_hold) return below("token hold timeout", p.hold, minimum_hold);
    if (p.join < kMinimum) return below("join timeout", p.join, kMinimum);
    if (p.consensus < kMinimum) return below("consensus timeout", p.consensus, kMinimum);
    if (p.consensus < p.join) {
        return "The consensus timeout parameter (" + std::to_string(p.consensus) +
               " ms) may not be less than join timeout (" + std::to_string(p.join) + " ms).";
    }
    if (p.merge < kMinimum) return below("merge timeout", p.merge, kMinimum);
    if (p.downcheck < kMinimum) return below("downcheck timeout", p.downcheck, kMinimum);
    return std::nullopt;
}

}  // namespace totem::srp
