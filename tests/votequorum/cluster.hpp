#pragma once
// Vote machines of several nodes on a totally ordered message bus with the barriers of the real synchronisation.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "votequorum/machine.hpp"

namespace vote_test {

using vote::Instant;
using vote::Keys;
using vote::Machine;
using vote::NodeId;
using Nodes = std::vector<NodeId>;

// One vote a node.
inline Keys nodelist(std::uint32_t nodes) {
    Keys keys;
    keys.nodelist = Keys::NodeList{.votes_sum = nodes, .nodes = nodes, .own_votes = 1};
    return keys;
}

class Node final : public vote::Effects {
public:
    Node(NodeId id, const Keys& keys, std::uint32_t barrier) : machine(id, vote::read(keys), barrier, *this) {}

    bool send(const vote::Message& message) override {
        if (full) return false;
        outbox.push_back(message);
        return true;
    }
    void verdict() override { verdicts.push_back(machine.quorate()); }
    void nodelist(const vote::RingId&, std::span<const NodeId>) override { ++nodelists; }
    void expected_votes_changed(std::uint32_t votes) override { expected.push_back(votes); }
    void device_registered(vote::ClientId, vote::Result result) override { registered = result; }
    void store_tracking_barrier(std::uint32_t barrier) override { stored = barrier; }
    bool wants(vote::Level level) const override { return level != vote::Level::debug; }
    void log(vote::Level, std::string_view text) override { lines.emplace_back(text); }

    Machine machine;
    std::deque<vote::Message> outbox;
    bool full = false;
    std::vector<bool> verdicts;
    int nodelists = 0;
    std::vector<std::uint32_t> expected;
    std::optional<vote::Result> registered;
    std::optional<std::uint32_t> stored;
    std::vector<std::string> lines;
};

class Cluster {
public:
    Instant now{};

    // Boots a node; it first has a ring of its own.
    void boot(NodeId id, const Keys& keys, std::uint32_t barrier = 0) {
        nodes_[id] = std::make_unique<Node>(id, keys, barrier);
        nodes_[id]->machine.start(now);
        change({{id}});
    }
    // New rings, all at once; nodes in none of them keep theirs.
    void change(const std::vector<Nodes>& rings) {
        start_change(rings);
        finish_change();
    }
    // Everything up to the devices' word on the new rings.
    void start_change(const std::vector<Nodes>& rings) {
        for (const Nodes& ring : rings) {
            std::erase_if(rings_, [&](Nodes& old) {
                std::erase_if(old, [&](NodeId node) { return contains(ring, node); });
                return old.empty();
            });
            rings_.push_back(ring);
            syncing_.push_back(ring);
            sequence_ += 4;
            vote::RingId id;
            id.rep.nodeid = ring.front();
            id.seq = sequence_;
            for (const NodeId node : ring)
                at(node).machine.sync_init(ring, id, now);
        }
    }
    // Barriers; a node that waits for its device is waited for.
    void finish_change() {
        std::set<NodeId> done;
        for (bool all = false; !all;) {
            all = true;
            for (const Nodes& ring : syncing_) {
                for (const NodeId node : ring) {
                    if (done.contains(node)) continue;
                    if (at(node).machine.sync_process()) {
                        done.insert(node);
                    } else {
                        all = false;
                    }
                }
            }
            deliver();
            if (!all) pass_to_next_timeout();
        }
        for (const Nodes& ring : std::exchange(syncing_, {})) {
            for (const NodeId node : ring)
                at(node).machine.sync_activate();
        }
        deliver();
    }
    // What waits in the outboxes, to all members of the sender's ring, in the order of the ring.
    void deliver() {
        for (bool any = true; any;) {
            any = false;
            for (const Nodes& ring : rings_) {
                for (const NodeId sender : ring) {
                    if (!nodes_.contains(sender)) continue;
                    auto& outbox = at(sender).outbox;
                    while (!outbox.empty()) {
                        any = true;
                        const vote::Message message = std::move(outbox.front());
                        outbox.pop_front();
                        for (const NodeId to : ring)
                            if (nodes_.contains(to)) at(to).machine.on_message(sender, message, now);
                    }
                }
            }
        }
    }
    void pass(vote::Duration time) {
        const Instant end = now + time;
        while (next_timeout() <= end)
            pass_to_next_timeout();
        now = end;
    }
    // Nodes that are gone at once; the rest of their ring notices.
    void kill(const Nodes& gone) {
        std::vector<Nodes> rings;
        for (const Nodes& ring : rings_) {
            Nodes rest;
            std::copy_if(ring.begin(), ring.end(), std::back_inserter(rest),
                         [&](NodeId node) { return !contains(gone, node); });
            if (!rest.empty() && rest.size() != ring.size()) rings.push_back(rest);
        }
        for (const NodeId node : gone) {
            nodes_.erase(node);
            for (Nodes& ring : rings_)
                std::erase(ring, node);
        }
        std::erase_if(rings_, [](const Nodes& ring) { return ring.empty(); });
        change(rings);
    }
    void leave(NodeId node) {
        at(node).machine.leave(now);
        deliver();
        kill({node});
    }

    Node& at(NodeId node) { return *nodes_.at(node); }
    Machine& machine(NodeId node) { return at(node).machine; }
    bool up(NodeId node) const { return nodes_.contains(node); }
    const std::vector<Nodes>& rings() const { return rings_; }
    // All nodes that run, in order.
    Nodes all() const {
        Nodes out;
        for (const auto& [id, node] : nodes_)
            out.push_back(id);
        return out;
    }

private:
    static bool contains(const Nodes& nodes, NodeId node) {
        return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    }
    Instant next_timeout() const {
        Instant next = totem::kNever;
        for (const auto& [id, node] : nodes_)
            next = std::min(next, node->machine.next_timeout());
        return next;
    }
    void pass_to_next_timeout() {
        now = std::max(now, next_timeout());
        for (auto& [id, node] : nodes_)
            if (node->machine.next_timeout() <= now) node->machine.on_timeout(now);
        deliver();
    }

    std::map<NodeId, std::unique_ptr<Node>> nodes_;
    std::vector<Nodes> rings_, syncing_;
    std::uint64_t sequence_ = 0;
};

}  // namespace vote_test
