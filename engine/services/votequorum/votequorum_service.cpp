#include "engine/services/votequorum/votequorum_service.hpp"

#include <algorithm>

namespace engine::votequorum {
namespace {

enum Param : std::uint8_t { kExpectedVotes = 1, kNodeVotes = 2 };
enum Operation : std::uint32_t { kUnregister = 0, kRegister = 1 };

}  // namespace

VotequorumService::VotequorumService(ExecSender& sender, QuorumSink& sink, const VoteConfig& config)
    : sender_(sender), sink_(sink), local_(sender.local_node()) {
    nodes_[local_] = {NodeState::member, config.votes, config.expected_votes, kFirst};
    recalculate(false, false);
}

template <typename Message>
bool VotequorumService::send(Function function, const Message& message) {
    const auto body = encode(message, sender_.order());
    const Bytes chunk = body;
    return sender_.multicast(kVotequorumService, function, {&chunk, 1});
}

bool VotequorumService::send_self() {
    return send(kNodeInfo, NodeInfo{local_, us().votes, us().expected_votes, us().flags});
}

bool VotequorumService::start() {
    return send_self();
}

bool VotequorumService::set_expected_votes(std::uint32_t votes) {
    return send(kReconfigure, Reconfigure{local_, votes, kExpectedVotes});
}

bool VotequorumService::set_node_votes(NodeId node, std::uint32_t votes) {
    return send(kReconfigure, Reconfigure{node, votes, kNodeVotes});
}

// --- messages (section 5) ---

void VotequorumService::on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) {
    NodeInfo info;
    Reconfigure change;
    DeviceOperation operation;
    DeviceRename rename;
    if (function == kNodeInfo && decode(message, order, info)) {
        if (info.node == 0) {
            on_device_info(sender, info);
        } else if (info.node == sender) {
            on_nodeinfo(sender, info);
        } else {
            ++dropped_malformed_;  // nodes speak for themselves only; others would fill our table
        }
    } else if (function == kReconfigure && decode(message, order, change)) {
        on_reconfigure(change);
    } else if (function == kDevice && decode(message, order, operation)) {
        on_device_operation(sender, operation);
    } else if (function == kDeviceRename && decode(message, order, rename)) {
        if (rename.old_name == device_name_) device_name_ = rename.new_name;
    } else {
        ++dropped_malformed_;
    }
}

void VotequorumService::on_nodeinfo(NodeId sender, const NodeInfo& info) {
    const auto [at, fresh] = nodes_.try_emplace(sender);
    NodeRecord& record = at->second;
    const NodeRecord before = record;
    const bool message_quorate = (info.flags & kQuorate) != 0;
    record.flags = info.flags;
    record.votes = info.votes;
    record.state = NodeState::member;
    bool allow_decrease = false, by_nodes = false;
    if (info.flags & kLeaving) {
        record.state = NodeState::leaving;
        allow_decrease = by_nodes = true;
    }
    if (!quorate_ && message_quorate) {
        allow_decrease = true;
        us().expected_votes = info.expected_votes;
    }
    // The opinion of an inquorate node is replaced by ours.
    record.expected_votes = message_quorate ? info.expected_votes : us().expected_votes;
    if (fresh || sender == local_ || (record.flags & kFirst) || record != before) {
        recalculate(allow_decrease, by_nodes);
    }
}

void VotequorumService::on_device_info(NodeId sender, const NodeInfo& info) {
    const auto from = nodes_.find(sender);
    if (from == nodes_.end()) return;
    const std::uint32_t before = device_votes_;
    device_votes_ = !quorate_ && (from->second.flags & kQuorate) ? info.votes : std::max(device_votes_, info.votes);
    if (device_votes_ != before) recalculate(false, false);
}

void VotequorumService::on_reconfigure(const Reconfigure& change) {
    if (change.param == kExpectedVotes) {
        for (auto& [id, record] : nodes_) {
            if (record.state == NodeState::member && change.value != 0) record.expected_votes = change.value;
        }
        recalculate(true, false);
    } else if (change.param == kNodeVotes) {
        const auto found = nodes_.find(change.node);
        if (found == nodes_.end()) return;
        found->second.votes = change.value;
        recalculate(true, false);
    }
}

// Only the name matters as long as no device registers with us; all nodes must use one.
void VotequorumService::on_device_operation(NodeId, const DeviceOperation& operation) {
    if (operation.operation == kRegister) {
        if (device_name_.empty()) device_name_ = operation.name;
    } else if (operation.operation == kUnregister) {
        const bool used = std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
            return node.second.state == NodeState::member && (node.second.flags & kDeviceRegistered);
        });
        if (!used) device_name_.clear();
    }
}

// --- arithmetic (section 4) ---

std::uint32_t VotequorumService::total_votes() const {
    std::uint64_t total = 0;
    for (const auto& [id, record] : nodes_) {
        if (record.state == NodeState::member) total += record.votes;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(total, UINT32_MAX));
}

void VotequorumService::recalculate(bool allow_decrease, bool by_nodes) {
    auto members = static_cast<std::uint32_t>(std::count_if(
        nodes_.begin(), nodes_.end(), [](const auto& node) { return node.second.state == NodeState::member; }));
    const std::uint32_t raw_total = total_votes() + device_votes_;
    if (device_votes_ != 0) ++members;
    if (raw_total > us().expected_votes) us().expected_votes = raw_total;
    quorum_ = calculate(allow_decrease, by_nodes ? members : 0);
    if (by_nodes) {
        for (auto& [id, record] : nodes_) {
            if (record.state == NodeState::member) record.expected_votes = members;
        }
    }
    decide(total_votes());
}

std::uint32_t VotequorumService::calculate(bool allow_decrease, std::uint32_t max_expected) {
    std::uint64_t highest = 0;
    for (const auto& [id, record] : nodes_) {
        if (record.state == NodeState::member) highest = std::max<std::uint64_t>(highest, record.expected_votes);
    }
    if (max_expected > 0) highest = max_expected;
    const std::uint64_t votes = total_votes();
    const auto needed = static_cast<std::uint32_t>(std::max((highest + 2) / 2, (votes + 2) / 2));
    return allow_decrease ? needed : std::max(quorum_, needed);
}

void VotequorumService::decide(std::uint32_t total) {
    const bool verdict = total >= quorum_;
    const bool changed = verdict != quorate_;
    quorate_ = verdict;
    us().flags = verdict ? us().flags | kQuorate : us().flags & ~static_cast<std::uint32_t>(kQuorate);
    if (changed && !syncing_) sink_.quorum_state(quorate_, ring_, members_);
}

// --- synchronisation (section 6.1) ---

void VotequorumService::sync_init(std::span<const NodeId>, std::span<const NodeId> members, const totem::RingId& ring) {
    syncing_ = true;
    sent_ = 0;
    if (members.size() > 1) us().flags &= ~static_cast<std::uint32_t>(kFirst);
    for (NodeId node : members_) {
        const auto found = nodes_.find(node);
        const bool missing = std::find(members.begin(), members.end(), node) == members.end();
        if (missing && found != nodes_.end()) found->second.state = NodeState::dead;
    }
    members_.assign(members.begin(), members.end());
    ring_ = ring;
}

bool VotequorumService::sync_process(totem::Instant) {
    if (sent_ == 0 && send_self()) sent_ = 1;
    if (sent_ == 1 && send(kNodeInfo, NodeInfo{0, device_votes_, 0, 0})) sent_ = 2;
    if (sent_ == 2 && (device_name_.empty() || send(kDevice, DeviceOperation{kRegister, device_name_}))) sent_ = 3;
    return sent_ == 3;
}

void VotequorumService::sync_activate(totem::Instant) {
    recalculate(false, false);
    syncing_ = false;
    sink_.quorum_state(quorate_, ring_, members_);
}

}  // namespace engine::votequorum
