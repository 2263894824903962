#include "tools/omping/qualify/token.hpp"

#include <algorithm>
#include <cmath>

namespace tools::omping::qualify {
namespace {

constexpr double kEnough = 20;  // headroom

struct RoundTrip {
    double p50_us = 0, p99_us = 0;
};

// Of the test that puts load on the network, where there is one.
std::optional<RoundTrip> measured(const PeerResult& peer) {
    const TestResult* test = peer.test("burst");
    if (test == nullptr) test = peer.test("long");
    if (test == nullptr || test->unicast.received == 0) return std::nullopt;
    return RoundTrip{test->unicast.p50_us, test->unicast.p99_us};
}

std::optional<RoundTrip> reported(const PeerResult& by, const Address& to) {
    const auto found = std::ranges::find_if(by.reports, [&](const PairReport& each) { return same_host(each.to, to); });
    if (found == by.reports.end() || found->unicast_received == 0) return std::nullopt;
    return RoundTrip{static_cast<double>(found->unicast_p50_us), static_cast<double>(found->unicast_p99_us)};
}

// Between two nodes, measured by either of them.
std::optional<RoundTrip> between(const Results& results, const Address& a, const Address& b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
        const PeerResult* peer = results.peer(to);
        if (same_host(from, results.own_address)) return peer != nullptr ? measured(*peer) : std::nullopt;
    }
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
        const PeerResult* peer = results.peer(from);
        if (peer == nullptr) continue;
        if (const auto found = reported(*peer, to)) return found;
    }
    return std::nullopt;
}

RoundTrip typical(const Results& results) {
    RoundTrip sum;
    unsigned count = 0;
    for (const PeerResult& peer : results.peers) {
        const auto trip = measured(peer);
        if (!trip) continue;
        sum.p50_us += trip->p50_us;
        sum.p99_us += trip->p99_us;
        ++count;
    }
    return count == 0 ? sum : RoundTrip{sum.p50_us / count, sum.p99_us / count};
}

}  // namespace

TokenEstimate estimate_token(const Results& results) {
    TokenEstimate out;
    out.timeout_ms = results.token_ms();
    std::vector<Address> ring = {results.own_address};
    for (const PeerResult& peer : results.peers)
        ring.push_back(peer.address);
    std::ranges::sort(ring);
    const RoundTrip other = typical(results);
    if (other.p50_us == 0) return out;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const auto trip = between(results, ring[i], ring[(i + 1) % ring.size()]);
        ++out.hops;
        out.measured += trip ? 1 : 0;
        out.rotation_us += trip.value_or(other).p50_us / 2 + results.turnaround_us;
        out.rotation_p99_us += trip.value_or(other).p99_us / 2 + results.turnaround_us;
    }
    out.known = true;
    out.headroom = out.timeout_ms * 1000 / out.rotation_p99_us;
    out.messages_per_second = results.cluster.window * 1e6 / out.rotation_us;
    const double wanted_ms = std::ceil(kEnough * out.rotation_p99_us / 1000 / 100) * 100;
    out.suggested_ms = std::max(default_token_ms(results.nodes()), static_cast<std::uint32_t>(wanted_ms));
    return out;
}

}  // namespace tools::omping::qualify
