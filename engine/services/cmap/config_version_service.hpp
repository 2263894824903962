#pragma once
// The replicated part of CMAP: nodes exchange their totem.config_version, and one that finds itself
// outdated gives up. Spec totempg-sync-services.md section 12. Sans-I/O.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/exec/service.hpp"

namespace engine::cmap {

class ConfigVersionEvents {
public:
    virtual ~ConfigVersionEvents() = default;
    // A member, ourselves included, has this version; 0 = none. To be published as
    // "...members.<node>.config_version".
    virtual void member_config_version(NodeId node, std::uint64_t version) = 0;
    // Another member is ahead of us: log it and shut down in order.
    virtual void config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) = 0;
    // The ring had no room: "Can't inform other nodes about new config version".
    virtual void config_version_not_sent() {}
    // Why the check was skipped, in the words of the debug log: "Single node sync -> no action", ...
    virtual void config_version_not_checked(std::string_view /*why*/) {}
};

class ConfigVersionService final : public Service, private totem::sync::Participant {
public:
    // `version`: the value of totem.config_version at start, if the key exists.
    ConfigVersionService(ExecSender& sender, ConfigVersionEvents& events, std::optional<std::uint64_t> version);

    // The key changed or was deleted; tells the members at once.
    void set_config_version(std::optional<std::uint64_t> version);

    std::uint32_t id() const override { return kCmapService; }
    std::string_view name() const override { return "corosync configuration map access"; }
    std::string_view ipc_name() const override { return "cmap"; }
    std::uint32_t function_count() const override { return 1; }
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    totem::sync::Participant* participant() override { return this; }

    std::uint64_t dropped_malformed() const { return dropped_malformed_; }

private:
    std::uint32_t service_id() const override { return kCmapService; }
    std::string_view service_name() const override { return name(); }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant now) override;
    void sync_activate(totem::Instant now) override;
    void sync_abort() override {}

    ExecSender& sender_;
    ConfigVersionEvents& events_;
    std::optional<std::uint64_t> version_;
    std::uint64_t highest_ = 0;  // heard from other members since init, or our own
    std::size_t transitional_ = 0;
    bool first_check_ = true;
    std::uint64_t dropped_malformed_ = 0;
};

}  // namespace engine::cmap
