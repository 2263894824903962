// What does not arrive.
#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {
namespace {

Check loss_check(Check check, const Worst& worst, const std::string& advice) {
    check.limit = "0 %; fail from 1 %";
    if (!worst.any()) return untested(check, kNothingMeasured);
    check.value = worst.with(fmt::format("{:.2f} %", worst.value));
    if (worst.value == 0) return check;
    check.verdict = worst.value < kLossLimit ? Verdict::warn : Verdict::fail;
    check.reason = worst.value < kLossLimit ? "some answers were lost" : "1 % or more of the answers were lost";
    check.advice = advice;
    return check;
}

// Is it group traffic that fails, with unicast clearly better?
bool group_alone_fails(const Results& results) {
    const auto unicast = worst_test(results, [](const TestResult& test) { return test.unicast.loss_percent(); });
    const auto group = worst_test(results, [](const TestResult& test) { return test.group.loss_percent(); });
    return unicast.any() && unicast.value < kLossLimit && group.value > 2 * unicast.value;
}

std::string unicast_advice(const Results& results) {
    const auto gaps =
        worst_test(results, [](const TestResult& test) { return static_cast<double>(test.unicast.longest_gap()); });
    std::string advice =
        "Look for errors and drops of interfaces and switch ports (ip -s link, ethtool -S), duplex, "
        "cables, overload.";
    if (gaps.value >= 20) advice += " The losses come in long runs: a link or a switch that was away for a moment.";
    return advice;
}

std::string group_advice(const Results& results) {
    if (!group_alone_fails(results)) return "Mend the unicast losses first.";
    return "Unicast works, group traffic does not: look at IGMP snooping, storm control and multicast rate limits of "
           "the "
           "switches. A small cluster can do without multicast: transport: udpu.";
}

}  // namespace

Check unicast_loss(const Results& results) {
    return loss_check({"unicast_loss", "unicast loss", "", "", Verdict::pass, "", ""},
                      worst_test(results, [](const TestResult& test) { return test.unicast.loss_percent(); }),
                      unicast_advice(results));
}

Check group_loss(const Results& results) {
    const auto of = [](const TestResult& test) { return test.group.loss_since_first_percent(); };
    return loss_check({"group_loss", "group loss, from the first answer on", "", "", Verdict::pass, "", ""},
                      worst_test(results, of), group_advice(results));
}

Check group_startup(const Results& results) {
    Check check{"group_startup", "group traffic arrives at all", "", "loss < 1 % with start-up", Verdict::pass, "", ""};
    Worst loss, delay;
    for (const PeerResult& peer : results.peers) {
        for (const TestResult& test : peer.tests) {
            if (!test.usable()) continue;
            const std::string where = fmt::format("{}, {} test", peer.name, test.name);
            if (test.group.received == 0) {
                check.value = fmt::format("never ({})", where);
                check.verdict = Verdict::fail;
                check.reason = "no answer to the group was received";
                check.advice = group_advice(results) + fmt::format(" Does a firewall drop UDP port {} to {}?",
                                                                   results.port, results.group.to_string());
                return check;
            }
            if (test.group_setup_ms) delay.take(*test.group_setup_ms, where);
            // What was lost later is another check's.
            if (test.group.loss_since_first_percent() < kLossLimit) loss.take(test.group.loss_percent(), where);
        }
    }
    if (!delay.any() && !loss.any()) return untested(check, kNothingMeasured);
    check.value = delay.any() ? delay.with(fmt::format("after {:.1f} ms", delay.value)) : "yes";
    if (loss.value >= kLossLimit) {
        check.verdict = Verdict::warn;
        check.reason = fmt::format("the group needed time to be set up: {:.2f} % of the first answers were lost ({})",
                                   loss.value, loss.where);
        check.advice = "Harmless if it happens only once; with it at every start look at the switches' IGMP snooping.";
    }
    return check;
}

}  // namespace tools::omping::qualify
