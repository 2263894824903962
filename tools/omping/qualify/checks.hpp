#pragma once
// The checks, a function each, and what they share. Internal to the qualifier's verdict.

#include <fmt/format.h>

#include <string>

#include "tools/omping/qualify/verdict.hpp"

namespace tools::omping::qualify {

inline constexpr double kLossLimit = 1;  // percent
inline constexpr char kNothingMeasured[] = "no host answered";

// The worst value among the peers, and whose it is.
struct Worst {
    double value = -1;
    std::string where;

    void take(double other, const std::string& place) {
        if (other > value) *this = {other, place};
    }
    bool any() const { return value >= 0; }
    std::string with(const std::string& text) const { return where.empty() ? text : text + " (" + where + ")"; }
};

template <typename Function>
Worst worst_test(const Results& results, Function value) {
    Worst out;
    for (const PeerResult& peer : results.peers) {
        for (const TestResult& test : peer.tests) {
            if (test.usable()) out.take(value(test), fmt::format("{}, {} test", peer.name, test.name));
        }
    }
    return out;
}

std::string milliseconds_text(double us);
Check untested(Check check, const std::string& reason, const std::string& advice = {});

// check_hosts.cpp
Check reachability(const Results& results);
Check same_subnet(const Results& results);
Check answer_rate(const Results& results);
Check clock(const Results& results);
// check_loss.cpp
Check unicast_loss(const Results& results);
Check group_loss(const Results& results);
Check group_startup(const Results& results);
// check_times.cpp
Check rtt_p99(const Results& results);
Check rtt_max(const Results& results);
Check duplicates(const Results& results);
Check headroom(const Results& results, const TokenEstimate& token);
// check_group.cpp
Check group_life(const Results& results);
Check querier(const Results& results);
// check_sizes.cpp
Check mtu(const Results& results);

}  // namespace tools::omping::qualify
