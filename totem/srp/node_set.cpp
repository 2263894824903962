#include "totem/srp/node_set.hpp"

#include <algorithm>

namespace totem::srp {

bool contains(NodeSpan set, const Identity& node) {
    return std::find(set.begin(), set.end(), node) != set.end();
}

bool is_subset(NodeSpan part, NodeSpan whole) {
    return std::all_of(part.begin(), part.end(), [&](const Identity& node) { return contains(whole, node); });
}

bool same_set(NodeSpan a, NodeSpan b) {
    return a.size() == b.size() && is_subset(a, b);
}

NodeSet difference(NodeSpan a, NodeSpan b) {
    NodeSet out;
    std::copy_if(a.begin(), a.end(), std::back_inserter(out), [&](const Identity& node) { return !contains(b, node); });
    return out;
}

void insert(NodeSet& set, const Identity& node) {
    if (!contains(set, node)) set.push_back(node);
}

void insert(NodeSet& set, NodeSpan nodes) {
    for (const Identity& node : nodes)
        insert(set, node);
}

}  // namespace totem::srp
