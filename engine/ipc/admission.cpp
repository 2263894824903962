// Which requests are served, which wait, which are refused, and how clients learn to slow down.
// Spec client-ipc.md section 4.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstring>

#include "engine/ipc/server_impl.hpp"
#include "engine/log/log.hpp"

namespace engine::ipc {

using log::Level;
using log::Subsystem;
using totem::pg::QueueLevel;

namespace {

constexpr std::chrono::milliseconds kRecheckInterval{1};
constexpr std::size_t kMostOfAStream = 16384;  // bytes, of which a client's queue holds many
constexpr int kRetriesPerTurn = 64;            // held requests served in one turn of the loop

std::int32_t message_id(Bytes message) {
    std::int32_t id;
    std::memcpy(&id, message.data(), sizeof id);
    return id;
}

}  // namespace

// Handled::invalid: the request was refused for good; retry: it waits or was refused for now.
Handled Server::Impl::receive(Client& client, Bytes message) {
    const auto rules = client.point().frontend.rules();
    if (message.size() < sizeof(RequestHeader)) {
        reject(client, nullptr);
        return Handled::invalid;
    }
    const std::int32_t id = message_id(message);
    const bool known = id >= 0 && static_cast<std::size_t>(id) < rules.size();
    if (!known || message.size() < rules[id].min_size || message.size() >= gate.size_limit()) {
        reject(client, known ? &rules[id] : nullptr);
        return Handled::invalid;
    }
    (rules[id].answered || message.size() > kMostOfAStream ? asked : streamed) = true;
    // Requests of one connection stay in order: nothing that needs the ring passes one that waits for it.
    const bool waits = rules[id].flow == FlowClass::req && !client.held.empty();
    const auto number = static_cast<std::uint32_t>(id);
    const Handled outcome = waits ? Handled::retry : execute(client, number, message);
    if (outcome == Handled::invalid) reject(client, &rules[id]);
    if (outcome == Handled::retry) refuse(client, number, message);
    update_limits();
    return outcome;
}

Handled Server::Impl::execute(Client& client, std::uint32_t id, Bytes message) {
    auto& frontend = client.point().frontend;
    if (frontend.rules()[id].flow == FlowClass::free) return frontend.request(client, id, message);
    if (syncing) return Handled::retry;
    const std::size_t reservation = gate.reserve(message.size());
    level = gate.queue_level();
    if (reservation == 0) return Handled::retry;
    const Handled outcome = frontend.request(client, id, message);
    gate.release(reservation);
    return outcome;
}

void Server::Impl::reject(Client& client, const RequestRule* rule) {
    ++client.invalid_requests;
    if (rule != nullptr && !rule->answered) {
        log::write(Level::info, Subsystem::main, "*** cs_ipcs_msg_process() invalid message! size:{} error:{}",
                   sizeof(ResponseHeader), static_cast<int>(kCsInvalidParam));
        return;
    }
    client.respond_error(0, kCsInvalidParam);
}

void Server::Impl::refuse(Client& client, std::uint32_t id, Bytes message) {
    const auto& rule = client.point().frontend.rules()[id];
    if (rule.hold) return hold(client, id, message);
    ++client.overloads;
    if (rule.answered) {
        client.respond_error(0, kCsTryAgain);
    } else {
        log::write(Level::warning, Subsystem::main, "*** request {} of service {} lost: {}", id,
                   client.point().frontend.service_id(),
                   syncing ? "synchronisation in progress" : "no room on the ring");
    }
}

void Server::Impl::hold(Client& client, std::uint32_t id, Bytes message) {
    if (client.held.empty()) holding.push_back(client.id());
    client.held.push_back({id, {message.begin(), message.end()}});
    ++client.held_total;
}

void Server::Impl::retry_held() {
    GateTurn turn(gate);
    int budget = kRetriesPerTurn;
    std::vector<ConnectionId> still;
    for (const ConnectionId id : std::exchange(holding, {})) {
        Client* client = find(id);
        if (client != nullptr && client->usable() && !drain_held(*client, budget)) still.push_back(id);
    }
    holding = std::move(still);
}

// False if requests remain.
bool Server::Impl::drain_held(Client& client, int& budget) {
    const auto rules = client.point().frontend.rules();
    while (!client.held.empty()) {
        if (budget-- <= 0) return false;
        // Out of the queue while it is handled: handling may end the connection's use and clear it.
        Client::HeldRequest request = std::move(client.held.front());
        client.held.pop_front();
        const Handled outcome = execute(client, request.id, request.message);
        if (outcome == Handled::retry) {
            client.held.push_front(std::move(request));
            return false;
        }
        if (outcome == Handled::invalid) reject(client, &rules[request.id]);
    }
    return true;
}

qb_ipcs_rate_limit Server::Impl::limit_for(const ServicePoint& point) const {
    const Throttle throttle = point.frontend.throttle();
    const bool at_sync = throttle == Throttle::sync || throttle == Throttle::sync_and_critical;
    const bool at_critical = throttle == Throttle::critical || throttle == Throttle::sync_and_critical;
    if ((at_sync && syncing) || (at_critical && level == QueueLevel::critical)) return QB_IPCS_RATE_OFF_2;
    // While a request waits for room, no other is read: that bounds what a client can make us keep.
    if (throttle == Throttle::sync_and_critical && !holding.empty()) return QB_IPCS_RATE_OFF_2;
    if (level == QueueLevel::low) return QB_IPCS_RATE_FAST;
    return level == QueueLevel::good ? QB_IPCS_RATE_NORMAL : QB_IPCS_RATE_SLOW;
}

void Server::Impl::update_limits() {
    bool changed = false;
    for (auto& point : points) {
        const auto limit = limit_for(*point);
        if (point->handle == nullptr || limit == point->limit) continue;
        point->limit = limit;
        apply_limit(*point);
        changed = true;
    }
    if (changed) loop.rearm();
    if (level == QueueLevel::critical || (!holding.empty() && !syncing)) recheck_later();
}

void Server::Impl::apply_limit(ServicePoint& point) {
    qb_ipcs_request_rate_limit(point.handle, point.limit);
    const bool off = point.limit == QB_IPCS_RATE_OFF_2;
    for (auto& [id, client] : clients) {
        if (&client->point() != &point) continue;
        off ? loop.pause_input(client->handle()) : loop.resume_input(client->handle());
    }
}

void Server::Impl::recheck_later() {
    if (recheck_armed || stopping) return;
    recheck_armed = true;
    recheck_timer.expires_after(kRecheckInterval);
    recheck_timer.async_wait([weak = std::weak_ptr(self)](const boost::system::error_code& error) {
        auto impl = weak.lock();
        if (error || !impl) return;
        (*impl)->recheck_armed = false;
        (*impl)->level = (*impl)->gate.queue_level();
        if (!(*impl)->holding.empty() && !(*impl)->syncing) (*impl)->retry_held();
        (*impl)->update_limits();
    });
}

void Server::sync_started() {
    impl_->syncing = true;
    impl_->update_limits();
}

void Server::sync_completed() {
    impl_->syncing = false;
    impl_->ready = true;
    impl_->level = impl_->gate.queue_level();
    impl_->update_limits();
}

void Server::capacity_changed() {
    const auto level = impl_->gate.queue_level();
    if (level == impl_->level) return;
    impl_->level = level;
    impl_->update_limits();
}

}  // namespace engine::ipc
