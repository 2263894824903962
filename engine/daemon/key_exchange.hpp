#pragma once
// The keys of the native protection suite while the daemon runs: what a reload brings, the change everybody makes
// together, and the end of the old key. Spec totem-crypto.md appendix B.5; the protocol is cfg::KeyRotation.
//
// Nodes that were away during the change hear the others under the key they have ready; being the lesser part of the
// cluster, they change at that.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/config/cluster_config.hpp"
#include "engine/daemon/log_sink.hpp"
#include "engine/services/cfg/cfg_service.hpp"
#include "engine/services/cfg/key_rotation.hpp"
#include "totem/base/time.hpp"
#include "totem/crypto/key_ring.hpp"
#include "totem/srp/interfaces.hpp"

namespace engine {

class KeyExchange final : private cfg::KeyRotation::Actions {
public:
    // All references must outlive this object. `before_send`, `after_send`: around messages sent from a timer.
    struct Parts {
        boost::asio::io_context& io;
        LogSink& log;
        totem::crypto::KeyRing& keys;
        cfg::CfgService& cfg;
        totem::NodeId self;
        std::function<void()> before_send, after_send;
    };
    KeyExchange(Parts parts, const config::ClusterConfig& config);
    ~KeyExchange() override;
    KeyExchange(const KeyExchange&) = delete;
    KeyExchange& operator=(const KeyExchange&) = delete;

    // A regular configuration; its synchronisation is complete.
    void configuration(const totem::srp::Configuration& change);
    void synchronized() { report(); }
    // Around a reload that all members were asked for. In between comes what the files say now, unless they are wrong.
    void reload_begins() { rotation_.reloaded(); }
    void configured(const config::ClusterConfig& config);
    void reload_ended() { report(); }
    void message(totem::NodeId from, const cfg::KeyMessage& message);

private:
    bool send(const cfg::KeyMessage& message) override { return parts_.cfg.send_keys(message); }
    bool majority() const override { return 2 * members_.size() > parts_.keys.senders().size(); }
    void change_to(cfg::KeyName key) override;
    void lacking(cfg::KeyName key, std::span<const totem::NodeId> members) override;

    void install(std::uint8_t id, const totem::crypto::Secret& key);
    void withdraw_unless_wanted(const config::Protection& wanted);
    std::optional<cfg::KeyName> name_of(std::optional<std::uint8_t> id) const;
    void tell_rotation();
    void report();
    void heard(std::uint8_t id);
    void retire_later(std::uint8_t id);
    void retry_later();

    Parts parts_;
    cfg::KeyRotation rotation_;
    std::vector<totem::NodeId> members_;
    totem::Duration grace_{};               // how long an old key still opens packets
    std::optional<std::uint8_t> retiring_;  // the old key
    boost::asio::steady_timer retire_timer_, retry_timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace engine
