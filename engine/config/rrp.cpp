#include "engine/config/rrp.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/config/error.hpp"

namespace engine::config {
namespace {

constexpr std::uint32_t kMinimumTimeout = 30;
constexpr std::uint32_t kMinimumThreshold = 2;
constexpr std::uint32_t kExpired = 47;  // ms

std::optional<std::string> timeout_violation(const char* what, std::uint32_t value) {
    if (value >= kMinimumTimeout) return std::nullopt;
    return fmt::format("The RRP {} timeout parameter ({} ms) may not be less than ({} ms).", what, value,
                       kMinimumTimeout);
}

std::optional<std::string> threshold_violation(const char* what, std::uint32_t value) {
    if (value >= kMinimumThreshold) return std::nullopt;
    return fmt::format("The RRP {} threshold ({} problem count) may not be less than ({} problem count).", what, value,
                       kMinimumThreshold);
}

}  // namespace

totem::rrp::Parameters read_rrp_parameters(const cmap::Map& map, std::uint32_t token_retransmit) {
    const totem::rrp::Parameters defaults;
    const auto setting = [&map](const char* key, std::uint32_t fallback) {
        const auto value = map.get_number<std::uint32_t>(fmt::format("totem.rrp_{}", key)).value_or(0);
        return value != 0 ? value : fallback;
    };
    totem::rrp::Parameters out;
    out.problem_count_timeout = setting("problem_count_timeout", defaults.problem_count_timeout);
    out.problem_count_threshold = setting("problem_count_threshold", defaults.problem_count_threshold);
    out.problem_count_mcast_threshold = setting("problem_count_mcast_threshold", out.problem_count_threshold * 10);
    // 2.x waits token_retransmit, and a ring of five nodes in mode active then loses its token to a network that is
    // dead but not faulty yet (totem-rrp.md section 7.8).
    out.token_expired_timeout = setting("token_expired_timeout", std::min(kExpired, token_retransmit));
    out.autorecovery_check_timeout = setting("autorecovery_check_timeout", defaults.autorecovery_check_timeout);
    return out;
}

totem::rrp::Mode read_rrp_mode(const cmap::Map& map) {
    const std::string name = map.get_string("totem.rrp_mode").value_or("none");
    for (const auto mode : {totem::rrp::Mode::none, totem::rrp::Mode::passive, totem::rrp::Mode::active}) {
        if (name == name_of(mode)) return mode;
    }
    throw validation_error(
        fmt::format("The RRP mode \"{}\" specified is invalid.  It must be none, active, or passive.", name));
}

std::optional<std::string> rrp_violation(const totem::rrp::Parameters& p) {
    if (auto text = timeout_violation("problem count", p.problem_count_timeout)) return text;
    if (auto text = threshold_violation("problem count", p.problem_count_threshold)) return text;
    if (auto text = threshold_violation("multicast problem count", p.problem_count_mcast_threshold)) return text;
    return timeout_violation("token expired", p.token_expired_timeout);
}

}  // namespace engine::config
