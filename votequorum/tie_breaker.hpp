#pragma once
// Which half of an even split goes on. Spec votequorum.md section 4.5.

#include <optional>
#include <span>

#include "votequorum/types.hpp"

namespace vote {

struct TieView {
    std::span<const NodeId> members;        // of the current ring
    std::span<const NodeId> previous;       // of the ring before, even if its synchronisation was aborted
    std::optional<NodeId> lowest, highest;  // from the last time votes alone gave quorum
    std::span<const NodeId> counted;        // nodes in state member
};

bool wins_tie(const TieBreaker& breaker, const TieView& view);

}  // namespace vote
