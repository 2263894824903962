#pragma once
// QUORUM for client libraries: requests and events of client-ipc.md section 10.

#include <cstdint>
#include <map>
#include <span>

#include "engine/ipc/frontend.hpp"
#include "engine/services/quorum/quorum_service.hpp"

namespace engine::ipc {

class QuorumFrontend final : public ServiceFrontend, public quorum::QuorumClients {
public:
    // The service must outlive this object.
    explicit QuorumFrontend(quorum::QuorumService& service) : service_(service) { service.attach(*this); }

    std::uint32_t service_id() const override { return kQuorumService; }
    std::string_view ipc_name() const override { return "quorum"; }
    std::span<const RequestRule> rules() const override;
    Throttle throttle() const override { return Throttle::never; }
    void connected(Connection& connection) override;
    Handled request(Connection& connection, std::uint32_t id, Bytes message) override;
    void disconnected(Connection& connection) override;

    void nodelist(const totem::RingId& ring, std::span<const NodeId> members, std::span<const NodeId> joined,
                  std::span<const NodeId> left) override;
    void quorum_changed() override;

private:
    struct Client {
        Connection& connection;
        std::uint32_t model = 0;
        bool tracking = false;
    };

    void get_quorate(Client& client);
    void track_start(Client& client, Bytes message);
    void get_type(Client& client);
    void model_get_type(Client& client, Bytes message);
    void send_quorum(Client& client);
    void send_nodelist(Client& client, const totem::RingId& ring, std::span<const NodeId> members,
                       std::span<const NodeId> joined, std::span<const NodeId> left);

    quorum::QuorumService& service_;
    std::map<ConnectionId, Client> clients_;
};

}  // namespace engine::ipc
