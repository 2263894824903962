#pragma once
// Whole nodes (stack, executive, services) on a lossless in-memory network under virtual time.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/exec/executive.hpp"
#include "engine/services/cfg/cfg_service.hpp"
#include "engine/services/cmap/config_version_service.hpp"
#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/pload/pload_service.hpp"
#include "engine/services/quorum/quorum_service.hpp"
#include "engine/services/votequorum/votequorum_service.hpp"
#include "totem/stack/stack.hpp"

namespace totem::test {

class Network;

struct NodeOptions {
    Dialect dialect = Dialect::v3;
    ByteOrder order = kNativeOrder;
    std::size_t packet_size = 1410;
    std::optional<std::uint64_t> config_version;
    bool votequorum = true;
    std::uint32_t votes = 1, expected_votes = 3;
    std::uint32_t socket_holds = 0;
};

inline Identity identity(Dialect dialect, NodeId id) {
    Identity out = Identity::v3(id);
    if (dialect == Dialect::v2) {
        out.addr[0] = {id, NodeAddress::kIpv4, {10, 77, 0, static_cast<std::uint8_t>(id)}};
    }
    return out;
}

class VirtualNode final : public srp::Host,
                          public rrp::Networks,
                          public srp::Observer,
                          public StackListener,
                          public engine::cpg::CpgClients,
                          public engine::cmap::ConfigVersionEvents,
                          public engine::quorum::QuorumEvents,
                          public engine::quorum::QuorumClients,
                          public engine::votequorum::VotequorumHost,
                          public engine::cfg::CfgEvents {
public:
    VirtualNode(Network& network, NodeId node, const NodeOptions& options)
        : id(node),
          network_(network),
          stack(stack_config(node, options), pool, *this, *this, *this, *this),
          exec(stack, options.dialect, options.order, node),
          cmap(exec, *this, options.config_version),
          cfg(exec, *this),
          cpg(exec, *this),
          quorum(options.dialect, true, *this),
          votequorum(exec, quorum, *this,
                     vote::read({.expected_votes = options.expected_votes, .votes = options.votes})) {
        quorum.attach(*this);
        EXPECT_TRUE(exec.add(cmap));
        EXPECT_TRUE(exec.add(cfg));
        EXPECT_TRUE(exec.add(cpg));
        EXPECT_TRUE(exec.add(pload));
        EXPECT_TRUE(exec.add(quorum));
        EXPECT_TRUE(!options.votequorum || exec.add(votequorum));
        EXPECT_FALSE(exec.add(cmap)) << "taken";
    }

    static StackConfig stack_config(NodeId node, const NodeOptions& options) {
        StackConfig config;
        config.ring.dialect = options.dialect;
        config.ring.order = options.order;
        config.ring.self = identity(options.dialect, node);
        config.ring.queue_capacity = 4 * kMaxMessage / options.packet_size;
        config.ring.parameters = srp::derive({}, options.dialect, 3);
        config.packet_size = options.packet_size;
        config.ring.pace = {.accelerated = true, .adaptive_window = true, .early_requests = true};
        config.socket_holds = options.socket_holds;
        return config;
    }

    // rrp::Networks
    inline void multicast(unsigned network, const FrameRef& frame, Fanout) override;
    inline void unicast(unsigned network, const FrameRef& frame, const Identity& target) override;
    void drain_others(unsigned) override {}
    void flush() override {}
    bool discard_pending_input() override { return false; }
    // srp::Observer
    void token_handled(const wire::Token& received, const wire::Token& sent) override {
        most_in_a_visit = std::max(most_in_a_visit, sent.seq - received.seq);
    }
    // srp::Host
    bool store_ring_seq(std::uint64_t seq) override {
        stored_seq = seq;
        return true;
    }
    std::uint32_t random_up_to(std::uint32_t bound) override { return bound / 2; }

    // StackListener
    void configuration(const srp::Configuration& change) override {
        EXPECT_TRUE(stack.sync_in_progress());
        if (change.kind != srp::Configuration::Kind::regular) return;
        ring_members.clear();
        for (const Identity& member : change.members)
            ring_members.push_back(member.nodeid);
    }
    void sync_completed(const RingId&) override {
        EXPECT_FALSE(stack.sync_in_progress());
        ++syncs;
    }

    // services
    void confchg(engine::cpg::ConnectionId, const engine::cpg::GroupName&,
                 std::span<const engine::cpg::Address> members, std::span<const engine::cpg::Address> left,
                 std::span<const engine::cpg::Address> joined) override {
        std::string line = "m";
        for (const auto& a : members)
            line += " " + std::to_string(a.node) + ":" + std::to_string(a.pid);
        line += " l";
        for (const auto& a : left)
            line += " " + std::to_string(a.node) + "/" + std::to_string(int(a.reason));
        line += " j";
        for (const auto& a : joined)
            line += " " + std::to_string(a.node) + "/" + std::to_string(int(a.reason));
        confchgs.push_back(line);
    }
    void deliver(engine::cpg::ConnectionId, const engine::cpg::GroupName&, NodeId sender, std::uint32_t,
                 Bytes data) override {
        delivered.push_back({sender, {data.begin(), data.end()}});
    }
    void partial_deliver(engine::cpg::ConnectionId, const engine::cpg::GroupName&, NodeId, std::uint32_t, std::uint32_t,
                         std::uint32_t, Bytes) override {}
    void totem_confchg(engine::cpg::ConnectionId, NodeId, std::uint64_t, std::span<const NodeId>) override {}
    void member_config_version(NodeId node, std::uint64_t version) override { versions[node] = version; }
    void config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) override {
        mismatch = std::to_string(theirs) + " " + std::to_string(ours);
    }
    void sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                    std::span<const NodeId> left) override {
        lists = {{members.begin(), members.end()}, {joined.begin(), joined.end()}, {left.begin(), left.end()}};
    }
    void nodelist(const RingId&, std::span<const NodeId>, std::span<const NodeId>, std::span<const NodeId>) override {
        ++nodelists;
    }
    void quorum_reported(bool, bool, std::span<const NodeId>) override {}
    void quorum_changed() override {}
    Instant now() override { return stack.now(); }
    void killed(NodeId by, std::string_view reason) override {
        kill_reason = std::to_string(by) + " " + std::string(reason);
    }
    void shut_down(NodeId node) override { shutdowns.push_back(node); }
    void reload_requested(NodeId by, std::uint64_t) override { reloads.push_back(by); }
    void crypto_reconfiguration(engine::cfg::CryptoPhase phase) override { phases.push_back(phase); }

    const NodeId id;
    std::uint64_t stored_seq = 0;
    std::uint32_t most_in_a_visit = 0;  // messages
    int syncs = 0, nodelists = 0;
    std::vector<NodeId> ring_members, shutdowns, reloads;
    std::vector<std::string> confchgs;
    std::vector<std::pair<NodeId, std::vector<std::uint8_t>>> delivered;
    std::map<NodeId, std::uint64_t> versions;
    std::string mismatch, kill_reason;
    std::vector<std::vector<NodeId>> lists;
    std::vector<engine::cfg::CryptoPhase> phases;

private:
    Network& network_;

public:
    FramePool pool;
    Stack stack;
    engine::Executive exec;
    engine::cmap::ConfigVersionService cmap;
    engine::cfg::CfgService cfg;
    engine::cpg::CpgService cpg;
    engine::pload::PloadService pload;
    engine::quorum::QuorumService quorum;
    engine::votequorum::VotequorumService votequorum;
};

class Network {
public:
    explicit Network(NodeOptions options = {}) : options_(options) {}

    VirtualNode& start(NodeId id) { return start(id, options_); }
    VirtualNode& start(NodeId id, const NodeOptions& options) {
        const std::uint64_t seq = stored_[id];
        nodes_[id] = std::make_unique<VirtualNode>(*this, id, options);
        VirtualNode& node = *nodes_[id];
        node.stack.set_now(now_);
        if (options.votequorum) node.votequorum.start();
        node.stack.start(now_, seq);
        return node;
    }
    void kill(NodeId id) {
        stored_[id] = nodes_.at(id)->stored_seq;
        nodes_.erase(id);
    }
    VirtualNode& node(NodeId id) {
        VirtualNode& found = *nodes_.at(id);
        found.stack.set_now(now_);
        return found;
    }
    bool alive(NodeId id) const { return nodes_.count(id) != 0; }
    // Nodes of different islands do not hear each other.
    void partition(std::vector<std::set<NodeId>> islands) { islands_ = std::move(islands); }
    void heal() { islands_.clear(); }

    void send(NodeId from, NodeId to, Bytes packet) {
        if (!alive(to) || !connected(from, to)) return;
        // Links keep their order; a little jitter keeps rings from moving in lockstep.
        random_ = random_ * 1664525 + 1013904223;
        Instant& at = last_arrival_[{from, to}];
        at = std::max(at, now_ + std::chrono::microseconds(50 + random_ / 256 % 100));
        queue_.emplace(at, Datagram{to, {packet.begin(), packet.end()}});
    }
    void send_to_others(NodeId from, Bytes packet) {
        for (const auto& [id, node] : nodes_) {
            if (id != from) send(from, id, packet);
        }
    }

    void run_for(Duration duration) {
        const Instant end = now_ + duration;
        while (step(end)) {
        }
        now_ = end;
    }
    // Runs until `condition` or for `limit` at most.
    template <typename Condition>
    [[nodiscard]] bool run_until(Condition&& condition, Duration limit = std::chrono::seconds(60)) {
        const Instant end = now_ + limit;
        while (!condition()) {
            if (!step(end)) return false;
        }
        return true;
    }
    // Every node of `members` has completed a synchronisation of exactly this ring.
    [[nodiscard]] bool settle(const std::vector<NodeId>& members) {
        return run_until([&] {
            return std::all_of(members.begin(), members.end(), [&](NodeId id) {
                auto ring = nodes_.at(id)->ring_members;
                std::sort(ring.begin(), ring.end());
                return ring == members && !nodes_.at(id)->stack.sync_in_progress();
            });
        });
    }

private:
    struct Datagram {
        NodeId to;
        std::vector<std::uint8_t> bytes;
    };

    bool connected(NodeId a, NodeId b) const {
        if (islands_.empty() || a == b) return true;
        return std::any_of(islands_.begin(), islands_.end(),
                           [&](const auto& island) { return island.count(a) && island.count(b); });
    }
    // The next datagram or timeout, if it comes before `end`.
    bool step(Instant end) {
        Instant next = queue_.empty() ? kNever : queue_.begin()->first;
        VirtualNode* timed = nullptr;
        for (const auto& [id, node] : nodes_) {
            if (node->stack.next_timeout() < next) {
                next = node->stack.next_timeout();
                timed = node.get();
            }
        }
        if (next >= end) return false;
        now_ = std::max(now_, next);
        if (timed) {
            timed->stack.on_timeout(now_);
            return true;
        }
        const Datagram datagram = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        if (alive(datagram.to)) nodes_.at(datagram.to)->stack.on_datagram(now_, 0, datagram.bytes);
        return true;
    }

    const NodeOptions options_;
    Instant now_ = Instant(std::chrono::seconds(1000));
    std::map<NodeId, std::unique_ptr<VirtualNode>> nodes_;
    std::map<NodeId, std::uint64_t> stored_;
    std::vector<std::set<NodeId>> islands_;
    std::multimap<Instant, Datagram> queue_;
    std::map<std::pair<NodeId, NodeId>, Instant> last_arrival_;
    unsigned random_ = 1;
};

void VirtualNode::multicast(unsigned, const FrameRef& frame, Fanout) {
    network_.send_to_others(id, frame.bytes());
}

void VirtualNode::unicast(unsigned, const FrameRef& frame, const Identity& target) {
    network_.send(id, target.nodeid, frame.bytes());
}

}  // namespace totem::test
