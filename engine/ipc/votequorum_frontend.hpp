#pragma once
// VOTEQUORUM for client libraries: requests and events of client-ipc.md section 11.

#include <cstdint>
#include <map>
#include <span>

#include "engine/ipc/frontend.hpp"
#include "engine/services/votequorum/votequorum_service.hpp"

namespace engine::ipc {

class VotequorumFrontend final : public ServiceFrontend, public votequorum::VotequorumClients {
public:
    // The service must outlive this object.
    explicit VotequorumFrontend(votequorum::VotequorumService& service) : service_(service) { service.attach(*this); }

    std::uint32_t service_id() const override { return kVotequorumService; }
    std::string_view ipc_name() const override { return "votequorum"; }
    std::span<const RequestRule> rules() const override;
    Throttle throttle() const override { return Throttle::critical; }
    void connected(Connection& connection) override;
    Handled request(Connection& connection, std::uint32_t id, Bytes message) override;
    void disconnected(Connection& connection) override;

    void quorum_changed() override;
    void nodelist(const totem::RingId& ring, std::span<const NodeId> members) override;
    void expected_votes_changed(std::uint32_t expected_votes) override;
    void device_registered(vote::ClientId client, vote::Result result) override;

private:
    struct Client {
        Connection& connection;
        bool tracking = false;
        std::uint64_t context = 0;
    };

    void get_info(Client& client, Bytes message);
    vote::Result track_start(Client& client, Bytes message);
    vote::Result track_stop(Client& client);
    vote::Result set_expected(Bytes message);
    vote::Result set_votes(Bytes message);
    void register_device(Client& client, Bytes message);
    vote::Result device_request(std::uint32_t id, Bytes message);
    void send_quorum(Connection& to, std::uint64_t context);
    void send_nodelist(Connection& to, std::uint64_t context, const totem::RingId& ring,
                       std::span<const NodeId> members);

    votequorum::VotequorumService& service_;
    std::map<ConnectionId, Client> clients_;
};

}  // namespace engine::ipc
