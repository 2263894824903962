#pragma once
// The local clients of one node: they join groups, send, leave and die, and report to the CPG oracle
// what they hear. They keep to the admission rules of the IPC server (totempg-sync-services.md
// section 6.1): no joins and no messages while services synchronise or without room.

#include <cstdint>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"
#include "tests/sim/cpg_oracle.hpp"
#include "tests/sim/types.hpp"

namespace totem::sim {

class Node;

class Clients final : public engine::cpg::CpgClients {
public:
    explicit Clients(Node& node) : node_(node) {}

    void attach(engine::cpg::CpgService& service);
    // One of them does something.
    void tick();
    // Sends until there is no room.
    void flood();
    // Some small messages, a portion of many.
    void stream();
    // One message of several packets.
    void send_long();
    // Makes a client if there is none; false if that was refused.
    bool ensure();
    // Every client sends one message; false if one was refused.
    bool speak();

    struct Client {
        ClientId id = 0;
        std::uint32_t group = 0, pid = 0;
        bool leaving = false, done = false;
        std::uint32_t counter = 0;
    };
    const std::vector<Client>& all() const { return clients_; }

    // engine::cpg::CpgClients
    void confchg(engine::cpg::ConnectionId to, const engine::cpg::GroupName& group,
                 std::span<const engine::cpg::Address> members, std::span<const engine::cpg::Address> left,
                 std::span<const engine::cpg::Address> joined) override;
    void deliver(engine::cpg::ConnectionId to, const engine::cpg::GroupName& group, NodeId node, std::uint32_t pid,
                 Bytes data) override;
    void partial_deliver(engine::cpg::ConnectionId to, const engine::cpg::GroupName& group, NodeId node,
                         std::uint32_t pid, std::uint32_t total_length, std::uint32_t type, Bytes fragment) override;
    void totem_confchg(engine::cpg::ConnectionId to, NodeId ring_rep, std::uint64_t ring_seq,
                       std::span<const NodeId> members) override;

private:
    Client* find(engine::cpg::ConnectionId id);
    bool open();
    bool send(Client& client, std::size_t size, bool partial);
    bool admitted(std::size_t size) const;
    std::size_t some_size();
    void remove_done();

    Node& node_;
    engine::cpg::CpgService* service_ = nullptr;
    std::vector<Client> clients_;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace totem::sim
