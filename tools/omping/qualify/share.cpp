// Results for each other, with who qualifies, too.
#include <fmt/format.h>

#include <algorithm>

#include "tools/omping/qualify/peer.hpp"
#include "tools/omping/qualify/qualifier.hpp"

namespace tools::omping::qualify {

using namespace std::chrono_literals;

void Qualifier::share() {
    const auto others = std::ranges::count_if(results_.peers, &PeerResult::qualifies);
    progress_.begin(fmt::format("exchanging results with {} hosts; interrupt to go without", others));
    presence_ = encode(Presence{true});
    for (std::size_t host = 0; host < peers_.size(); ++host)
        peers_[host].own_reports = reports_for(results_);
    ClientSettings settings{hosts_.group};
    begin_clients(settings);
    while (!interrupted() && !share_step()) {
    }
}

// True when nobody is left to talk to.
bool Qualifier::share_step() {
    constexpr Duration kSilent = 10s;
    constexpr unsigned kTries = 20;
    bool over = true;
    const Now now = clock_now();
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        PeerResult& result = results_.peers[host];
        Peer& peer = peers_[host];
        if (!result.qualifies) continue;
        const bool gone = now.monotonic - peer.asked_at > kSilent;
        const bool told = peer.own_reports.empty() || peer.share_tries >= kTries ||
                          node_.client(host).state() == Client::State::stopped;
        if (!told) {
            ++peer.share_tries;
            std::vector<Option> next;
            if (!peer.own_reports.empty()) next = options_of(peer.own_reports.back());
            set_extra(host, std::move(next));
            node_.tick(host, now);
        }
        over = over && told && (peer.done || gone);
    }
    if (!over) pump(300ms);
    return over;
}

}  // namespace tools::omping::qualify
