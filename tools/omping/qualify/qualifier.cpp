#include "tools/omping/qualify/qualifier.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cmath>

#include "tools/omping/ping.hpp"
#include "tools/omping/qualify/peer.hpp"
#include "tools/omping/socket_address.hpp"

namespace tools::omping::qualify {
namespace {

using namespace std::chrono_literals;

constexpr Duration kJoinLimit = 10s;  // of a host that was there before
constexpr milliseconds kBurstInterval = 1ms, kLongInterval = 1s;
constexpr unsigned kTrain = 20;  // queries to see whether a host answers all
constexpr Duration kDrain = 1s;  // for the last answers

NodeSettings settings_of(const Options& options, const Selection& hosts) {
    NodeSettings out;
    out.client.group = out.server.group = hosts.group;
    out.server.ttl = options.ttl;
    out.server.rate_limit = 0ms;
    out.server.information = information();
    out.port = options.port.value_or(kDefaultPort);
    return out;
}

const char* name_of(Method method) {
    return method == Method::ssm ? "ssm" : method == Method::broadcast ? "ipbc" : "asm";
}

double seconds_of(Duration time) {
    return std::chrono::duration<double>(time).count();
}

std::vector<Duration> phases_of(const QualifyOptions& options) {
    return {2s, 1s, options.burst_count * kBurstInterval + 2s, 6s, options.long_count * kLongInterval + 2s, 2s};
}

}  // namespace

Qualifier::Qualifier(const Options& options, const Selection& hosts, const Cluster& cluster)
    : options_(options),
      hosts_(hosts),
      sockets_(options, hosts, options.port.value_or(kDefaultPort)),
      node_(settings_of(options, hosts), hosts.remotes, random_bytes, sockets_, *this),
      waiter_(sockets_),
      progress_(phases_of(options.qualify)),
      membership_(hosts.local, PacketSocket::Wanted::membership),
      presence_(encode(Presence{false})) {
    results_.started = std::chrono::duration_cast<std::chrono::seconds>(clock_now().wall.time_since_epoch()).count();
    results_.cluster = cluster;
    results_.method = name_of(options.method);
    results_.group = hosts.group;
    results_.port = options.port.value_or(kDefaultPort);
    results_.own_name = hosts.local_name;
    results_.own_address = hosts.local.address;
    results_.interface = hosts.local.name;
    results_.interface_mtu = hosts.local.mtu;
    results_.position = hosts.position;
    for (const Remote& remote : hosts.remotes) {
        peers_.emplace_back();
        PeerResult& peer = results_.peers.emplace_back();
        peer.name = remote.name;
        peer.address = remote.address;
        peer.same_subnet = same_network(remote.address, hosts.local.address, hosts.local.prefix);
    }
    waiter_.received = [this](const Reception& reception) { node_.receive(reception, clock_now); };
    listening_since_ = clock_now().monotonic;
    if (!membership_.open()) {
        results_.igmp.why_not = membership_.why_not();
        return;
    }
    results_.igmp.listened = true;
    waiter_.watch(membership_.fd(), [this] {
        const auto query = parse_membership_query(membership_.receive());
        if (query) note_query(results_.igmp, *query, seconds_of(clock_now().monotonic - listening_since_));
    });
}

Qualifier::~Qualifier() = default;

Results Qualifier::run() {
    discover();
    const bool anybody = std::ranges::any_of(results_.peers, &PeerResult::reachable);
    if (anybody && !interrupted()) look_before_joining();
    if (anybody && !interrupted()) {
        join();
        test("burst", kBurstInterval, options_.qualify.burst_count);
    }
    if (anybody && !interrupted()) find_sizes();
    if (anybody && !interrupted()) test("long", kLongInterval, options_.qualify.long_count);
    results_.interrupted = interrupted();
    results_.igmp.listened_s = seconds_of(clock_now().monotonic - listening_since_);
    results_.igmp.bridges = find_bridges(hosts_.local.name);
    if (turnaround_.count() > 0) results_.turnaround_us = turnaround_.percentile(0.5);
    if (anybody && !interrupted()) share();
    progress_.end();
    return results_;
}

void Qualifier::pump(Duration limit, const std::function<bool()>& done) {
    const Instant end = clock_now().monotonic + limit;
    while (!interrupted() && !(done && done())) {
        const Instant now = clock_now().monotonic;
        if (now >= end) return;
        progress_.update();
        waiter_.wait(std::min<Instant>(end, now + 200ms));
    }
}

void Qualifier::begin_clients(const ClientSettings& settings) {
    node_.restart_clients(settings);
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        peers_[host].begin();
        set_extra(host);
    }
}

void Qualifier::set_extra(std::size_t host, std::vector<Option> further) {
    further.insert(further.begin(), {Code::qualifier, presence_});
    node_.client(host).set_extra(std::move(further));
}

// Until every reachable host has a session, or the time is over.
void Qualifier::connect_clients(Duration limit) {
    const Instant end = clock_now().monotonic + limit;
    const auto connected = [&](std::size_t host) {
        return !results_.peers[host].reachable || node_.client(host).state() != Client::State::initial;
    };
    while (!interrupted() && clock_now().monotonic < end) {
        bool all = true;
        for (std::size_t host = 0; host < peers_.size(); ++host) {
            if (connected(host)) continue;
            all = false;
            node_.tick(host, clock_now());
        }
        if (all) return;
        pump(250ms, [&] { return all_of_reachable([&](std::size_t host) { return connected(host); }); });
    }
}

template <typename Function>
bool Qualifier::all_of_reachable(Function function) const {
    for (std::size_t host = 0; host < peers_.size(); ++host) {
        if (results_.peers[host].reachable && !function(host)) return false;
    }
    return true;
}

// --- before the group is joined

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

// --- the two tests

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

// --- sizes

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

// --- results for each other

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

void Qualifier::finish() {
    const bool passive =
        std::ranges::any_of(results_.peers, [](const PeerResult& peer) { return peer.reachable && !peer.qualifies; });
    waiter_.clear_interrupts();
    node_.finish();
    pump(options_.wait.value_or(passive ? 3000ms : 500ms));
}

// --- what happens

void Qualifier::waiting(std::size_t host) {
    // The session ended below a query.
    if (testing_) peers_[host].exclude(node_.client(host).sequence());
}

void Qualifier::joined(std::size_t host) {
    results_.peers[host].reachable = true;
    results_.peers[host].other_group.reset();
    peers_[host].joined(clock_now().monotonic);
}

void Qualifier::stopped(std::size_t host, StopReason reason) {
    if (testing_ && reason == StopReason::server) peers_[host].stopped = true;
}

void Qualifier::replied(std::size_t host, const Reply& reply) {
    Peer& peer = peers_[host];
    if (reply.sequence >= peer.size_from) (reply.group ? peer.size_passed_group : peer.size_passed) = true;
    if (testing_) peer.replied(reply, clock_now().monotonic);
    peer.compare_clocks(reply, results_.peers[host].clock_offset_ms);
    // The reports that this answer confirms.
    if (!testing_ && !reply.group && peer.share_tries > 0 && !peer.own_reports.empty()) peer.own_reports.pop_back();
}

void Qualifier::asked(std::size_t host, const Message& message, Duration turnaround) {
    if (!message.is(Type::query)) return;
    turnaround_.add(static_cast<double>(turnaround.count()) / 1000);
    const auto presence = message.option(Code::qualifier);
    const auto decoded = presence ? decode_presence(*presence) : std::nullopt;
    if (!decoded) return;
    results_.peers[host].qualifies = true;
    peers_[host].done |= decoded->done;
    peers_[host].asked_at = clock_now().monotonic;
    for (const Option& option : message.options) {
        if (option.code != Code::result) continue;
        if (const auto report = decode_report(option.value)) keep_report(results_.peers[host], *report);
    }
}

}  // namespace tools::omping::qualify
