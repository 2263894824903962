#include "votequorum/tie_breaker.hpp"

namespace vote {
namespace {

// The first listed node that is here decides; if one before it was here until now, it may be on the other side.
bool list_wins(std::span<const NodeId> list, const TieView& view) {
    for (const NodeId node : list) {
        if (contains(view.members, node)) return true;
        if (contains(view.previous, node)) return false;
    }
    return false;
}

}  // namespace

bool wins_tie(const TieBreaker& breaker, const TieView& view) {
    switch (breaker.type) {
        case TieBreaker::Type::lowest:
            return view.lowest && contains(view.counted, *view.lowest);
        case TieBreaker::Type::highest:
            return view.highest && contains(view.counted, *view.highest);
        case TieBreaker::Type::list:
            return list_wins(breaker.list, view);
        case TieBreaker::Type::none:
            break;
    }
    return false;
}

}  // namespace vote
