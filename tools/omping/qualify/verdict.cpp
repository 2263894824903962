#include "tools/omping/qualify/verdict.hpp"

#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {
namespace {

// A cluster that talks unicast alone may run without groups.
void excuse_group(const Results& results, Judgement& judgement) {
    if (results.cluster.needs_group) return;
    for (Check& check : judgement.checks) {
        const bool about_group = check.id.starts_with("group_") || check.id == "querier";
        if (about_group && check.verdict != Verdict::pass) {
            check.verdict = Verdict::not_tested;
            check.reason = "not needed with transport udpu: " + check.reason;
        }
    }
}

}  // namespace

std::string milliseconds_text(double us) {
    return fmt::format("{:.3f} ms", us / 1000);
}

Check untested(Check check, const std::string& reason, const std::string& advice) {
    check.verdict = Verdict::not_tested;
    check.value = "-";
    check.reason = reason;
    check.advice = advice;
    return check;
}

Judgement judge(const Results& results, const TokenEstimate& token) {
    Judgement out;
    out.checks = {reachability(results),    same_subnet(results),   answer_rate(results), unicast_loss(results),
                  group_loss(results),      group_startup(results), group_life(results),  querier(results),
                  rtt_p99(results),         rtt_max(results),       duplicates(results),  mtu(results),
                  headroom(results, token), clock(results)};
    excuse_group(results, out);
    for (const Check& check : out.checks) {
        if (check.verdict == Verdict::fail || (check.verdict == Verdict::warn && out.overall == Verdict::pass)) {
            out.overall = check.verdict;
        }
    }
    return out;
}

const char* name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "PASS";
        case Verdict::not_tested:
            return "NOT TESTED";
        case Verdict::warn:
            return "WARN";
        case Verdict::fail:
            break;
    }
    return "FAIL";
}

int exit_status(Verdict overall) {
    constexpr int kWarn = 10, kFail = 11;
    return overall == Verdict::fail ? kFail : overall == Verdict::warn ? kWarn : 0;
}

}  // namespace tools::omping::qualify
