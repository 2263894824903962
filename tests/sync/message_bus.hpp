#pragma once
// Several nodes' process groups on a bus that delivers in one total order, as a ring without loss
// does: two send queues per node, configurations, token visits. No ring underneath.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "totem/pg/process_groups.hpp"

namespace totem::test {

class MessageBus;

// What sits on a node's process groups; forwards of pg::Listener, plus "sync completed" by calling
// BusNode::synchronized().
class BusNode final : public pg::RingPort, public pg::Listener {
public:
    BusNode(NodeId node, pg::PgConfig config) : id(node), groups(config, *this) { groups.attach(*this); }

    FrameRef frame_for_payload(std::size_t size) override { return pool.allocate(size); }
    std::size_t payload_offset() const override { return 0; }
    bool submit(FrameRef frame) override {
        auto& queue = waiting ? transitional : normal;
        if (full || queue.size() + 1 >= capacity()) return false;
        queue.push_back(std::move(frame));
        return true;
    }
    std::size_t room() const override {
        const std::size_t used = (waiting ? transitional : normal).size() + 2;
        return full || used >= capacity() ? 0 : capacity() - used;
    }
    std::size_t capacity() const override { return 2974; }
    void request_token() override {}

    void configuration(const srp::Configuration& change) override {
        if (on_configuration) on_configuration(change);
    }
    void token_sent() override {
        if (on_token_sent) on_token_sent();
    }
    void synchronized() {
        groups.synchronized();
        waiting = false;
    }

    const NodeId id;
    FramePool pool;
    std::deque<FrameRef> normal, transitional;
    bool waiting = true;  // for trans ack
    bool full = false;    // the queue refuses everything
    std::function<void(const srp::Configuration&)> on_configuration;
    std::function<void()> on_token_sent;
    pg::ProcessGroups groups;
    RingId ring;
    std::vector<NodeId> members;
};

class MessageBus {
public:
    BusNode& add(NodeId id, pg::PgConfig config = {}) {
        orders_[id] = config.order;
        return *(nodes_[id] = std::make_unique<BusNode>(id, config));
    }
    void remove(NodeId id) { nodes_.erase(id); }
    BusNode& node(NodeId id) { return *nodes_.at(id); }

    // A new ring of `members`. Each of them hears the transitional and the regular configuration.
    void form(const std::vector<NodeId>& members) {
        RingId ring;
        ring.rep.nodeid = *std::min_element(members.begin(), members.end());
        ring.seq = seq_ += 4;
        std::map<NodeId, RingId> before;
        for (NodeId id : members)
            before[id] = node(id).ring;
        for (NodeId id : members) {
            BusNode& self = node(id);
            std::vector<Identity> moved, left, joined, all;
            for (NodeId old : self.members) {
                const bool with_us = before.count(old) && before[old] == before[id];
                (with_us ? moved : left).push_back(Identity::v3(old));
            }
            for (NodeId other : members) {
                all.push_back(Identity::v3(other));
                if (std::find(moved.begin(), moved.end(), all.back()) == moved.end()) joined.push_back(all.back());
            }
            self.groups.configuration({srp::Configuration::Kind::transitional, ring, moved, left, {}});
            self.waiting = true;
            self.groups.configuration({srp::Configuration::Kind::regular, ring, all, {}, joined});
            self.ring = ring;
            self.members = members;
        }
    }

    // One token visit: flush, send up to `packets`, deliver them to the ring, token sent.
    void visit(NodeId id, std::size_t packets = 17) {
        BusNode& self = node(id);
        self.groups.token_received();
        std::vector<FrameRef> sent;
        auto& queue = self.waiting ? self.transitional : self.normal;
        for (; packets > 0 && !queue.empty(); --packets) {
            sent.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        for (const FrameRef& frame : sent) {
            for (NodeId member : self.members) {
                if (!nodes_.count(member) || !(node(member).ring == self.ring)) continue;
                srp::Message message;
                message.originator = id;
                message.order = orders_[id];
                message.payload = frame.bytes();
                node(member).groups.deliver(message);
            }
        }
        self.groups.token_sent();
    }

    void rotate(const std::vector<NodeId>& members, int rotations = 1) {
        for (int i = 0; i < rotations; ++i) {
            for (NodeId id : members)
                visit(id);
        }
    }

private:
    std::map<NodeId, std::unique_ptr<BusNode>> nodes_;
    std::map<NodeId, ByteOrder> orders_;
    std::uint64_t seq_ = 0;
};

}  // namespace totem::test
