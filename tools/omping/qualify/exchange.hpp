#pragma once
// What two qualifiers tell each other in private options of their queries, which an original omping copies into its
// answer and heeds no more. Spec omping.md sections 5 and 14.1.

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/omping/messages.hpp"

namespace tools::omping::qualify {

// In every query: I qualify, and am done with my tests or not.
struct Presence {
    bool done = false;
};
Datagram encode(const Presence& presence);
std::optional<Presence> decode_presence(Bytes value);

// What a node measured with another one, all tests taken together.
struct PairReport {
    Address to;
    std::uint32_t unicast_sent = 0, unicast_received = 0, group_sent = 0, group_received = 0;
    std::uint32_t unicast_p50_us = 0, unicast_p99_us = 0, unicast_max_us = 0;
    std::uint32_t group_p50_us = 0, group_p99_us = 0, group_max_us = 0;

    bool operator==(const PairReport&) const = default;
};
Datagram encode(const PairReport& report);
std::optional<PairReport> decode_report(Bytes value);

}  // namespace tools::omping::qualify
