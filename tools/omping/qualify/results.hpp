#pragma once
// All that was measured, as the verdict and the reports take it. A value.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/omping/qualify/cluster.hpp"
#include "tools/omping/qualify/exchange.hpp"
#include "tools/omping/qualify/igmp.hpp"
#include "tools/omping/qualify/mtu.hpp"
#include "tools/omping/qualify/recording.hpp"

namespace tools::omping::qualify {

// With default timers a switch forgets a member that nobody asks after 2 x 125 + 10 s.
inline constexpr double kMembershipSeconds = 260;

struct TestResult {
    std::string name;  // "burst" or "long"
    double interval_ms = 0;
    std::uint64_t wanted = 0;              // queries
    double started_s = 0;                  // since the group was joined
    std::optional<double> group_setup_ms;  // first query to first answer of the group
    CastSummary unicast, group;
    std::vector<float> unicast_us, group_us;  // by query
    std::optional<Silence> silence;
    bool stopped = false;  // by the peer, before its end

    bool usable() const { return unicast.sent > 0; }
    bool complete() const { return !stopped && unicast.sent >= wanted; }
};

struct PeerResult {
    std::string name;
    Address address;
    bool reachable = false, same_subnet = false;
    bool qualifies = false;              // runs this test, too
    bool limits_rate = false;            // answers no burst
    std::optional<Address> other_group;  // it refused ours
    std::vector<TestResult> tests;
    MtuResult mtu;
    std::optional<double> clock_offset_ms;  // theirs minus ours
    std::vector<PairReport> reports;        // what it measured with others

    const TestResult* test(const std::string& wanted) const;
};

struct Results {
    std::int64_t started = 0;  // seconds since 1970
    bool interrupted = false;
    Cluster cluster;
    std::string method;  // asm, ssm, ipbc
    Address group;
    std::uint16_t port = 0;
    std::string own_name;
    Address own_address;
    std::string interface;
    unsigned interface_mtu = 0;
    std::size_t position = 0;  // among the peers, in the order of the command line
    std::vector<PeerResult> peers;
    IgmpResult igmp;
    double turnaround_us = 50;                 // from reception to answer, in this process
    std::optional<std::uint64_t> turnarounds;  // how many were measured

    bool ipv6() const { return own_address.is_v6(); }
    std::size_t nodes() const { return peers.size() + 1; }
    std::uint32_t token_ms() const { return cluster.token_ms.value_or(default_token_ms(nodes())); }
    const PeerResult* peer(const Address& address) const;
};

// What we measured with one peer, for the others; all its tests together.
PairReport report_of(const PeerResult& peer);

}  // namespace tools::omping::qualify
