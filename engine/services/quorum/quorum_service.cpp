#include "engine/services/quorum/quorum_service.hpp"

#include <utility>

namespace engine::quorum {

using vote::contains;

void QuorumService::compare(std::span<const NodeId> transitional, std::span<const NodeId> members,
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
}

void QuorumService::sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                              const totem::RingId& ring) {
    compare(transitional, members, ring);
    events_.sync_lists(members_, joined_, left_);
}

void QuorumService::sync_activate(totem::Instant) {
    active_ = members_;
    active_ring_ = ring_;
    if (clients_ != nullptr) clients_->nodelist(ring_, members_, joined_, left_);
}

void QuorumService::quorum_state(bool quorate, const totem::RingId& ring, std::span<const NodeId> members) {
    // In 2.x we take no part in the synchronisation, but the libraries of 3.1 ask for node lists there, too.
    if (dialect_ == totem::Dialect::v2 && ring != active_ring_) {
        compare(active_, members, ring);
        sync_activate({});
    }
    const bool changed = std::exchange(quorate_, quorate) != quorate;
    view_ring_ = ring;
    view_.assign(members.begin(), members.end());
    events_.quorum_reported(quorate, changed, members);
    if (clients_ != nullptr) clients_->quorum_changed();
}

}  // namespace engine::quorum
