#pragma once
// CPG services of several nodes joined by a queue in total order; synchronisations are run by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/cpg/messages.hpp"

namespace engine::cpg::test {

inline std::string text(std::span<const Address> addresses) {
    std::string out;
    for (const Address& address : addresses) {
        out += (out.empty() ? "" : " ") + std::to_string(address.node) + ":" + std::to_string(address.pid);
        if (address.reason != Reason::undefined) out += "/" + std::to_string(static_cast<int>(address.reason));
    }
    return out;
}

// Writes down every event as one line per connection.
class ClientLog final : public CpgClients {
public:
    void confchg(ConnectionId to, const GroupName& group, std::span<const Address> members,
                 std::span<const Address> left, std::span<const Address> joined) override {
        largest = std::max({largest, members.size(), left.size(), joined.size()});
        lines[to].push_back(group.bytes + " m[" + text(members) + "] l[" + text(left) + "] j[" + text(joined) + "]");
    }
    void deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid, Bytes data) override {
        lines[to].push_back(group.bytes + " " + std::to_string(node) + ":" + std::to_string(pid) + " '" +
                            std::string(data.begin(), data.end()) + "'");
    }
    void partial_deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid,
                         std::uint32_t total_length, std::uint32_t type, Bytes fragment) override {
        lines[to].push_back(group.bytes + " " + std::to_string(node) + ":" + std::to_string(pid) + " part " +
                            std::to_string(type) + " of " + std::to_string(total_length) + " '" +
                            std::string(fragment.begin(), fragment.end()) + "'");
    }
    void totem_confchg(ConnectionId to, NodeId rep, std::uint64_t seq, std::span<const NodeId> members) override {
        std::string line = "ring " + std::to_string(rep) + "." + std::to_string(seq) + ":";
        for (NodeId id : members)
            line += " " + std::to_string(id);
        lines[to].push_back(line);
    }
    void unknown_sender(const GroupName& group, NodeId node) override {
        unknown.push_back(group.bytes + " from " + std::to_string(node));
    }
    std::vector<std::string> take(ConnectionId connection) { return std::exchange(lines[connection], {}); }

    std::map<ConnectionId, std::vector<std::string>> lines;
    std::vector<std::string> unknown;
    std::size_t largest = 0;
};

struct Sent {
    NodeId sender = 0;
    std::uint32_t function = 0;
    ByteOrder order = totem::kNativeOrder;
    std::vector<std::uint8_t> bytes;
};

class Node final : public ExecSender {
public:
    Node(NodeId node_id, totem::Dialect dialect, ByteOrder order, std::deque<Sent>& queue)
        : id(node_id), dialect_(dialect), order_(order), queue_(queue), cpg(*this, clients) {}

    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override {
        if (full) return false;
        Sent sent{id, function, order_, std::vector<std::uint8_t>(kExecHeaderSize)};
        for (Bytes chunk : body)
            sent.bytes.insert(sent.bytes.end(), chunk.begin(), chunk.end());
        totem::Writer out(sent.bytes, order_);
        out.u32(service << 16 | function);
        out.u32(0);
        out.u32(static_cast<std::uint32_t>(sent.bytes.size()));
        queue_.push_back(std::move(sent));
        return true;
    }
    NodeId local_node() const override { return id; }
    ByteOrder order() const override { return order_; }
    totem::Dialect dialect() const override { return dialect_; }

    totem::sync::Participant& part() { return *cpg.participant(); }
    // A connected client that joined `group`; its events so far are thrown away by the caller.
    int join(ConnectionId connection, const std::string& group, std::uint32_t pid, std::uint32_t flags = 0) {
        cpg.connected(connection);
        return cpg.join(connection, {group}, pid, flags);
    }

    const NodeId id;
    bool full = false;

private:
    const totem::Dialect dialect_;
    const ByteOrder order_;
    std::deque<Sent>& queue_;

public:
    ClientLog clients;
    CpgService cpg;
};

class Cluster {
public:
    explicit Cluster(totem::Dialect dialect = totem::Dialect::v3) : dialect_(dialect) {}

    Node& add(NodeId id, ByteOrder order = totem::kNativeOrder) {
        return *(nodes_[id] = std::make_unique<Node>(id, dialect_, order, queue));
    }
    Node& node(NodeId id) { return *nodes_.at(id); }
    void crash(NodeId id) { nodes_.erase(id); }

    // Delivers what is queued to `members`, their answers included.
    void run(const std::vector<NodeId>& members) {
        while (!queue.empty()) {
            const Sent sent = std::move(queue.front());
            queue.pop_front();
            if (std::find(members.begin(), members.end(), sent.sender) == members.end()) continue;
            for (NodeId id : members)
                node(id).cpg.on_exec(sent.function, sent.sender, sent.order, sent.bytes);
        }
    }
    void init(NodeId id, const std::vector<NodeId>& transitional, const std::vector<NodeId>& members) {
        totem::RingId ring;
        ring.rep.nodeid = *std::min_element(members.begin(), members.end());
        ring.seq = seq;
        node(id).part().sync_announced();
        node(id).part().sync_init(transitional, members, ring);
    }
    // A whole synchronisation; each node's transitional members are those it shared its last ring with.
    void form(const std::vector<NodeId>& members) {
        seq += 4;
        for (NodeId id : members) {
            std::vector<NodeId> transitional;
            for (NodeId old : rings_[id].second) {
                const bool moved = std::find(members.begin(), members.end(), old) != members.end();
                if (moved && rings_[old] == rings_[id]) transitional.push_back(old);
            }
            init(id, transitional, members);
        }
        for (NodeId id : members) {
            rings_[id] = {seq, members};
            EXPECT_TRUE(node(id).part().sync_process({}));
        }
        run(members);
        for (NodeId id : members)
            node(id).part().sync_activate({});
        for (NodeId id : members)
            node(id).part().sync_finished({});
    }

    std::deque<Sent> queue;
    std::uint64_t seq = 0;

private:
    const totem::Dialect dialect_;
    std::map<NodeId, std::unique_ptr<Node>> nodes_;
    std::map<NodeId, std::pair<std::uint64_t, std::vector<NodeId>>> rings_;
};

}  // namespace engine::cpg::test
