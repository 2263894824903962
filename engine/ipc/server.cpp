#include "engine/ipc/server.hpp"

#include <qb/qbipcs.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>

#include "engine/ipc/qb_guards.hpp"
#include "engine/ipc/server_impl.hpp"
#include "engine/log/log.hpp"

namespace engine::ipc {

using log::Level;
using log::Subsystem;

namespace {

constexpr std::chrono::milliseconds kMinFlushInterval{1}, kMaxFlushInterval{50};
constexpr std::chrono::seconds kKeepBlocks{1};  // after the last event left its queue

ServicePoint& point_of(qb_ipcs_connection_t* handle) {
    return *static_cast<ServicePoint*>(qb_ipcs_connection_service_context_get(handle));
}

Client* client_of(qb_ipcs_connection_t* handle) {
    return static_cast<Client*>(qb_ipcs_context_get(handle));
}

// --- libqb's callbacks. No exception may pass through libqb. ---

int32_t on_accept(qb_ipcs_connection_t* handle, uid_t uid, gid_t gid) {
    try {
        return point_of(handle).server.accept(handle, uid, gid);
    } catch (const std::exception&) {
        return -ENOMEM;
    }
}

void on_created(qb_ipcs_connection_t* handle) {
    Client* client = client_of(handle);
    try {
        client->point().server.created(*client);
    } catch (const std::exception&) {
        client->point().server.disconnect_later(client->id());
    }
}

int32_t on_message(qb_ipcs_connection_t* handle, void* data, size_t size) {
    Client* client = client_of(handle);
    auto& server = client->point().server;
    if (!client->usable()) return -ESHUTDOWN;
    try {
        const std::size_t received = server.config.transport == Transport::socket
                                         ? static_cast<std::size_t>(qb_ipcs_connection_get_buffer_size(handle))
                                         : received_in_ring(handle, data);
        GateTurn turn(server.gate);
        // A message that claims more than was received counts as empty, which is never valid.
        const Bytes message{static_cast<const std::uint8_t*>(data), size <= received ? size : 0};
        return server.receive(*client, message) == Handled::done ? 0 : -ENOBUFS;
    } catch (const std::exception& error) {
        log::write(Level::error, Subsystem::main, "Request of {} failed: {}", client->process_name(), error.what());
        server.disconnect_later(client->id());
        return -ENOMEM;
    }
}

int32_t on_closed(qb_ipcs_connection_t* handle) {
    Client* client = client_of(handle);
    if (client == nullptr || !client->is_open()) return 0;
    try {
        client->point().server.closed(*client);
    } catch (const std::exception& error) {
        log::write(Level::error, Subsystem::main, "Closing {} failed: {}", client->process_name(), error.what());
    }
    return 0;
}

void on_destroyed(qb_ipcs_connection_t* handle) {
    if (Client* client = client_of(handle)) {
        auto& clients = client->point().server.clients;
        clients.erase(client->id());
    }
}

qb_ipcs_service_handlers service_handlers() {
    return {.connection_accept = on_accept,
            .connection_created = on_created,
            .msg_process = on_message,
            .connection_closed = on_closed,
            .connection_destroyed = on_destroyed};
}

qb_ipc_type ipc_type(Transport transport) {
    switch (transport) {
        case Transport::socket:
            return QB_IPC_SOCKET;
        case Transport::shm:
        case Transport::native:
            break;
    }
    return QB_IPC_SHM;
}

}  // namespace

Server::Impl::Impl(boost::asio::io_context& context, Gate& ring_gate, Authorizer allow, ServerConfig settings)
    : io(context),
      gate(ring_gate),
      authorizer(std::move(allow)),
      config(settings),
      loop(context, loop_hooks()),
      recheck_timer(context),
      flush_timer(context) {}

QbLoop::Hooks Server::Impl::loop_hooks() {
    QbLoop::Hooks hooks;
    hooks.burst = [this](bool begins) { gate.burst(begins); };
    if (!config.gather_requests) return hooks;
    // Who waits for an answer sends its next request as soon as it has it; who does not is served as well later.
    hooks.streams = [this] {
        const bool waits = std::exchange(asked, false);
        return std::exchange(streamed, false) && !waits;
    };
    hooks.can_wait = [this] { return gate.sends_later(); };
    return hooks;
}

void Server::Impl::listen(ServicePoint& point) {
    const std::string name(point.frontend.ipc_name());
    auto handlers = service_handlers();
    point.handle = qb_ipcs_create(name.c_str(), static_cast<int32_t>(point.frontend.service_id()),
                                  ipc_type(config.transport), &handlers);
    if (point.handle == nullptr) throw std::system_error(ENOMEM, std::generic_category(), name);
    qb_ipcs_service_context_set(point.handle, &point);
    qb_ipcs_enforce_buffer_size(point.handle, kMaxMessage);
    auto poll_handlers = QbLoop::handlers();
    qb_ipcs_poll_handlers_set(point.handle, &poll_handlers);
    if (const int32_t result = qb_ipcs_run(point.handle); result < 0) {
        point.handle = nullptr;  // a failed run has released it
        throw std::system_error(-result, std::generic_category(), "qb_ipcs_run error (" + name + ")");
    }
}

void Server::Impl::stop() {
    stopping = true;
    recheck_timer.cancel();
    flush_timer.cancel();
    if (points.empty()) return;
    GateTurn turn(gate);
    for (auto point = points.rbegin(); point != points.rend(); ++point) {
        if (auto* handle = std::exchange((*point)->handle, nullptr)) qb_ipcs_destroy(handle);
    }
}

// Section 2.5, in its order.
int32_t Server::Impl::accept(qb_ipcs_connection_t* handle, uid_t uid, gid_t gid) {
    if (!ready || stopping) {
        log::write(Level::debug, Subsystem::main, "Denied connection, corosync is not ready");
        return -EAGAIN;
    }
    if (low_on_descriptors()) return -EMFILE;
    if (uid != 0 && gid != 0 && !(authorizer && authorizer(uid, gid))) {
        log::write(Level::error, Subsystem::main, "Denied connection attempt from {}:{}", uid, gid);
        return -EACCES;
    }
    const ConnectionId id = next_id++;
    auto& client = clients[id];
    client = std::make_unique<Client>(*this, point_of(handle), handle, id, uid, gid, config.backlog_limit);
    qb_ipcs_context_set(handle, client.get());
    return 0;
}

void Server::Impl::created(Client& client) {
    client.open();
    // A new connection starts without a limit, whatever its service's is.
    if (client.point().limit == QB_IPCS_RATE_OFF_2) apply_limit(client.point());
    GateTurn turn(gate);
    client.point().frontend.connected(client);
    if (connection_watcher) connection_watcher(describe(client), true);
}

void Server::Impl::closed(Client& client) {
    const ConnectionInfo gone = describe(client);
    client.point().ended += gone.stats.counters();
    if (!client.usable()) ++client.point().given_up;
    client.close();
    ++closed_connections;
    if (stopping) return client.point().frontend.disconnected(client);  // stop() is the turn
    GateTurn turn(gate);
    client.point().frontend.disconnected(client);
    if (connection_watcher) connection_watcher(gone, false);
}

Client* Server::Impl::find(ConnectionId id) {
    auto found = clients.find(id);
    return found == clients.end() ? nullptr : found->second.get();
}

void Server::Impl::disconnect_later(ConnectionId id) {
    boost::asio::post(io, [id, weak = std::weak_ptr(self)] {
        auto impl = weak.lock();
        if (!impl) return;
        if (Client* client = (*impl)->find(id)) qb_ipcs_disconnect(client->handle());
    });
}

void Server::Impl::backlog_changed(std::ptrdiff_t bytes) {
    backlog_bytes += static_cast<std::size_t>(bytes);
    if (bytes <= 0 || backlog_bytes <= config.total_backlog_limit) return;
    const auto furthest_behind = std::max_element(clients.begin(), clients.end(), [](const auto& a, const auto& b) {
        return a.second->backlog_bytes() < b.second->backlog_bytes();
    });
    furthest_behind->second->give_up("is the furthest behind of all that do not read their events");
}

void Server::Impl::flush_later(ConnectionId id) {
    const bool running = !backlogged.empty() && flush_interval == kMinFlushInterval;
    backlogged.push_back(id);
    if (running || stopping) return;
    flush_interval = kMinFlushInterval;
    flush_after(flush_interval);
}

void Server::Impl::flush_after(std::chrono::milliseconds interval) {
    flush_timer.expires_after(interval);
    flush_timer.async_wait([weak = std::weak_ptr(self)](const boost::system::error_code& error) {
        auto impl = weak.lock();
        if (!error && impl) (*impl)->flush_tick();
    });
}

// libqb does not tell when a client made room, so we look: at once again while clients read, less and
// less often while none does.
void Server::Impl::flush_tick() {
    if (backlogged.empty()) return block_pool.trim();
    FlushBudget budget;
    bool progress = false;
    std::vector<ConnectionId> still, passed_over;
    for (const ConnectionId id : std::exchange(backlogged, {})) {
        Client* client = find(id);
        if (client == nullptr || !client->queueing()) continue;
        if (budget.spent()) {
            passed_over.push_back(id);
            continue;
        }
        const std::size_t before = budget.events;
        client->flush(budget);
        progress = progress || budget.events != before;
        if (client->queueing()) still.push_back(id);
    }
    backlogged = std::move(passed_over);  // first in the next turn
    backlogged.insert(backlogged.end(), still.begin(), still.end());
    flush_interval = progress ? kMinFlushInterval : std::min(flush_interval * 2, kMaxFlushInterval);
    if (!stopping) flush_after(backlogged.empty() ? kKeepBlocks : flush_interval);
}

Server::Server(boost::asio::io_context& io, Gate& gate, Authorizer authorizer, ServerConfig config)
    : impl_(std::make_unique<Impl>(io, gate, std::move(authorizer), config)) {}

Server::~Server() {
    impl_->stop();
}

void Server::add(ServiceFrontend& frontend) {
    impl_->points.push_back(std::unique_ptr<ServicePoint>(new ServicePoint{*impl_, frontend}));
}

void Server::start() {
    static std::once_flag routed;
    std::call_once(routed, route_libqb_log);
    for (auto& point : impl_->points)
        impl_->listen(*point);
    impl_->update_limits();
}

void Server::before_token() {
    impl_->loop.look();
}

void Server::after_token() {
    impl_->loop.settle();
}

void Server::stop() {
    impl_->stop();
}

ConnectionInfo Server::Impl::describe(Client& client) {
    return {.service = client.point().frontend.service_id(),
            .id = client.id(),
            .pid = client.pid(),
            .process_name = client.process_name(),
            .stats = client.stats()};
}

std::vector<ConnectionInfo> Server::connections() const {
    std::vector<ConnectionInfo> out;
    for (const auto& [id, client] : impl_->clients) {
        if (client->is_open()) out.push_back(Impl::describe(*client));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return out;
}

std::optional<ConnectionInfo> Server::connection(ConnectionId id) const {
    Client* client = impl_->find(id);
    return client != nullptr && client->is_open() ? std::optional(Impl::describe(*client)) : std::nullopt;
}

std::vector<ServiceInfo> Server::services() const {
    std::vector<ServiceInfo> out;
    for (const auto& point : impl_->points) {
        ServiceInfo& service = out.emplace_back();
        service.id = point->frontend.service_id();
        service.name = point->frontend.ipc_name();
        service.throttled = point->limit == QB_IPCS_RATE_OFF_2;
        service.given_up = point->given_up;
        service.stats = point->ended;
        for (const auto& [id, client] : impl_->clients) {
            if (&client->point() != point.get() || !client->is_open()) continue;
            ++service.connections;
            service.stats += client->stats();
        }
    }
    return out;
}

void Server::clear_statistics() {
    for (auto& point : impl_->points)
        point->ended = {};
    for (auto& [id, client] : impl_->clients) {
        if (client->is_open()) client->clear_stats();
    }
}

void Server::on_connection(std::function<void(const ConnectionInfo&, bool)> callback) {
    impl_->connection_watcher = std::move(callback);
}

GlobalStats Server::global_stats() const {
    const auto active = std::count_if(impl_->clients.begin(), impl_->clients.end(),
                                      [](const auto& entry) { return entry.second->is_open(); });
    return {.active = static_cast<std::uint64_t>(active), .closed = impl_->closed_connections};
}

}  // namespace engine::ipc
