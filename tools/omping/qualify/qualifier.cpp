#include "tools/omping/qualify/qualifier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/omping/ping.hpp"
#include "tools/omping/qualify/peer.hpp"

namespace tools::omping::qualify {
namespace {

using namespace std::chrono_literals;

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
