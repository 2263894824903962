// Which packets pass.
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "tools/omping/qualify/checks.hpp"

namespace tools::omping::qualify {

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

}  // namespace tools::omping::qualify
