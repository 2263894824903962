#pragma once
// QUORUM's part in the synchronisation: a barrier, and the member lists its trackers and the log see.
// 3.x only. Spec totempg-sync-services.md section 13. Sans-I/O.

#include <vector>

#include "engine/exec/service.hpp"

namespace engine::quorum {

class QuorumEvents {
public:
    virtual ~QuorumEvents() = default;
    // A synchronisation starts: the lines "Sync members[n]:", "Sync joined[n]:" and "Sync left[n]:",
    // the last two if not empty.
    virtual void sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                            std::span<const NodeId> left) = 0;
    // The same lists took effect: the nodelist notification to v1 trackers.
    virtual void nodelist(const totem::RingId& ring, std::span<const NodeId> members, std::span<const NodeId> joined,
                          std::span<const NodeId> left) = 0;
};

class QuorumService final : public Service, private totem::sync::Participant {
public:
    QuorumService(totem::Dialect dialect, QuorumEvents& events) : dialect_(dialect), events_(events) {}

    std::uint32_t id() const override { return kQuorumService; }
    std::string_view name() const override { return "corosync cluster quorum service v0.1"; }
    std::string_view ipc_name() const override { return "quorum"; }
    std::uint32_t function_count() const override { return 0; }
    void on_exec(std::uint32_t, NodeId, ByteOrder, Bytes) override {}
    totem::sync::Participant* participant() override { return dialect_ == totem::Dialect::v3 ? this : nullptr; }

    // Of the last completed synchronisation.
    std::span<const NodeId> members() const { return active_; }

private:
    std::uint32_t service_id() const override { return kQuorumService; }
    std::string_view service_name() const override { return name(); }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant) override { return true; }
    void sync_activate(totem::Instant now) override;
    void sync_abort() override {}

    const totem::Dialect dialect_;
    QuorumEvents& events_;
    totem::RingId ring_;
    std::vector<NodeId> members_, joined_, left_;
    std::vector<NodeId> active_;
};

}  // namespace engine::quorum
