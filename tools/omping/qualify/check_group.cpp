// Whether group traffic goes on: switches that snoop, and who asks them to remember.
#include <algorithm>

#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {
namespace {

// A querier asks every 125 s; one that was not heard in this time is not there.
constexpr double kQuerierSeconds = 135;

}  // namespace

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

}  // namespace tools::omping::qualify
