#include "tools/omping/qualify/results.hpp"

#include <algorithm>
#include <cmath>

namespace tools::omping::qualify {
namespace {

std::uint32_t rounded(double us) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(us, 0.0, 4e9)));
}

}  // namespace

const TestResult* PeerResult::test(const std::string& wanted) const {
    const auto found = std::ranges::find(tests, wanted, &TestResult::name);
    return found == tests.end() || !found->usable() ? nullptr : &*found;
}

const PeerResult* Results::peer(const Address& address) const {
    const auto found =
        std::ranges::find_if(peers, [&](const PeerResult& each) { return same_host(each.address, address); });
    return found == peers.end() ? nullptr : &*found;
}

PairReport report_of(const PeerResult& peer) {
    PairReport out;
    out.to = peer.address;
    for (const TestResult& test : peer.tests) {
        out.unicast_sent += static_cast<std::uint32_t>(test.unicast.sent);
        out.unicast_received += static_cast<std::uint32_t>(test.unicast.received);
        out.group_sent += static_cast<std::uint32_t>(test.group.sent);
        out.group_received += static_cast<std::uint32_t>(test.group.received);
        // The worse of the tests.
        const auto worse = [](std::uint32_t& to, double us) { to = std::max(to, rounded(us)); };
        worse(out.unicast_p50_us, test.unicast.p50_us);
        worse(out.unicast_p99_us, test.unicast.p99_us);
        worse(out.unicast_max_us, test.unicast.max_us);
        worse(out.group_p50_us, test.group.p50_us);
        worse(out.group_p99_us, test.group.p99_us);
        worse(out.group_max_us, test.group.max_us);
    }
    return out;
}

}  // namespace tools::omping::qualify
