#pragma once
// Values in force of the redundant ring protocol. Spec totem-rrp.md section 2.1; times in milliseconds.

#include <cstdint>
#include <string_view>

namespace totem::rrp {

// How a node uses the networks it has; the same on all nodes.
enum class Mode : std::uint8_t {
    none,     // one network
    passive,  // each packet through one of them, in turn
    active,   // each packet through all of them
};
std::string_view name_of(Mode mode);  // as in the configuration

inline constexpr unsigned kMaxNetworks = 2;

struct Parameters {
    std::uint32_t problem_count_timeout = 2000;
    std::uint32_t problem_count_threshold = 10;
    std::uint32_t problem_count_mcast_threshold = 100;
    std::uint32_t token_expired_timeout = 238;
    std::uint32_t autorecovery_check_timeout = 1000;

    bool operator==(const Parameters&) const = default;
};

}  // namespace totem::rrp
