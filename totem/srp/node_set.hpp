#pragma once
// Sets of nodes as the protocol uses them: identities in insertion order, none twice.

#include <span>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::srp {

using NodeSet = std::vector<Identity>;
using NodeSpan = std::span<const Identity>;

bool contains(NodeSpan set, const Identity& node);
bool is_subset(NodeSpan part, NodeSpan whole);
bool same_set(NodeSpan a, NodeSpan b);
NodeSet difference(NodeSpan a, NodeSpan b);  // in the order of `a`

// Nothing happens if the node is there already.
void insert(NodeSet& set, const Identity& node);
void insert(NodeSet& set, NodeSpan nodes);

}  // namespace totem::srp
