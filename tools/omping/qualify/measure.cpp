// The two tests: many queries at once, and one a second for a long time.
#include <fmt/format.h>

#include <algorithm>

#include "tools/omping/qualify/peer.hpp"
#include "tools/omping/qualify/qualifier.hpp"

namespace tools::omping::qualify {
namespace {

constexpr Duration kDrain = std::chrono::seconds(1);  // for the last answers

}  // namespace

using namespace std::chrono_literals;

void Qualifier::test(const std::string& name, milliseconds interval, std::uint64_t count) {
    progress_.begin(fmt::format("{} test: {} queries, {} ms apart", name, count, interval.count()));
    // Without a count: a client that has stopped hears no late answers.
    ClientSettings settings{hosts_.group, interval, {}, DuplicateRing::slots_for(interval)};
    settings.ask_time = interval >= kLongInterval;
    begin_clients(settings);
    testing_ = true;
    const double started_s = seconds_of(clock_now().monotonic - joined_at_);
    run_test(name, interval, count);
    testing_ = false;
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        if (!peers_[host].takes_part(name, results_.peers[host])) continue;
        TestResult result = peers_[host].result(name, interval, count);
        result.started_s = started_s;
        results_.peers[host].tests.push_back(std::move(result));
    }
    // A group that never arrives says nothing about who prunes it.
    const bool arrives = std::ranges::any_of(results_.peers, [](const PeerResult& peer) {
        return std::ranges::any_of(peer.tests, [](const TestResult& each) { return each.group.received > 0; });
    });
    if (!arrives && results_.igmp.flooding == Flooding::pruned) results_.igmp.flooding = Flooding::unknown;
}

void Qualifier::run_test(const std::string& name, milliseconds interval, std::uint64_t count) {
    const auto takes_part = [&](std::size_t host) { return peers_[host].takes_part(name, results_.peers[host]); };
    const auto over = [&](std::size_t host) {
        const Client& client = node_.client(host);
        return !takes_part(host) || client.state() == Client::State::stopped || client.sent() >= count;
    };
    Instant next = clock_now().monotonic;
    const Instant end = next + count * interval * 3 / 2 + 2 * kJoinLimit;
    while (!interrupted() && next < end && !all_of_reachable(over)) {
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            if (over(host)) continue;
            node_.tick(host, clock_now());
            peers_[host].note_sent(node_.client(host).sequence());
        }
        next = std::max<Instant>(next + interval, clock_now().monotonic);
        while (!interrupted() && waiter_.wait(next)) {
        }
        progress_.update();
    }
    pump(kDrain, [&] { return all_of_reachable([&](std::size_t host) { return peers_[host].heard_all(); }); });
}

}  // namespace tools::omping::qualify
