#pragma once
// A deterministic network of rings in memory: virtual time, lossless unless a test says otherwise.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "totem/srp/ring.hpp"

namespace totem::srp::test {

using namespace std::chrono_literals;

Identity identity(Dialect dialect, NodeId id);  // v2: 10.77.0.<id>

// For INSTANTIATE_TEST_SUITE_P over dialects.
inline std::string dialect_name(const testing::TestParamInfo<Dialect>& param) {
    return param.param == Dialect::v2 ? "v2" : "v3";
}

// One packet as the network saw it.
struct Packet {
    Instant at;
    NodeId from = 0;
    NodeId to = 0;  // 0: everybody
    std::vector<std::uint8_t> bytes;
    wire::PacketType type{};
    std::string text;  // see describe()
};

// "1 -> 2 TOKEN seq 0 token_seq 1 aru ffffffff addr 1 fcc 0 backlog 0 flg 0 rtr {}" and the like; numbers of packets
// decimal, ring ids as "1.9" (hexadecimal).
std::string describe(Dialect dialect, NodeId from, NodeId to, Bytes packet);

class Net;

class Node final : public Upper, public Effects, public Observer {
public:
    struct Delivered {
        RingId ring;
        std::uint32_t seq;
        NodeId originator;
        ByteOrder order;
        std::string payload;
        bool operator==(const Delivered&) const = default;
    };
    // Counts of observer calls and what they said last.
    struct Seen {
        std::vector<GatherReason> gather_reasons;
        std::vector<std::string> retransmit_lists;
        std::size_t failed_to_receive = 0, pauses = 0, warnings = 0, fatal = 0, tokens = 0;
        std::vector<std::pair<RingId, std::uint32_t>> freed;
        std::vector<wire::Token> tokens_out;
        std::vector<NodeId> left_without_leave;
        std::vector<TokenTrail> trails;
        std::vector<NodeId> joined_alone;                     // senders of joins that name nobody else
        std::vector<std::pair<NodeId, NodeId>> named_failed;  // by whom, whom
        std::vector<NodeId> foreign;
    };

    Node(Net& net, NodeId id, const RingConfig& config);

    void start(std::uint64_t stored_seq = 0);
    bool send(const std::string& payload);
    void leave();
    // Frozen nodes neither receive nor run timers; what arrives meanwhile waits.
    void freeze() { frozen = true; }
    void thaw();

    Ring& ring() { return *ring_; }
    NodeId id() const { return id_; }
    std::string ring_text() const { return ring_->ring_id().text(dialect_); }

    // What the layer above heard, one line each: "trans 1.9 {1} left {} joined {}",
    // "regular 1.9 {1,2} left {} joined {2}", "1.9:3 2 payload" (ring:seq originator payload).
    std::vector<std::string> heard;
    std::vector<Delivered> deliveries;
    Seen seen;
    std::uint64_t stored_seq = 0;
    bool storage_works = true;
    bool synchronize = true;  // end the transitional period right after a regular configuration
    bool frozen = false;
    bool alive = true;
    bool keep_tokens = false;  // record every token handled in seen.tokens_out
    std::function<void(const Delivered&)> on_deliver;
    std::function<void()> on_token_received;
    FramePool pool;

private:
    friend class Net;
    // Upper
    void deliver(const Message& message) override;
    void configuration(const Configuration& change) override;
    void token_received() override;
    void token_sent() override {}
    // Effects
    void multicast(const FrameRef& frame, Fanout fanout) override;
    void unicast(const FrameRef& frame, const Identity& target) override;
    void flush() override {}
    bool store_ring_seq(std::uint64_t seq) override;
    bool discard_pending_input() override;
    std::uint32_t random_up_to(std::uint32_t bound) override { return bound / 2; }
    // Observer
    void gather_entered(GatherReason reason) override { seen.gather_reasons.push_back(reason); }
    void retransmit_list(std::span<const wire::RtrItem> list) override;
    void token_trail(const TokenTrail& trail) override { seen.trails.push_back(trail); }
    void join_received(const Identity& sender, std::span<const Identity> proc,
                       std::span<const Identity> failed) override;
    void foreign_heard(const Identity& sender, const RingId&) override { seen.foreign.push_back(sender.nodeid); }
    void failed_to_receive() override { ++seen.failed_to_receive; }
    void pause_detected(Duration) override { ++seen.pauses; }
    void token_warning(Duration) override { ++seen.warnings; }
    void freed(const RingId& ring, std::uint32_t up_to) override { seen.freed.emplace_back(ring, up_to); }
    void token_handled(const wire::Token& in, const wire::Token& out) override;
    void fatal(std::string_view) override { ++seen.fatal; }
    void membership_formed(const RingId&, std::span<const Identity>, std::span<const Identity>,
                           std::span<const Identity>, std::span<const Identity> without_leave) override;

    Net& net_;
    NodeId id_;
    Dialect dialect_;
    std::unique_ptr<Ring> ring_;
};

class Net {
public:
    explicit Net(Dialect spoken = Dialect::v3, std::size_t nodes_in_config = 3)
        : dialect(spoken), parameters(derive({}, spoken, nodes_in_config)) {}

    // Adds a node without starting it.
    Node& add(NodeId id, ByteOrder order = kNativeOrder);
    Node& operator[](NodeId id) { return *nodes.at(id); }
    void kill(NodeId id) { nodes.at(id)->alive = false; }

    void run_for(Duration duration);
    // Until the condition holds; false if that takes longer than `limit`.
    bool run_until(const std::function<bool()>& condition, Duration limit = 60s);
    // All living nodes operational on one ring of exactly these members.
    bool settle(const std::vector<NodeId>& members, Duration limit = 60s);
    bool settled(const std::vector<NodeId>& members);
    // A datagram from nowhere.
    void inject(NodeId to, std::vector<std::uint8_t> bytes);
    std::vector<std::string> trace(std::size_t from = 0) const;
    std::size_t count(wire::PacketType type, std::size_t from = 0) const;

    const Dialect dialect;
    Parameters parameters;
    std::size_t queue_capacity = 2974;
    PaceOptions pace;
    Instant now{1s};
    Duration latency = 50us;
    Duration loopback_delay = 1us;  // of the nodes' own copies
    // True: the packet is lost on its way to `to`.
    std::function<bool(const Packet&, NodeId to)> lose;
    bool record = true;
    std::vector<Packet> packets;  // everything sent, multicasts once
    std::map<NodeId, std::unique_ptr<Node>> nodes;

private:
    friend class Node;
    void sent(NodeId from, NodeId to, Bytes bytes);
    void schedule(Node& node);
    bool step(Instant limit);

    struct Event {
        NodeId to;
        std::vector<std::uint8_t> bytes;
    };
    std::multimap<Instant, Event> in_flight_;
    std::map<NodeId, std::vector<Event>> waiting_;  // for frozen nodes
    std::map<NodeId, Instant> wake_;
};

// The lines of `trace` that contain `what`.
std::vector<std::string> matching(const std::vector<std::string>& trace, const std::string& what);

// A network of one dialect, and packets forged for it.
class DialectTest : public testing::TestWithParam<Dialect> {
protected:
    // A ring of new nodes.
    void form(std::initializer_list<NodeId> ids) {
        for (NodeId id : ids)
            net.add(id).start();
        ASSERT_TRUE(net.settle(ids));
    }
    template <typename P>
    std::vector<std::uint8_t> encoded(const P& packet) const {
        std::vector<std::uint8_t> out(65536);
        out.resize(codec.encode(packet, out));
        return out;
    }
    Identity node(NodeId id) const { return identity(GetParam(), id); }

    Net net{GetParam()};
    const wire::Codec codec{GetParam()};
};

}  // namespace totem::srp::test
