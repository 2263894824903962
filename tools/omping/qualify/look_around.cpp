// Before and while the group is joined: who is there, who answers all queries, and do switches prune?
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "tools/omping/qualify/peer.hpp"
#include "tools/omping/qualify/qualifier.hpp"
#include "tools/omping/socket_address.hpp"

namespace tools::omping::qualify {
namespace {

constexpr unsigned kTrain = 20;  // queries to see whether a host answers all

}  // namespace

using namespace std::chrono_literals;

void Qualifier::discover() {
    progress_.begin(
        fmt::format("waiting for {} hosts, {} at most", peers_.size(), duration_text(options_.qualify.join_timeout)));
    ClientSettings settings{hosts_.group};
    settings.ask_time = true;
    begin_clients(settings);
    const Instant end = clock_now().monotonic + options_.qualify.join_timeout;
    const auto missing = [&] {
        return std::ranges::any_of(results_.peers, [](const PeerResult& peer) { return !peer.reachable; });
    };
    while (missing() && !interrupted() && clock_now().monotonic < end) {
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            PeerResult& peer = results_.peers[host];
            if (peer.reachable) continue;
            // Told to stop: by an omping that ends, or one with another group; both may be over soon.
            if (node_.client(host).state() == Client::State::stopped) {
                peer.other_group = node_.client(host).other_group();
                node_.restart_client(host, settings);
                set_extra(host);
            }
            node_.tick(host, clock_now());
        }
        pump(250ms, [&] { return !missing(); });
    }
    for (const PeerResult& peer : results_.peers) {
        if (!peer.reachable) progress_.note(fmt::format("{} does not answer", peer.name));
    }
}

// Who answers all queries, and whether a group's traffic comes to who did not ask for it.
void Qualifier::look_before_joining() {
    progress_.begin("looking at hosts and switches");
    PacketSocket everything(hosts_.local, PacketSocket::Wanted::everything);
    ClientSettings settings{hosts_.group, kBurstInterval};
    begin_clients(settings);
    connect_clients(kJoinLimit);
    for (unsigned i = 1; i < kTrain && !interrupted(); ++i) {
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            if (results_.peers[host].reachable) node_.tick(host, clock_now());
        }
        // No faster than that: a host may admit just this rate.
        const Instant next = clock_now().monotonic + kBurstInterval;
        while (waiter_.wait(next)) {
        }
        if (everything.open()) count_group_packets(everything);
    }
    pump(500ms, [&] {
        return all_of_reachable([&](std::size_t host) { return node_.client(host).unicast().received >= kTrain; });
    });
    if (everything.open()) count_group_packets(everything);
    bool answered = false;
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        const std::uint64_t answers = node_.client(host).unicast().received;
        results_.peers[host].limits_rate = answers > 0 && answers < kTrain / 2;
        answered |= answers > 0;
    }
    Flooding& flooding = results_.igmp.flooding;
    if (everything.open() && answered && flooding == Flooding::unknown) flooding = Flooding::pruned;
}

void Qualifier::count_group_packets(PacketSocket& socket) {
    const auto group = address_bytes(hosts_.group);
    const std::size_t destination = hosts_.group.is_v4() ? 16 : 24;
    for (totem::Bytes packet = socket.receive(); !packet.empty(); packet = socket.receive()) {
        if (packet.size() < destination + group.size() || !hosts_.group.is_multicast()) continue;
        const totem::Bytes source = packet.subspan(destination - group.size(), group.size());
        const bool ours = std::ranges::equal(packet.subspan(destination, group.size()), group);
        if (ours && results_.peer(address_from(source)) != nullptr) results_.igmp.flooding = Flooding::flooded;
    }
}

void Qualifier::join() {
    sockets_.join();
    joined_at_ = clock_now().monotonic;
    if (!hosts_.group.is_multicast()) return;
    // A querier asks for the members of a group that somebody leaves: no need to wait two minutes for it. The group is
    // one that nobody uses.
    const bool v4 = hosts_.group.is_v4();
    FileDescriptor probe(socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    group_req request{};
    request.gr_interface = hosts_.local.index;
    request.gr_group =
        SocketAddress({boost::asio::ip::make_address(v4 ? "239.255.43.21" : "ff15::4321:4321"), 0}).storage;
    setsockopt(probe.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP, &request, sizeof request);
    pump(1500ms);
}

}  // namespace tools::omping::qualify
