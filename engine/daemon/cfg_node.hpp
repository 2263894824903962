#pragma once
// What CFG's clients are told about this node and the others. Spec client-ipc.md section 8.3.

#include <functional>
#include <memory>

#include "engine/cmap/map.hpp"
#include "engine/daemon/live_config.hpp"
#include "engine/daemon/runtime_keys.hpp"
#include "engine/ipc/cfg_frontend.hpp"
#include "totem/rrp/redundancy.hpp"
#include "totem/srp/ring.hpp"

namespace engine {

class NodeAdministration final : public ipc::CfgNode {
public:
    struct Parts {
        const LiveConfig& config;
        const cmap::Map& map;
        const RuntimeKeys& keys;
        const totem::srp::Ring& ring;
        const totem::rrp::Redundancy& redundancy;
        std::uint32_t mtu;  // left for messages
        std::function<bool()> reopen_logs;
    };
    explicit NodeAdministration(Parts parts) : parts_(std::move(parts)) {}

    std::vector<Ring> rings() const override;
    std::vector<totem::NodeAddress> addresses(NodeId node) const override;
    Status status(NodeId node) const override;
    bool joined(NodeId node) const override { return parts_.keys.joined(node); }
    std::chrono::milliseconds shutdown_timeout() const override;
    ipc::CsError reopen_logs() override;

private:
    Parts parts_;
};

// The addresses of a node: what it says itself (2.x), else what the configuration says.
std::vector<totem::NodeAddress> addresses_of(const totem::Identity& node, const config::ClusterConfig& config);

}  // namespace engine
