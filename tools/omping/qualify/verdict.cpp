#include "tools/omping/qualify/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace tools::omping::qualify {
namespace {

// With default timers a switch forgets a member that nobody asks after 2 x 125 + 10 s.
constexpr double kMembershipSeconds = 260;
// A querier asks every 125 s; one that was not heard in this time is not there.
constexpr double kQuerierSeconds = 135;
constexpr double kLossLimit = 1, kRttLimitUs = 2000;

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

std::string milliseconds_text(double us) {
    return fmt::format("{:.3f} ms", us / 1000);
}

Check untested(Check check, const std::string& reason, const std::string& advice = {}) {
    check.verdict = Verdict::not_tested;
    check.value = "-";
    check.reason = reason;
    check.advice = advice;
    return check;
}

constexpr char kNothingMeasured[] = "no host answered";

// --- hosts

Check reachability(const Results& results) {
    Check check{"reachability", "all hosts answer", "", "all", Verdict::pass, "", ""};
    std::vector<std::string> silent, refused;
    for (const PeerResult& peer : results.peers) {
        if (peer.reachable) continue;
        peer.other_group ? refused.push_back(fmt::format("{} uses {}", peer.name, peer.other_group->to_string()))
                         : silent.push_back(peer.name);
    }
    check.value = fmt::format("{} of {}", results.peers.size() - silent.size() - refused.size(), results.peers.size());
    if (!refused.empty()) {
        check.verdict = Verdict::fail;
        check.reason = fmt::format("another group: {}", fmt::join(refused, ", "));
        check.advice = "Start omping with the same -m, --cluster or --conf on all nodes.";
    }
    if (!silent.empty()) {
        check.verdict = Verdict::fail;
        check.reason = fmt::format("no answer from {}", fmt::join(silent, ", "));
        check.advice = fmt::format(
            "Is omping running there with the same list of hosts? Does a firewall drop UDP port {}? "
            "Is the name or address right?",
            results.port);
    }
    return check;
}

Check same_subnet(const Results& results) {
    Check check{"subnet", "all hosts in one subnet", "yes", "yes", Verdict::pass, "", ""};
    std::vector<std::string> outside;
    for (const PeerResult& peer : results.peers) {
        if (!peer.same_subnet) outside.push_back(peer.name);
    }
    if (outside.empty()) return check;
    check.value = "no";
    check.verdict = Verdict::fail;
    check.reason = fmt::format("{} not in the network of {} ({})", fmt::join(outside, ", "),
                               results.own_address.to_string(), results.interface);
    check.advice = "Give the nodes addresses of one network: multicast of a cluster is not routed.";
    return check;
}

Check answer_rate(const Results& results) {
    Check check{"answer_rate", "hosts answer every query", "yes", "yes", Verdict::pass, "", ""};
    if (std::ranges::none_of(results.peers, &PeerResult::reachable)) return untested(check, kNothingMeasured);
    std::vector<std::string> limiting;
    for (const PeerResult& peer : results.peers) {
        if (peer.limits_rate) limiting.push_back(peer.name);
    }
    if (limiting.empty()) return check;
    check.value = "no";
    check.verdict = Verdict::warn;
    check.reason = fmt::format("{} limits how many queries it answers, so the burst test was left out there",
                               fmt::join(limiting, ", "));
    check.advice = "Run omping --qualify there, too, or start it with -r 0.";
    return check;
}

// --- loss

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

// --- times

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

// --- the group's life

Check group_life(const Results& results) {
    Check check{"group_life",
                "group traffic goes on",
                "yes",
                fmt::format("beyond {:.0f} s", kMembershipSeconds),
                Verdict::pass,
                "",
                ""};
    double longest = 0;
    bool received = false;
    for (const PeerResult& peer : results.peers) {
        for (const TestResult& test : peer.tests) {
            if (!test.usable()) continue;
            received |= test.group.received > 0;
            longest =
                std::max(longest, test.started_s + static_cast<double>(test.unicast.sent) * test.interval_ms / 1000);
            if (!test.silence) continue;
            const double at = test.started_s + test.silence->from * test.interval_ms / 1000;
            const bool expired = at >= 200 && at <= 400;
            check.value = fmt::format("silent from {:.0f} s {} ({}, {} test)", at,
                                      test.silence->to_the_end
                                          ? "to the end"
                                          : fmt::format("for {:.0f} s", test.silence->length * test.interval_ms / 1000),
                                      peer.name, test.name);
            check.verdict = Verdict::fail;
            check.reason = expired || results.igmp.snooping()
                               ? "group traffic ended while unicast went on: a switch with IGMP snooping forgot the "
                                 "members, as nobody asks who they are"
                               : "group traffic ended while unicast went on";
            check.advice =
                "Turn on an IGMP querier in this network (on a switch, or on a Linux bridge: "
                "echo 1 > /sys/class/net/BRIDGE/bridge/multicast_querier), or turn IGMP snooping off.";
            return check;
        }
    }
    if (!received) return untested(check, "no group traffic");
    if (longest < kMembershipSeconds) {
        return untested(check,
                        fmt::format("only {:.0f} s were tested; switches forget members after about {:.0f} s", longest,
                                    kMembershipSeconds),
                        "Run the long test (without --quick) before the cluster goes into service.");
    }
    check.value = fmt::format("for {:.0f} s", longest);
    return check;
}

Check querier(const Results& results) {
    const IgmpResult& igmp = results.igmp;
    Check check{"querier", "IGMP querier", "", "heard, or no snooping", Verdict::pass, "", ""};
    if (results.ipv6()) check.title = "MLD querier";
    if (results.method == "ipbc") return untested(check, "broadcast needs none");
    if (!igmp.queriers.empty()) {
        const Querier& first = igmp.queriers.front();
        check.value = fmt::format("{}, version {}", first.address.to_string(), first.version);
        return check;
    }
    check.value = igmp.listened ? fmt::format("none heard in {:.0f} s", igmp.listened_s) : "not listened for";
    const bool absent = igmp.listened && igmp.listened_s >= kQuerierSeconds;
    const char* advice =
        "Turn on an IGMP querier in this network, on a switch or on a Linux bridge (echo 1 > "
        "/sys/class/net/BRIDGE/bridge/multicast_querier), or turn IGMP snooping off.";
    if (const Bridge* bridge = igmp.snooping_bridge(); bridge != nullptr && igmp.listened) {
        check.verdict = Verdict::fail;
        check.reason = fmt::format(
            "bridge {} of this host snoops (multicast_snooping 1) and there is no querier "
            "(multicast_querier 0, none heard)",
            bridge->name);
        check.advice = advice;
    } else if (igmp.flooding == Flooding::flooded) {
        check.value += ", no snooping";
        check.reason =
            "note: group traffic reaches ports that did not ask for it, so no querier is needed now; one is "
            "when a switch that snoops is added";
    } else if (igmp.flooding == Flooding::pruned && absent) {
        check.verdict = Verdict::fail;
        check.reason =
            "a switch snoops (group traffic did not reach this port before it joined) and there is no querier: "
            "group traffic will end some minutes after each start";
        check.advice = advice;
    } else {
        check.verdict = Verdict::warn;
        check.reason = !igmp.listened ? "cannot listen: " + igmp.why_not
                       : igmp.flooding == Flooding::pruned
                           ? "a switch snoops and no querier was heard yet"
                           : "no querier was heard, and whether a switch snoops is not known";
        check.advice =
            igmp.listened ? "Run the long test (without --quick): queriers ask every 125 s." : "Run this as root.";
    }
    return check;
}

// --- sizes, clocks, the token

Check mtu(const Results& results) {
    const unsigned needed = results.cluster.netmtu - header_size(results.ipv6());
    Check check{
        "mtu", "packet sizes", "", fmt::format("{} bytes in one piece", results.cluster.netmtu), Verdict::pass, "", ""};
    unsigned least = ~0u;
    std::vector<std::string> too_small, blocked, beyond;
    for (const PeerResult& peer : results.peers) {
        if (!peer.mtu.tested) continue;
        least = std::min(least, peer.mtu.path_mtu.value_or(0));
        if (peer.mtu.path_mtu.value_or(0) < results.cluster.netmtu) too_small.push_back(peer.name);
        for (const MtuStep& step : peer.mtu.ladder) {
            const bool group_expected = results.method == "ipbc" || peer.mtu.ladder.front().group;
            if (step.unicast && (step.group || !group_expected)) continue;
            auto& list = step.payload <= needed ? blocked : beyond;
            list.push_back(
                fmt::format("{} bytes {} {}", step.payload, step.unicast ? "to the group" : "unicast", peer.name));
        }
    }
    if (least == ~0u) return untested(check, kNothingMeasured);
    check.value = fmt::format("path MTU {}", least);
    if (!too_small.empty() || !blocked.empty()) {
        check.verdict = Verdict::fail;
        check.reason = !too_small.empty() ? fmt::format("packets of {} bytes do not reach {} in one piece",
                                                        results.cluster.netmtu, fmt::join(too_small, ", "))
                                          : fmt::format("lost: {}", fmt::join(blocked, ", "));
        check.advice = fmt::format(
            "Give all interfaces and switches of this network an MTU of at least {0} (this "
            "interface, {1}, has {2}), or set netmtu: {3} in corosync.conf on all nodes.",
            results.cluster.netmtu, results.interface, results.interface_mtu, std::max(least, 576u));
    } else if (!beyond.empty()) {
        check.verdict = Verdict::warn;
        check.reason = fmt::format("fragments are lost: {}", fmt::join(beyond, ", "));
        check.advice = "The cluster does without, as long as netmtu stays; firewalls should let fragments pass.";
    } else if (results.interface_mtu > least) {
        check.verdict = Verdict::warn;
        check.reason = fmt::format("interface {} has an MTU of {}, the path only {}", results.interface,
                                   results.interface_mtu, least);
        check.advice = "Use one MTU on all hosts and switches of a network.";
    }
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

Check clock(const Results& results) {
    Check check{"clock", "clocks of the hosts", "", "within 100 ms; fail from 1 s", Verdict::pass, "", ""};
    Worst offset;
    for (const PeerResult& peer : results.peers) {
        if (peer.clock_offset_ms) offset.take(std::abs(*peer.clock_offset_ms), peer.name);
    }
    if (!offset.any()) return untested(check, "no host told its time");
    check.value = offset.with(fmt::format("{:.1f} ms", offset.value));
    if (offset.value < 100) return check;
    check.verdict = offset.value < 1000 ? Verdict::warn : Verdict::fail;
    check.reason = "the clocks differ";
    check.advice = "Run a time service (chrony) on all nodes.";
    return check;
}

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
