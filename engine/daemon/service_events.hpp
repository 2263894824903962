#pragma once
// What services tell the daemon, turned into log lines and orders.
// Spec totempg-sync-services.md sections 11 to 13, corosync-conf.md section 14.6.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/daemon/log_sink.hpp"
#include "engine/services/cfg/cfg_service.hpp"
#include "engine/services/cmap/config_version_service.hpp"
#include "engine/services/quorum/quorum_service.hpp"
#include "engine/why/record.hpp"

namespace engine {

// "Sync members[2]: 1 2": one line, or several with a trailing backslash when the list is longer than
// what upstream's buffer takes.
std::vector<std::string> id_lines(std::string_view label, std::span<const NodeId> ids);

class ServiceEvents final : public cfg::CfgEvents, public cmap::ConfigVersionEvents, public quorum::QuorumEvents {
public:
    struct Orders {
        std::function<void(int)> exit;  // in order, with this code; may be called from inside a delivery
        // Of the configuration, of the rings: with the token of the request, if it was ours.
        std::function<void(std::uint64_t)> reload;
        std::function<void(std::uint64_t)> rings_reenabled = {};
        std::function<void(NodeId, const cfg::KeyMessage&)> key_message = {};
        std::function<void(NodeId, std::uint64_t)> member_version = {};
        // What somebody did that may explain a change to come.
        std::function<void(why::Evidence)> evidence = {};
    };

    ServiceEvents(LogSink& log, totem::Dialect dialect, NodeId local, Orders orders)
        : log_(log), dialect_(dialect), local_(local), orders_(std::move(orders)) {}

    void killed(NodeId by, std::string_view reason) override;
    void shut_down(NodeId node) override;
    void reload_requested(NodeId by, std::uint64_t token) override;
    void ring_reenable_requested(NodeId by, std::uint64_t token) override;
    void crypto_reconfiguration(cfg::CryptoPhase) override {}  // udp and udpu have no such keys in 3.x
    void key_message(NodeId by, const cfg::KeyMessage& message) override {
        if (orders_.key_message) orders_.key_message(by, message);
    }

    void member_config_version(NodeId node, std::uint64_t version) override;
    void config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) override;
    void config_version_not_sent() override;
    void config_version_not_checked(std::string_view why) override;

    void sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                    std::span<const NodeId> left) override;
    void quorum_reported(bool quorate, bool changed, std::span<const NodeId> members) override;

private:
    void note(why::EvidenceKind kind, NodeId node, std::string_view detail = {});
    void lines(std::string_view label, std::span<const NodeId> ids);

    LogSink& log_;
    totem::Dialect dialect_;
    NodeId local_;
    Orders orders_;
};

}  // namespace engine
