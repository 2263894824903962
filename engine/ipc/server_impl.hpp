#pragma once
// The inside of the server, shared by server.cpp (libqb's callbacks, life cycle), admission.cpp (requests
// and throttling) and nobody else.

#include <qb/qbipcs.h>

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/ipc/client.hpp"
#include "engine/ipc/qb_loop.hpp"
#include "engine/ipc/server.hpp"

namespace engine::ipc {

// A listening service.
struct ServicePoint {
    Server::Impl& server;
    ServiceFrontend& frontend;
    qb_ipcs_service_t* handle = nullptr;
    qb_ipcs_rate_limit limit = QB_IPCS_RATE_NORMAL;
    ConnectionStats ended = {};  // of connections that are no more
    std::uint64_t given_up = 0;
};

struct Server::Impl final : ClientOwner {
    Impl(boost::asio::io_context& loop, Gate& ring_gate, Authorizer allow, ServerConfig settings);

    // server.cpp
    void listen(ServicePoint& point);
    void stop();
    int32_t accept(qb_ipcs_connection_t* handle, uid_t uid, gid_t gid);
    void created(Client& client);
    void closed(Client& client);
    void flush_later(ConnectionId id) override;
    void notify_now() override { loop.pay(); }
    void disconnect_later(ConnectionId id) override;
    void backlog_changed(std::ptrdiff_t bytes) override;
    BlockPool& blocks() override { return block_pool; }
    void flush_after(std::chrono::milliseconds interval);
    void flush_tick();
    Client* find(ConnectionId id);
    static ConnectionInfo describe(Client& client);

    // admission.cpp
    Handled receive(Client& client, Bytes message);
    Handled execute(Client& client, std::uint32_t id, Bytes message);
    void reject(Client& client, const RequestRule* rule);
    void refuse(Client& client, std::uint32_t id, Bytes message);
    void hold(Client& client, std::uint32_t id, Bytes message);
    void retry_held();
    bool drain_held(Client& client, int& budget);
    void update_limits();
    qb_ipcs_rate_limit limit_for(const ServicePoint& point) const;
    void apply_limit(ServicePoint& point);
    void recheck_later();
    QbLoop::Hooks loop_hooks();

    boost::asio::io_context& io;
    Gate& gate;
    Authorizer authorizer;
    ServerConfig config;
    QbLoop loop;
    std::vector<std::unique_ptr<ServicePoint>> points;
    BlockPool block_pool;
    std::unordered_map<ConnectionId, std::unique_ptr<Client>> clients;
    ConnectionId next_id = 1;
    std::uint64_t closed_connections = 0;
    std::function<void(const ConnectionInfo&, bool)> connection_watcher;

    bool ready = false;   // a sync has completed
    bool syncing = true;  // also before the first one
    bool stopping = false;
    totem::pg::QueueLevel level = totem::pg::QueueLevel::good;
    // What came since the loop asked: small requests without an answer, others.
    bool streamed = false, asked = false;

    std::vector<ConnectionId> holding;     // clients with held requests, in the order they are served
    std::vector<ConnectionId> backlogged;  // clients with queued events
    std::size_t backlog_bytes = 0;         // of these events
    boost::asio::steady_timer recheck_timer;
    bool recheck_armed = false;
    boost::asio::steady_timer flush_timer;
    std::chrono::milliseconds flush_interval{};
    // Expires with the server, so that what was posted to the loop does not outlive it.
    std::shared_ptr<Impl*> self = std::make_shared<Impl*>(this);
};

// Brackets work that may send on the ring.
class GateTurn {
public:
    explicit GateTurn(Gate& gate) : gate_(gate) { gate_.enter(); }
    ~GateTurn() { gate_.leave(); }
    GateTurn(const GateTurn&) = delete;
    GateTurn& operator=(const GateTurn&) = delete;

private:
    Gate& gate_;
};

}  // namespace engine::ipc
