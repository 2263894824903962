#pragma once
// CFG as its peers see it: kill node, shutdown, reload and crypto reconfiguration messages.
// Spec totempg-sync-services.md section 11. Sans-I/O; what the messages make the daemon do is behind
// CfgEvents.

#include <string_view>

#include "engine/exec/service.hpp"
#include "engine/services/cfg/key_rotation.hpp"

namespace engine::cfg {

enum class CryptoPhase : std::uint32_t { activate = 1, cleanup = 2 };

// Every event names the node that multicast the message, which may be ourselves.
class CfgEvents {
public:
    virtual ~CfgEvents() = default;
    // We are to be killed: log "Killed by node ..." and exit at once with status 255.
    virtual void killed(NodeId by, std::string_view reason) = 0;
    // Log "Node ... was shut down by sysadmin"; if it is ourselves, start the orderly exit.
    virtual void shut_down(NodeId node) = 0;
    // Log "Config reload requested by node ..." and read the configuration again. `token`: what our own
    // request was made with, 0 for another node's.
    virtual void reload_requested(NodeId by, std::uint64_t token) = 0;
    // 2.x: all faulty rings are to be used again.
    virtual void ring_reenable_requested(NodeId /*by*/, std::uint64_t /*token*/) {}
    // Our own phase message came back (3.x): switch keys, or drop the old ones.
    virtual void crypto_reconfiguration(CryptoPhase phase) = 0;
    // Native packet protection: which keys a node has, or the order to change.
    virtual void key_message(NodeId /*by*/, const KeyMessage& /*message*/) {}
};

class CfgService final : public Service {
public:
    // `native`: the ring is protected with the native suite, so that only totemd is in it. Then there is one function
    // more than corosync has.
    CfgService(ExecSender& sender, CfgEvents& events, bool native = false)
        : sender_(sender), events_(events), native_(native) {}

    // Each multicasts; false if the ring has no room. A reason is cut to 255 bytes.
    bool kill_node(NodeId node, std::string_view reason);
    bool announce_shutdown();
    // The token comes back with our own message: it names the client that waits for the outcome.
    bool request_reload(std::uint64_t token = 0);
    bool request_ring_reenable(std::uint64_t token);
    bool request_crypto_phase(CryptoPhase phase);
    bool send_keys(const KeyMessage& message);

    std::uint32_t id() const override { return kCfgService; }
    std::string_view name() const override { return "corosync configuration service"; }
    std::string_view ipc_name() const override { return "cfg"; }
    std::uint32_t function_count() const override {
        if (native_) return 6;
        return sender_.dialect() == totem::Dialect::v2 ? 4 : 5;
    }
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    totem::sync::Participant* participant() override { return nullptr; }

    std::uint64_t dropped_malformed() const { return dropped_malformed_; }

private:
    bool request(std::uint32_t function, std::uint64_t token);
    void on_kill(NodeId sender, ByteOrder order, Bytes message);
    void on_keys(NodeId sender, ByteOrder order, Bytes message);
    std::uint64_t token_of(NodeId sender, ByteOrder order, Bytes message) const;

    ExecSender& sender_;
    CfgEvents& events_;
    bool native_;
    std::uint64_t dropped_malformed_ = 0;
};

}  // namespace engine::cfg
