// How long packets take, and the token with them.
#include <algorithm>

#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {
namespace {

constexpr double kRttLimitUs = 2000;

}  // namespace

Check rtt_p99(const Results& results) {
    Check check{"rtt_p99", "round trip time", "", "mean and p99 < 2 ms", Verdict::pass, "", ""};
    const auto p99 =
        worst_test(results, [](const TestResult& test) { return std::max(test.unicast.p99_us, test.group.p99_us); });
    const auto mean =
        worst_test(results, [](const TestResult& test) { return std::max(test.unicast.mean_us, test.group.mean_us); });
    if (!p99.any() || p99.value == 0) return untested(check, kNothingMeasured);
    check.value = p99.with(fmt::format("mean {}, p99 {}", milliseconds_text(mean.value), milliseconds_text(p99.value)));
    if (p99.value < kRttLimitUs) return check;
    check.verdict = mean.value < kRttLimitUs ? Verdict::warn : Verdict::fail;
    check.reason =
        mean.value < kRttLimitUs ? "one packet in a hundred takes 2 ms or more" : "packets take 2 ms or more";
    check.advice =
        "A cluster belongs on one local network: no WAN, VPN or wireless link between the nodes, no saturated link "
        "shared with storage or backup. Busy hosts delay packets, too: look at their load.";
    return check;
}

Check rtt_max(const Results& results) {
    const double token_us = results.token_ms() * 1000.0;
    Check check{"rtt_max",
                "longest round trip",
                "",
                fmt::format("< {:.0f} ms, a quarter of the token timeout", token_us / 4000),
                Verdict::pass,
                "",
                ""};
    const auto longest =
        worst_test(results, [](const TestResult& test) { return std::max(test.unicast.max_us, test.group.max_us); });
    if (!longest.any() || longest.value == 0) return untested(check, kNothingMeasured);
    check.value = longest.with(milliseconds_text(longest.value));
    if (longest.value < token_us / 4) return check;
    check.verdict = longest.value < token_us / 2 ? Verdict::warn : Verdict::fail;
    check.reason = "a delay like that brings the token near its timeout";
    check.advice =
        "Find what stops packets for so long (spanning tree, bonding failover, an overloaded host), or raise "
        "the token timeout.";
    return check;
}

Check duplicates(const Results& results) {
    Check check{
        "duplicates", "duplicates and reordering", "", "none; fail above 1 % duplicates", Verdict::pass, "", ""};
    const auto share = [](const CastSummary& cast) {
        return cast.received == 0 ? 0.0
                                  : 100.0 * static_cast<double>(cast.duplicates) / static_cast<double>(cast.received);
    };
    const auto twice =
        worst_test(results, [&](const TestResult& test) { return std::max(share(test.unicast), share(test.group)); });
    const auto late = worst_test(results, [](const TestResult& test) {
        return static_cast<double>(test.unicast.reordered + test.group.reordered);
    });
    if (!twice.any()) return untested(check, kNothingMeasured);
    check.value = fmt::format("{:.2f} % duplicates, {:.0f} reordered", twice.value, late.value);
    if (twice.value == 0 && late.value == 0) return check;
    check.verdict = twice.value > 1 ? Verdict::fail : Verdict::warn;
    check.reason = twice.value > 0 ? fmt::format("packets arrive twice ({})", twice.where)
                                   : fmt::format("packets overtake each other ({})", late.where);
    check.advice =
        "Look for a loop, a bond in a mode its switch does not know (balance-rr), or two paths in use at once.";
    return check;
}

Check headroom(const Results& results, const TokenEstimate& token) {
    Check check{"headroom", "token timeout / rotation", "", ">= 20; fail below 5", Verdict::pass, "", ""};
    if (!token.known) return untested(check, kNothingMeasured);
    check.value = fmt::format("{:.0f} ({} ms / {} at p99)", token.headroom, results.token_ms(),
                              milliseconds_text(token.rotation_p99_us));
    if (token.headroom >= 20) return check;
    check.verdict = token.headroom >= 5 ? Verdict::warn : Verdict::fail;
    check.reason = "the token takes long for its timeout: a short disturbance will look like the loss of a node";
    check.advice =
        fmt::format("Set the token timeout to {} ms or more, or make the network faster.", token.suggested_ms);
    return check;
}

}  // namespace tools::omping::qualify
