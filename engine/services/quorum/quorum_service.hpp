#pragma once
// Service 3: whether this node is quorate, the view its provider reported, and the membership of the last
// synchronisation. Spec totempg-sync-services.md section 13, client-ipc.md section 10. Sans-I/O.

#include <vector>

#include "engine/exec/service.hpp"
#include "engine/services/votequorum/votequorum_service.hpp"

namespace engine::quorum {

class QuorumEvents {
public:
    virtual ~QuorumEvents() = default;
    // A synchronisation starts: the lines "Sync members[n]:", "Sync joined[n]:" and "Sync left[n]:", the last two if
    // not empty.
    virtual void sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                            std::span<const NodeId> left) = 0;
    // The provider reported; `changed` if the verdict is another one than before.
    virtual void quorum_reported(bool quorate, bool changed, std::span<const NodeId> members) = 0;
};

// Clients that track; implemented by the IPC frontend. Called after QuorumEvents.
class QuorumClients {
public:
    virtual ~QuorumClients() = default;
    // The lists of the last synchronisation took effect; of model 1 only.
    virtual void nodelist(const totem::RingId& ring, std::span<const NodeId> members, std::span<const NodeId> joined,
                          std::span<const NodeId> left) = 0;
    // The provider reported.
    virtual void quorum_changed() = 0;
};

class QuorumService final : public Service, public votequorum::QuorumSink, private totem::sync::Participant {
public:
    // `provided`: a provider will report. Without one a node is quorate for ever.
    QuorumService(totem::Dialect dialect, bool provided, QuorumEvents& events)
        : dialect_(dialect), provided_(provided), events_(events), quorate_(!provided) {}

    // At most one; before the first client.
    void attach(QuorumClients& clients) { clients_ = &clients; }

    bool provided() const { return provided_; }
    bool quorate() const { return quorate_; }
    // The provider's view at its last report; empty without one.
    const totem::RingId& view_ring() const { return view_ring_; }
    std::span<const NodeId> view() const { return view_; }
    // Of the last completed synchronisation.
    const totem::RingId& ring() const { return active_ring_; }
    std::span<const NodeId> members() const { return active_; }

    void quorum_state(bool quorate, const totem::RingId& ring, std::span<const NodeId> members) override;

    std::uint32_t id() const override { return kQuorumService; }
    std::string_view name() const override { return "corosync cluster quorum service v0.1"; }
    std::string_view ipc_name() const override { return "quorum"; }
    std::uint32_t function_count() const override { return 0; }
    void on_exec(std::uint32_t, NodeId, ByteOrder, Bytes) override {}
    totem::sync::Participant* participant() override { return dialect_ == totem::Dialect::v3 ? this : nullptr; }

private:
    std::uint32_t service_id() const override { return kQuorumService; }
    std::string_view service_name() const override { return name(); }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant) override { return true; }
    void sync_activate(totem::Instant now) override;
    void sync_abort() override {}
    void compare(std::span<const NodeId> transitional, std::span<const NodeId> members, const totem::RingId& ring);

    const totem::Dialect dialect_;
    const bool provided_;
    QuorumEvents& events_;
    QuorumClients* clients_ = nullptr;
    bool quorate_;
    totem::RingId view_ring_;
    std::vector<NodeId> view_;
    totem::RingId ring_, active_ring_;
    std::vector<NodeId> members_, joined_, left_;
    std::vector<NodeId> active_;
};

}  // namespace engine::quorum
