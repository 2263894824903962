// Which sizes of packets pass, in one piece and in fragments.
#include <algorithm>

#include "tools/omping/qualify/peer.hpp"
#include "tools/omping/qualify/qualifier.hpp"

namespace tools::omping::qualify {

using namespace std::chrono_literals;

void Qualifier::find_sizes() {
    progress_.begin("sizes of packets");
    ClientSettings settings{hosts_.group};
    settings.ask_time = true;
    begin_clients(settings);
    connect_clients(kJoinLimit);
    find_path_mtu();
    climb_ladder();
}

// Sends each host a query of its size until it is answered.
void Qualifier::pass_size(unsigned tries, bool group_too) {
    const SessionId session{};
    const Query bare{{}, 0, {}, hosts_.group, session, true, {{Code::qualifier, presence_}, {Code::padding, {}}}};
    const std::size_t overhead = encode_query(bare).size();
    for (Peer& peer : peers_)
        peer.size_passed = peer.size_passed_group = false;
    const auto passed = [&](std::size_t host) {
        const Peer& peer = peers_[host];
        return !peer.size || (peer.size_passed && (!group_too || peer.size_passed_group));
    };
    for (unsigned i = 0; i < tries && !all_of_reachable(passed) && !interrupted(); ++i) {
        bool slow = false;
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            Peer& peer = peers_[host];
            if (!results_.peers[host].reachable || passed(host)) continue;
            padding_.assign(std::max<std::size_t>(*peer.size, overhead) - overhead, 0);
            set_extra(host, {{Code::padding, padding_}});
            if (i == 0) peer.size_from = node_.client(host).sequence() + 1;
            node_.tick(host, clock_now());
            slow |= results_.peers[host].limits_rate;
        }
        pump(slow ? 1300ms : 200ms, [&] { return all_of_reachable(passed); });
    }
}

void Qualifier::find_path_mtu() {
    constexpr unsigned kTries = 3;
    const unsigned header = header_size(results_.ipv6());
    const unsigned least = (results_.ipv6() ? 1280 : 576) - header;
    const unsigned greatest = std::max(least, std::max(hosts_.local.mtu, header) - header);
    std::vector<SizeSearch> searches(peers_.size(), SizeSearch(least, greatest));
    sockets_.dont_fragment(true);
    for (bool going = true; going && !interrupted();) {
        going = false;
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            peers_[host].size = results_.peers[host].reachable ? searches[host].next() : std::nullopt;
            going |= peers_[host].size.has_value();
        }
        if (going) pass_size(kTries, false);
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            if (peers_[host].size) searches[host].result(peers_[host].size_passed);
        }
    }
    sockets_.dont_fragment(false);
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        MtuResult& mtu = results_.peers[host].mtu;
        mtu.tested = results_.peers[host].reachable && !interrupted();
        if (searches[host].found()) mtu.path_mtu = *searches[host].found() + header;
    }
}

void Qualifier::climb_ladder() {
    constexpr unsigned kTries = 4;
    for (const unsigned size : ladder_sizes(results_.cluster.netmtu, results_.ipv6())) {
        if (interrupted()) return;
        for (std::size_t host = 0; host < peers_.size(); ++host)
            peers_[host].size = results_.peers[host].reachable ? std::optional(size) : std::nullopt;
        pass_size(kTries, true);
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            const Peer& peer = peers_[host];
            if (peer.size) results_.peers[host].mtu.ladder.push_back({size, peer.size_passed, peer.size_passed_group});
        }
    }
}

}  // namespace tools::omping::qualify
