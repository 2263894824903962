#pragma once
// CFG for client libraries: the requests of client-ipc.md section 8 on top of CfgService, and the vote on
// shutdowns (section 8.5).

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/ipc/frontend.hpp"
#include "engine/ipc/gate.hpp"
#include "engine/services/cfg/cfg_service.hpp"

namespace engine::ipc {

// What CFG's clients ask about the node. All calls on the server's thread, answered at once.
class CfgNode {
public:
    struct Ring {
        std::string name, status;
    };
    struct Link {
        bool connected = false;
        std::uint32_t mtu = 0;  // left for messages
        std::string address;    // of the node asked about
    };
    struct Status {
        bool reachable = false;
        std::optional<Link> link;  // none for a node the transport does not know
    };

    virtual ~CfgNode() = default;
    virtual std::vector<Ring> rings() const = 0;
    // One address per ring, empty for an unknown node.
    virtual std::vector<totem::NodeAddress> addresses(NodeId node) const = 0;
    virtual Status status(NodeId node) const = 0;
    virtual bool joined(NodeId node) const = 0;
    virtual std::chrono::milliseconds shutdown_timeout() const = 0;
    virtual CsError reopen_logs() = 0;
};

class CfgFrontend final : public ServiceFrontend {
public:
    // All must outlive the frontend's use.
    CfgFrontend(boost::asio::io_context& io, Gate& gate, cfg::CfgService& service, const ExecSender& sender,
                CfgNode& node);
    ~CfgFrontend() override;

    // Our own reload or ring re-enabling message came back and was carried out.
    void reloaded(std::uint64_t token, CsError result);
    void rings_reenabled(std::uint64_t token);

    std::uint32_t service_id() const override { return kCfgService; }
    std::string_view ipc_name() const override { return "cfg"; }
    std::span<const RequestRule> rules() const override;
    // Whoever wants to know why the queue is full is an administrator; what he asks for takes hardly any room in it.
    Throttle throttle() const override { return Throttle::sync; }
    void connected(Connection& connection) override;
    Handled request(Connection& connection, std::uint32_t id, Bytes message) override;
    void disconnected(Connection& connection) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine::ipc
