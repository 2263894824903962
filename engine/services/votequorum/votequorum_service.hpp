#pragma once
// votequorum without its options: votes and expected votes of the members, exchanged in the
// synchronisation, and the majority computed from them. Spec votequorum.md sections 1, 3, 4, 5, 6.1;
// totempg-sync-services.md section 9. Sans-I/O.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/exec/service.hpp"
#include "engine/services/votequorum/messages.hpp"

namespace engine::votequorum {

enum Flag : std::uint32_t {
    kQuorate = 1,
    kLeaving = 2,
    kWaitingForAll = 4,
    kFirst = 8,
    kDeviceRegistered = 16,
    kDeviceAlive = 32,
    kDeviceCastVote = 64,
    kDeviceMasterWins = 128,
};

enum class NodeState : std::uint8_t { member = 1, dead = 2, leaving = 3 };

struct NodeRecord {
    NodeState state = NodeState::dead;
    std::uint32_t votes = 0, expected_votes = 0, flags = 0;
    bool operator==(const NodeRecord&) const = default;
};

struct VoteConfig {
    std::uint32_t votes = 1;           // of this node
    std::uint32_t expected_votes = 0;  // of the cluster, the sum over the node list unless given
};

class QuorumSink {
public:
    virtual ~QuorumSink() = default;
    // After each synchronisation, and whenever the verdict changes outside one.
    virtual void quorum_state(bool quorate, const totem::RingId& ring, std::span<const NodeId> members) = 0;
};

class VotequorumService final : public Service, private totem::sync::Participant {
public:
    VotequorumService(ExecSender& sender, QuorumSink& sink, const VoteConfig& config);

    // Sends the nodeinfo of process start, which travels in the very first ring (section 6.2). Call it
    // once, before the stack starts; false if it could not be queued.
    bool start();

    bool quorate() const { return quorate_; }
    std::uint32_t quorum() const { return quorum_; }
    std::uint32_t total_votes() const;  // of the members
    std::uint32_t expected_votes() const { return us().expected_votes; }
    const std::map<NodeId, NodeRecord>& nodes() const { return nodes_; }
    // Changes that members, ourselves included, apply on delivery (section 5.2).
    bool set_expected_votes(std::uint32_t votes);
    bool set_node_votes(NodeId node, std::uint32_t votes);

    std::uint32_t id() const override { return kVotequorumService; }
    std::string_view name() const override { return "corosync vote quorum service v1.0"; }
    std::string_view ipc_name() const override { return "votequorum"; }
    std::uint32_t function_count() const override { return kFunctionCount; }
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    totem::sync::Participant* participant() override { return this; }

    // Too short, without the end of a name, or about somebody other than their sender.
    std::uint64_t dropped_malformed() const { return dropped_malformed_; }

private:
    std::uint32_t service_id() const override { return kVotequorumService; }
    std::string_view service_name() const override { return name(); }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant now) override;
    void sync_activate(totem::Instant now) override;
    void sync_abort() override {}

    NodeRecord& us() { return nodes_.at(local_); }
    const NodeRecord& us() const { return nodes_.at(local_); }
    template <typename Message>
    bool send(Function function, const Message& message);
    bool send_self();
    void on_nodeinfo(NodeId sender, const NodeInfo& info);
    void on_device_info(NodeId sender, const NodeInfo& info);
    void on_reconfigure(const Reconfigure& change);
    void on_device_operation(NodeId sender, const DeviceOperation& operation);
    void recalculate(bool allow_decrease, bool by_nodes);
    std::uint32_t calculate(bool allow_decrease, std::uint32_t max_expected);
    void decide(std::uint32_t total);

    ExecSender& sender_;
    QuorumSink& sink_;
    const NodeId local_;
    std::map<NodeId, NodeRecord> nodes_;  // one per node ever heard of, ourselves from the start
    std::uint32_t device_votes_ = 0;
    std::string device_name_;
    std::uint32_t quorum_ = 0;
    bool quorate_ = false;

    bool syncing_ = true;  // from process start
    int sent_ = 0;         // messages of this synchronisation sent so far
    std::vector<NodeId> members_;
    totem::RingId ring_;
    std::uint64_t dropped_malformed_ = 0;
};

}  // namespace engine::votequorum
