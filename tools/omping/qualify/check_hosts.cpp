// Who is there, and how.
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {

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

}  // namespace tools::omping::qualify
