#include "engine/services/quorum/quorum_service.hpp"

#include <algorithm>

namespace engine::quorum {
namespace {

bool contains(std::span<const NodeId> nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

void QuorumService::sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                              const totem::RingId& ring) {
    ring_ = ring;
    members_.assign(members.begin(), members.end());
    left_.clear();
    for (NodeId node : active_) {
        if (!contains(transitional, node) || !contains(members, node)) left_.push_back(node);
    }
    joined_.clear();
    for (NodeId node : members) {
        if (!contains(active_, node) || contains(left_, node)) joined_.push_back(node);
    }
    events_.sync_lists(members_, joined_, left_);
}

void QuorumService::sync_activate(totem::Instant) {
    active_ = members_;
    events_.nodelist(ring_, members_, joined_, left_);
}

}  // namespace engine::quorum
