#include "tests/sim_cfs/oracles.hpp"

#include <tuple>

#include <fmt/format.h>

namespace totem::sim::store {

void Oracles::fail(const char* rule, const Node& node, std::string text) {
    verdict_.fail(rule, {node.id().nodeid}, std::move(text));
}

void Oracles::changed(const Node& node, const cfs::Change& change, const cfs::Entry& before, bool quorate) {
    if (!change.from_sync) {
        if (!quorate) fail("minority", node, fmt::format("wrote version {} without quorum", change.version));
        return;
    }
    // Whoever leads a sync has the longest history: what it lacks was never part of a longer one.
    if (std::tie(change.version, change.mtime) < std::tie(before.version, before.mtime))
        fail("acknowledged", node,
             fmt::format("went back from version {} to {} by a sync", before.version, change.version));
}

void Oracles::said(const Node& node, std::string_view text) {
    if (text.starts_with("wrong checksum")) fail("equal", node, std::string(text));
    if (text.starts_with("serious internal error")) fail("equal", node, std::string(text));
}

void Oracles::acknowledged(const Node& node, const std::string& name) {
    acknowledged_.insert(name);
    if (!node.disk().holds(name) && node.data().tree().find(name) != nullptr)
        fail("durable", node, name + " was acknowledged before it was on disk");
}

void Oracles::lock_taken(const Node& node, Time now) {
    if (gentle_ && holder_ != nullptr && holder_ != &node && now - held_since_ < kLongestHold)
        fail("lock", node, fmt::format("took the lock that node {} holds", holder_->id().nodeid));
    holder_ = &node;
    held_since_ = now;
}

void Oracles::lock_left(const Node& node) {
    if (holder_ == &node) holder_ = nullptr;
}

void Oracles::crashed(const Node& node) {
    lock_left(node);
}

void Oracles::settled(const std::vector<Node*>& nodes) {
    for (const Node* const node : nodes) {
        expect_nothing_waits(*node);
        expect_equal(*nodes.front(), *node);
    }
    if (!gentle_) return;
    for (const std::string& name : acknowledged_)
        if (nodes.front()->data().tree().find(name) == nullptr)
            fail("acknowledged", *nodes.front(), name + " was acknowledged and is gone");
}

void Oracles::expect_nothing_waits(const Node& node) {
    const auto mode = node.engine().mode();
    if (mode != cfs::replica::Mode::synced || !node.engine().everybody_synced())
        fail("sync", node, fmt::format("is in mode {} long after everything was mended", static_cast<int>(mode)));
    if (node.waits()) fail("answer", node, "never answered a write");
    if (!node.disk().equals(node.data().tree())) fail("disk", node, "does not hold what memory holds");
}

void Oracles::expect_equal(const Node& first, const Node& node) {
    const cfs::Tree& a = first.data().tree();
    const cfs::Tree& b = node.data().tree();
    if (a.index().encode() != b.index().encode() || a.database_checksum() != b.database_checksum())
        fail("equal", node, fmt::format("has another tree than node {}", first.id().nodeid));
}

}  // namespace totem::sim::store
