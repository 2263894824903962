#include "engine/ipc/cfg_frontend.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <unordered_map>

#include "engine/ipc/cfg_messages.hpp"
#include "engine/ipc/raw.hpp"
#include "engine/services/cfg/shutdown_vote.hpp"

namespace engine::ipc {

using namespace cfg_wire;
using cfg::ShutdownVote;

namespace {

constexpr std::array<RequestRule, kRequestCount> kRules = [] {
    constexpr auto req = FlowClass::req, free = FlowClass::free;
    std::array<RequestRule, kRequestCount> rules{};
    rules[kRingStatus] = {.flow = req};
    rules[kRingReenable] = {.flow = req};
    rules[kKillNode] = {.min_size = sizeof(KillNodeRequest), .flow = req};
    rules[kTryShutdown] = {.min_size = sizeof(NumberRequest), .flow = req};
    rules[kReplyToShutdown] = {.min_size = sizeof(NumberRequest), .flow = req};
    rules[kNodeAddresses] = {.min_size = sizeof(NumberRequest), .flow = free};
    rules[kLocalGet] = {.flow = free};
    rules[kReload] = {.flow = req};
    rules[kReopenLogs] = {.flow = free};
    rules[kNodeStatus] = {.min_size = sizeof(NodeStatusRequest), .flow = free};
    rules[kTrackStart] = {.flow = req};
    rules[kTrackStop] = {.flow = req};
    return rules;
}();

// False if it is too long for its place and a NUL.
template <std::size_t Size>
bool store(std::array<char, Size>& place, const std::string& text) {
    if (text.size() >= Size) return false;
    std::memcpy(place.data(), text.data(), text.size());
    return true;
}

}  // namespace

struct CfgFrontend::Impl {
    struct Client {
        Connection* connection;
        std::optional<Response> awaits = {};  // what its own message, when it comes back, is answered with
    };

    Impl(boost::asio::io_context& io, Gate& ring, cfg::CfgService& cfg, const ExecSender& exec, CfgNode& about)
        : gate(ring), service(cfg), sender(exec), node(about), timer(io) {}

    Gate& gate;
    cfg::CfgService& service;
    const ExecSender& sender;
    CfgNode& node;
    std::unordered_map<ConnectionId, Client> clients;
    ShutdownVote vote;
    boost::asio::steady_timer timer;
    std::uint64_t round = 0;  // of votes: a timer that expired for an old one is too late
    // Handlers queued in the loop look here whether the frontend is still there.
    std::shared_ptr<int> alive = std::make_shared<int>();

    Handled ring_status(Connection& client);
    Handled ring_reenable(Connection& client);
    Handled kill_node(Connection& client, Bytes message);
    Handled try_shutdown(Connection& client, Bytes message);
    Handled reply_to_shutdown(Connection& client, Bytes message);
    Handled node_addresses(Connection& client, Bytes message);
    Handled local_get(Connection& client);
    Handled node_status(Connection& client, Bytes message);
    Handled track_start(Connection& client);
    Handled track_stop(Connection& client);

    Connection* find(ConnectionId id) {
        const auto found = clients.find(id);
        return found == clients.end() ? nullptr : found->second.connection;
    }
    Handled await(Connection& client, Response response, bool sent);
    void answer_awaited(ConnectionId id, Response response, CsError result);
    void ask(ConnectionId id);
    void start_timer();
    void time_out(std::uint64_t of_round);
    void conclude(const std::optional<ShutdownVote::End>& end);
};

// --- the state of the node ---

Handled CfgFrontend::Impl::ring_status(Connection& client) {
    auto response = std::make_unique<RingStatusResponse>();
    response->header.id = kRingStatusResponse;
    for (const CfgNode::Ring& ring : node.rings()) {
        const std::size_t slot = response->count;
        if (slot == kMaxInterfaces) break;
        if (!store(response->names[slot], ring.name) || !store(response->statuses[slot], ring.status)) {
            response->header.error = kCsNameTooLong;
            break;
        }
        ++response->count;
    }
    client.respond_message(*response);
    return Handled::done;
}

Handled CfgFrontend::Impl::local_get(Connection& client) {
    NumberResponse response{.header = {.id = kLocalGetResponse}, .value = sender.local_node()};
    client.respond_message(response);
    return Handled::done;
}

Handled CfgFrontend::Impl::node_addresses(Connection& client, Bytes message) {
    const auto asked = load<NumberRequest>(message).value;
    const auto found = node.addresses(asked == 0 ? sender.local_node() : asked);
    NodeAddressesResponse response{.header = {.id = kNodeAddressesResponse}};
    std::vector<std::uint8_t> tail;
    if (found.empty()) {
        response.header.error = kCsNotExist;
    } else {
        response.family = found.front().family;  // the numbers of AF_INET and AF_INET6
        response.count = static_cast<std::uint32_t>(found.size());
        for (const auto& address : found)
            tail.insert(tail.end(), address.bytes.begin(), address.bytes.end());
    }
    client.respond_message(response, tail);
    return Handled::done;
}

Handled CfgFrontend::Impl::node_status(Connection& client, Bytes message) {
    const auto request = load<NodeStatusRequest>(message);
    if (request.version != kNodeStatusVersion) {
        NumberResponse failed{.header = {.id = kNodeStatusResponse, .error = kCsNotSupported}};
        client.respond_message(failed);
        return Handled::done;
    }
    const CfgNode::Status status = node.status(request.node);
    NodeStatusResponse response{.header = {.id = kNodeStatusResponse}, .node = request.node};
    response.reachable = status.reachable ? 1 : 0;
    if (status.link) {
        LinkStatus& link = response.links.front();
        link.enabled = 1;
        link.connected = status.link->connected ? 1 : 0;
        link.mtu = status.link->mtu;
        if (!store(link.source, status.link->address)) response.header.error = kCsNameTooLong;
    }
    client.respond_message(response);
    return Handled::done;
}

// --- what concerns other nodes ---

Handled CfgFrontend::Impl::await(Connection& client, Response response, bool sent) {
    if (!sent) return Handled::retry;
    if (const auto found = clients.find(client.id()); found != clients.end()) found->second.awaits = response;
    return Handled::done;
}

// Only who waits for it: the number in a message that claims to be ours may be anybody's.
void CfgFrontend::Impl::answer_awaited(ConnectionId id, Response response, CsError result) {
    const auto found = clients.find(id);
    if (found == clients.end() || found->second.awaits != response) return;
    found->second.awaits.reset();
    found->second.connection->respond_error(response, result);
}

Handled CfgFrontend::Impl::ring_reenable(Connection& client) {
    if (sender.dialect() == totem::Dialect::v3) {
        client.respond_error(kRingReenableResponse, kCsNotSupported);
        return Handled::done;
    }
    return await(client, kRingReenableResponse, service.request_ring_reenable(client.id()));
}

Handled CfgFrontend::Impl::kill_node(Connection& client, Bytes message) {
    const auto request = load<KillNodeRequest>(message);
    const std::string_view text(request.reason.data(), std::min<std::size_t>(request.length, request.reason.size()));
    CsError result = kCsOk;
    if (sender.dialect() == totem::Dialect::v3 && !node.joined(request.node)) {
        result = kCsNotExist;
    } else if (!service.kill_node(request.node, text.substr(0, text.find('\0')))) {
        return Handled::retry;
    }
    client.respond_error(kKillNodeResponse, result);
    return Handled::done;
}

// --- shutdown ---

void CfgFrontend::Impl::ask(ConnectionId id) {
    Connection* client = find(id);
    if (client == nullptr) return;
    const NumberResponse event{
        .header = {.id = kTestShutdown, .size = static_cast<std::int32_t>(sizeof(NumberResponse))},
        .value = static_cast<std::uint32_t>(vote.flags())};
    const Bytes chunk = bytes_of(event);
    client->event({&chunk, 1});
}

// Granting needs room on the ring; without it the requester may try again.
void CfgFrontend::Impl::conclude(const std::optional<ShutdownVote::End>& end) {
    if (!end) return;
    timer.cancel();
    CsError result = kCsBusy;
    if (end->granted) result = service.announce_shutdown() ? kCsOk : kCsTryAgain;
    if (Connection* requester = find(end->requester)) requester->respond_error(kTryShutdownResponse, result);
}

void CfgFrontend::Impl::start_timer() {
    timer.expires_after(node.shutdown_timeout());
    timer.async_wait(
        [this, watched = std::weak_ptr<int>(alive), of_round = ++round](const boost::system::error_code& cancelled) {
            if (!cancelled && !watched.expired()) time_out(of_round);
        });
}

void CfgFrontend::Impl::time_out(std::uint64_t of_round) {
    if (of_round != round) return;
    gate.enter();
    conclude(vote.time_out());
    gate.leave();
}

Handled CfgFrontend::Impl::try_shutdown(Connection& client, Bytes message) {
    const auto flags = load<NumberRequest>(message).value;
    if (flags > static_cast<std::uint32_t>(cfg::ShutdownFlags::immediate)) return Handled::invalid;
    switch (vote.begin(client.id(), static_cast<cfg::ShutdownFlags>(flags))) {
        case ShutdownVote::Begin::refused:
            client.respond_error(kTryShutdownResponse, kCsExist);
            break;
        case ShutdownVote::Begin::granted:
            if (!service.announce_shutdown()) return Handled::retry;
            client.respond_error(kTryShutdownResponse, kCsOk);
            break;
        case ShutdownVote::Begin::asked:
            start_timer();
            for (const auto tracker : vote.trackers()) {
                if (vote.asked(tracker)) ask(tracker);
            }
            break;
    }
    return Handled::done;
}

Handled CfgFrontend::Impl::reply_to_shutdown(Connection& client, Bytes message) {
    const bool yes = load<NumberRequest>(message).value != 0;
    const bool running = vote.running();
    const auto end = vote.reply(client.id(), yes);
    client.respond_error(kReplyToShutdownResponse, running ? kCsOk : kCsAccess);
    conclude(end);
    return Handled::done;
}

Handled CfgFrontend::Impl::track_start(Connection& client) {
    if (vote.track(client.id())) ask(client.id());
    client.respond_error(kTrackStartResponse, kCsOk);
    return Handled::done;
}

Handled CfgFrontend::Impl::track_stop(Connection& client) {
    const auto end = vote.untrack(client.id());
    client.respond_error(kTrackStopResponse, kCsOk);
    conclude(end);
    return Handled::done;
}

// --- the frontend ---

CfgFrontend::CfgFrontend(boost::asio::io_context& io, Gate& gate, cfg::CfgService& service, const ExecSender& sender,
                         CfgNode& node)
    : impl_(std::make_unique<Impl>(io, gate, service, sender, node)) {}

CfgFrontend::~CfgFrontend() = default;

// All of 3.1's in both dialects: hosts that speak 2.x on the wire may have newer clients, and none of 2.4's
// asks for what came later.
std::span<const RequestRule> CfgFrontend::rules() const {
    return kRules;
}

void CfgFrontend::reloaded(std::uint64_t token, CsError result) {
    impl_->answer_awaited(token, kReloadResponse, result);
}

void CfgFrontend::rings_reenabled(std::uint64_t token) {
    impl_->answer_awaited(token, kRingReenableResponse, kCsOk);
}

void CfgFrontend::connected(Connection& connection) {
    impl_->clients.emplace(connection.id(), Impl::Client{&connection});
}

void CfgFrontend::disconnected(Connection& connection) {
    impl_->clients.erase(connection.id());
    const bool was_running = impl_->vote.running();
    const auto end = impl_->vote.disconnected(connection.id());
    if (was_running && !end && !impl_->vote.running()) impl_->timer.cancel();
    impl_->conclude(end);
}

Handled CfgFrontend::request(Connection& connection, std::uint32_t id, Bytes message) {
    switch (id) {
        case kRingStatus:
            return impl_->ring_status(connection);
        case kRingReenable:
            return impl_->ring_reenable(connection);
        case kKillNode:
            return impl_->kill_node(connection, message);
        case kTryShutdown:
            return impl_->try_shutdown(connection, message);
        case kReplyToShutdown:
            return impl_->reply_to_shutdown(connection, message);
        case kNodeAddresses:
            return impl_->node_addresses(connection, message);
        case kLocalGet:
            return impl_->local_get(connection);
        case kReload:
            return impl_->await(connection, kReloadResponse, impl_->service.request_reload(connection.id()));
        case kReopenLogs:
            connection.respond_error(kReopenLogsResponse, impl_->node.reopen_logs());
            return Handled::done;
        case kNodeStatus:
            return impl_->node_status(connection, message);
        case kTrackStart:
            return impl_->track_start(connection);
        case kTrackStop:
            return impl_->track_stop(connection);
    }
    return Handled::invalid;
}

}  // namespace engine::ipc
