#pragma once
// CPG for client libraries: the requests and events of client-ipc.md section 7 on top of CpgService.

#include <cstdint>
#include <memory>
#include <span>

#include "engine/ipc/frontend.hpp"
#include "engine/services/cpg/cpg_service.hpp"

namespace engine::ipc {

class CpgFrontend final : public ServiceFrontend, public cpg::CpgClients {
public:
    CpgFrontend();
    ~CpgFrontend() override;
    // The service is made with this object as its CpgClients, so it comes second. Before the server
    // starts; both must outlive this object's use.
    void attach(cpg::CpgService& service, const ExecSender& sender);

    std::uint32_t service_id() const override { return kCpgService; }
    std::string_view ipc_name() const override { return "cpg"; }
    std::span<const RequestRule> rules() const override;
    Throttle throttle() const override { return Throttle::sync_and_critical; }
    void connected(Connection& connection) override;
    Handled request(Connection& connection, std::uint32_t id, Bytes message) override;
    void disconnected(Connection& connection) override;

    void confchg(ConnectionId to, const cpg::GroupName& group, std::span<const cpg::Address> members,
                 std::span<const cpg::Address> left, std::span<const cpg::Address> joined) override;
    void deliver(ConnectionId to, const cpg::GroupName& group, NodeId node, std::uint32_t pid, Bytes data) override;
    void partial_deliver(ConnectionId to, const cpg::GroupName& group, NodeId node, std::uint32_t pid,
                         std::uint32_t total_length, std::uint32_t type, Bytes fragment) override;
    void totem_confchg(ConnectionId to, NodeId ring_rep, std::uint64_t ring_seq,
                       std::span<const NodeId> members) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine::ipc
