// The receive side, protection to ordering, in the place of a recorded node: totem/crypto opens what that node
// received, totem/rrp passes it up, totem/srp orders it. Everything the recorded ring ordered must be delivered once,
// in order and with the recorded bytes, and each token that came must be handled once.
//
// Our node becomes a member of the recorded ring either as the real one did, from the joins that are in the recording,
// or, where the recording begins later, by forming a ring of the same id with two more of our nodes, who then fall
// silent, and bringing it to the sequence number at which the recording begins. What it sends goes nowhere, so the
// test says nothing about it; the recorded nodes never react to it. Its own multicasts come out of the recording.

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/rrp/machine.hpp"
#include "tests/rrp/recording.hpp"
#include "tests/support/byte_swapper.hpp"
#include "totem/srp/ring.hpp"

namespace totem::rrp::test {
namespace {

using wire::PacketType;

struct Delivered {
    std::uint32_t seq;
    NodeId originator;
    Buffer payload;
    bool operator==(const Delivered&) const = default;
};
using Ordered = std::vector<Delivered>;
using RingKey = std::pair<std::uint64_t, NodeId>;  // sequence, representative

RingKey key_of(const RingId& id) {
    return {id.seq, id.rep.nodeid};
}

class World;

class Shadow final : public Networks,
                     public rrp::Upper,
                     public Observer,
                     public srp::Effects,
                     public srp::Upper,
                     public srp::Observer {
public:
    Shadow(World& world, NodeId id, Mode mode)
        : id_(id),
          world_(world),
          rrp({.dialect = Dialect::v2, .mode = mode, .networks = 2, .self = id, .parameters = parameters()}, pool_,
              *this, *this, *this),
          ring(config(id), pool_, *this, *this, *this) {}

    void on_timeout();
    Instant next_timeout() const { return std::min(rrp.next_timeout(), ring.next_timeout()); }

    // Names tell the calls of both layers apart.
    void packet(Bytes packet) override;
    void multicast(unsigned network, const FrameRef& frame, rrp::Networks::Fanout) override;
    void unicast(unsigned network, const FrameRef& frame, const Identity& target) override;
    void drain_others(unsigned) override {}
    void multicast(const FrameRef& frame, srp::Effects::Fanout fanout) override { rrp.multicast(frame, fanout); }
    void unicast(const FrameRef& frame, const Identity& target) override { rrp.unicast(frame, target); }
    void flush() override {}
    bool store_ring_seq(std::uint64_t) override { return true; }
    bool discard_pending_input() override { return false; }
    std::uint32_t random_up_to(std::uint32_t bound) override { return bound / 2; }
    void deliver(const srp::Message& message) override {
        delivered[key_of(message.ring)].push_back(
            {message.seq, message.originator, {message.payload.begin(), message.payload.end()}});
    }
    void configuration(const srp::Configuration& change) override {
        if (change.kind != srp::Configuration::Kind::regular) return;
        rrp.set_members(change.members);
        regular.insert(key_of(change.ring));
        ring.synchronized();
    }
    void token_received() override {}
    void token_sent() override {}
    void token_handled(const wire::Token& in, const wire::Token&) override {
        EXPECT_TRUE(tokens.insert({key_of(in.ring), in.token_seq}).second) << "handled twice: " << in.token_seq;
    }
    void datagram_dropped(wire::Drop, Bytes) override { ++dropped; }
    void network_status(unsigned, const Status& status) override {
        marked |= status.faulty();
        missed += status.kind == Status::Kind::incrementing;
    }

    std::map<RingKey, Ordered> delivered;
    std::set<RingKey> regular;
    std::set<std::pair<RingKey, std::uint32_t>> tokens;
    int dropped = 0;
    bool marked = false;
    int missed = 0;  // tokens that did not come through one of the networks

private:
    // As the recorded nodes had them.
    static Parameters parameters() {
        return {.token_expired_timeout = srp::derive({}, Dialect::v2, 3).token_retransmit};
    }
    static srp::RingConfig config(NodeId id) {
        srp::RingConfig out;
        out.dialect = Dialect::v2;
        out.self = node(id);
        out.parameters = srp::derive({}, Dialect::v2, 3);
        return out;
    }

    const NodeId id_;
    World& world_;
    FramePool pool_;

public:
    Redundancy rrp;
    srp::Ring ring;
};

// Virtual time, and the network that rings are formed on before the recording takes over.
class World {
public:
    explicit World(Mode mode) : mode_(mode) {}

    Shadow& add(NodeId id, std::uint64_t stored_seq) {
        auto& made = *(nodes_[id] = std::make_unique<Shadow>(*this, id, mode_));
        made.ring.start(now, stored_seq);
        return made;
    }
    void send(unsigned network, NodeId from, NodeId to, Bytes packet) {
        if (silent && to != from) return;
        for (auto& [id, each] : nodes_) {
            if (to == 0 ? id != from : id == to) {
                in_flight_.push_back({now + 50us, id, network, {packet.begin(), packet.end()}});
            }
        }
    }
    void run_until(Instant end, const std::function<bool()>& done = nullptr) {
        while (!done || !done()) {
            Instant next = in_flight_.empty() ? kNever : in_flight_.front().at;
            Shadow* timed = nullptr;
            for (auto& [id, each] : nodes_) {
                if (each->next_timeout() >= next) continue;
                next = each->next_timeout();
                timed = each.get();
            }
            if (next > end) break;
            now = std::max(now, next);
            if (timed != nullptr) {
                timed->on_timeout();
                continue;
            }
            const Packet packet = std::move(in_flight_.front());
            in_flight_.pop_front();
            nodes_.at(packet.to)->rrp.receive(now, packet.network, packet.bytes);
        }
        if (!done) now = end;
    }
    Shadow& node(NodeId id) { return *nodes_.at(id); }
    template <typename Condition>
    bool all(Condition&& condition) const {
        return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& each) { return condition(*each.second); });
    }
    // From now on only `id` lives, and nobody hears it.
    Shadow& keep_only(NodeId id) {
        silent = true;
        in_flight_.clear();
        std::erase_if(nodes_, [&](const auto& each) { return each.first != id; });
        return *nodes_.at(id);
    }

    Instant now{500s};
    bool silent = false;

private:
    struct Packet {
        Instant at;
        NodeId to;
        unsigned network;
        Buffer bytes;
    };
    const Mode mode_;
    std::map<NodeId, std::unique_ptr<Shadow>> nodes_;
    std::deque<Packet> in_flight_;
};

void Shadow::on_timeout() {
    if (rrp.next_timeout() <= world_.now) rrp.on_timeout(world_.now);
    if (ring.next_timeout() <= world_.now) ring.on_timeout(world_.now);
}
void Shadow::packet(Bytes packet) {
    ring.on_datagram(world_.now, packet);
}
void Shadow::multicast(unsigned network, const FrameRef& frame, rrp::Networks::Fanout) {
    world_.send(network, id_, 0, frame.bytes());
}
void Shadow::unicast(unsigned network, const FrameRef& frame, const Identity& target) {
    world_.send(network, id_, target.nodeid, frame.bytes());
}

std::ostream& operator<<(std::ostream& out, const Delivered& message) {
    return out << message.seq << " by " << message.originator << ", " << message.payload.size() << " bytes";
}

struct Case {
    std::string capture;
    NodeId self;
    std::vector<NodeId> members;  // of the ring at the beginning; none: the recording begins with the start of all
    ByteOrder order = ByteOrder::little;  // what the recorded nodes are made to be
    bool alone_first = false;             // the node formed a ring of its own before it heard of others
};

std::ostream& operator<<(std::ostream& out, const Case& each) {
    return out << each.capture << " node " << each.self;
}

std::string name_of(const testing::TestParamInfo<Case>& param) {
    std::string name = param.param.capture + "_node" + std::to_string(param.param.self);
    if (param.param.order == ByteOrder::big) name += "_big_endian";
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

class ReceiveSide : public testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        recorded = recording_without_jump(GetParam().capture);
        for (const Heard& heard : recorded) {
            wire::Token token;
            wire::Join join;
            if (codec.decode(heard.message, token) == wire::Drop::none) {
                begin = {token.ring, token.seq, token.token_seq};
                return;
            }
            // No token of the ring that ends here; then nothing was ordered that the next one needs.
            if (codec.decode(heard.message, join) == wire::Drop::none && join.ring_seq > 8) {
                begin = {ring(join.ring_seq), 1, std::numeric_limits<std::uint32_t>::max()};
                return;
            }
        }
    }

    // The only node left in a world where nobody hears it.
    Shadow& member_of_the_recorded_ring(std::unique_ptr<World>& world) {
        const NodeId self = GetParam().self;
        const Mode mode = GetParam().capture.find("-active-") != std::string::npos ? Mode::active : Mode::passive;
        const std::uint64_t wanted = begin.ring.seq;
        world = std::make_unique<World>(mode);
        if (GetParam().members.empty()) {
            world->silent = true;
            const auto start =
                std::find_if(recorded.begin(), recorded.end(), [&](const Heard& heard) { return heard.from == self; });
            world->now = start->at - 1ms;
            deaf_until = GetParam().alone_first ? world->now : recorded.front().at;
            return world->add(self, 0);
        }
        // How far forming a ring takes the number is the same each time.
        const std::uint64_t step = form(*world, wanted).seq - wanted;
        world = std::make_unique<World>(mode);
        EXPECT_EQ(form(*world, wanted - step), begin.ring);
        fill(*world);
        Shadow& out = world->keep_only(self);
        EXPECT_EQ(highest(out), begin.seq);
        EXPECT_LT(out.tokens.rbegin()->second, begin.token_seq);
        out.delivered.clear();
        out.regular = {key_of(begin.ring)};
        out.tokens.clear();
        return out;
    }
    RingId form(World& world, std::uint64_t stored_seq) {
        for (const NodeId id : GetParam().members)
            world.add(id, stored_seq);
        world.run_until(Instant(520s), [&] {
            return world.all([&](const Shadow& each) {
                return each.ring.state() == srp::State::operational &&
                       each.ring.members().size() == GetParam().members.size();
            });
        });
        return world.node(GetParam().self).ring.ring_id();
    }
    // As many messages as the recorded ring had ordered when the recording began.
    void fill(World& world) {
        Shadow& node = world.node(GetParam().members.front());
        for (std::uint32_t i = 0; i < begin.seq; ++i) {
            FrameRef frame = node.ring.frame_for_payload(8);
            std::fill_n(frame.writable().begin() + static_cast<std::ptrdiff_t>(node.ring.payload_offset()), 8, 0);
            EXPECT_TRUE(node.ring.submit(world.now, std::move(frame)));
        }
        world.run_until(Instant(540s),
                        [&] { return world.all([&](const Shadow& each) { return highest(each) == begin.seq; }); });
    }
    static std::uint32_t highest(const Shadow& node) {
        const auto found = node.delivered.find(key_of(node.ring.ring_id()));
        return found == node.delivered.end() || found->second.empty() ? 0 : found->second.back().seq;
    }

    bool reaches_us(const Heard& heard) const {
        const NodeId self = GetParam().self;
        if (heard.from != self) return heard.to == 0 || heard.to == self;
        // What we sent to the group came back to us; with udpu any of the copies stands for it.
        return heard.type != PacketType::token && heard.type != PacketType::commit_token;
    }
    Buffer bytes_of(const Heard& heard) const {
        return GetParam().order == ByteOrder::little ? heard.message
                                                     : totem::test::big_endian_image(Dialect::v2, heard.message);
    }

    const wire::Codec codec{Dialect::v2};
    std::vector<Heard> recorded;
    Instant deaf_until{};
    // The ring at the beginning, what it had ordered, and its next token.
    struct {
        RingId ring;
        std::uint32_t seq = 0, token_seq = 0;
    } begin;
};

TEST_P(ReceiveSide, DeliversWhatWasRecorded) {
    const NodeId self = GetParam().self;
    std::unique_ptr<World> alone;
    Shadow& shadow = member_of_the_recorded_ring(alone);
    World& world = *alone;

    std::map<RingKey, std::map<std::uint32_t, Delivered>> ordered;  // by the recorded rings
    std::set<std::pair<RingKey, std::uint32_t>> tokens;             // that came to us
    const Duration shift = GetParam().members.empty() ? 0s : world.now + 1ms - recorded.front().at;
    for (const Heard& heard : recorded) {
        if (heard.at < deaf_until) continue;
        if (heard.at + shift > world.now) world.run_until(heard.at + shift);
        wire::Mcast mcast;
        wire::Token token;
        if (codec.decode(heard.message, mcast) == wire::Drop::none && mcast.header.encapsulated != 1) {
            ordered[key_of(mcast.ring)].insert(
                {mcast.seq, {mcast.seq, mcast.system_from.nodeid, {mcast.payload.begin(), mcast.payload.end()}}});
        } else if (heard.to == self && codec.decode(heard.message, token) == wire::Drop::none) {
            tokens.insert({key_of(token.ring), token.token_seq});
        }
        if (reaches_us(heard)) shadow.rrp.receive(world.now, heard.network, bytes_of(heard));
    }
    const int missed = shadow.missed;
    world.run_until(world.now + 450ms);  // what waits for a second copy that was cut off

    std::size_t messages = 0;
    for (const auto& [ring, all] : ordered) {
        if (!shadow.regular.contains(ring)) continue;
        Ordered expected;
        for (const auto& [seq, message] : all)
            expected.push_back(message);
        messages += expected.size();
        EXPECT_EQ(shadow.delivered[ring], expected) << "ring " << ring.first;
    }
    const bool fault = GetParam().capture.ends_with("-ring1fault");  // of network 1 at node 2, who sent nothing there
    EXPECT_EQ(messages > 0, !fault);
    EXPECT_EQ(missed > 0, fault && self == 3);
    std::erase_if(shadow.tokens, [&](const auto& each) {
        return GetParam().alone_first && each.first.second == self;  // of its own ring
    });
    EXPECT_EQ(shadow.tokens, tokens);
    EXPECT_EQ(shadow.dropped, 0);
    EXPECT_FALSE(shadow.marked);
}

std::vector<Case> cases() {
    const std::vector<NodeId> three{1, 2, 3}, two{1, 2};
    std::vector<Case> out;
    const auto add = [&](const std::string& capture, const std::vector<NodeId>& selves,
                         const std::vector<NodeId>& members) {
        for (const NodeId self : selves)
            out.push_back({capture, self, members});
    };
    for (const std::string config : {"2x-udp-passive-", "2x-udp-active-", "2x-udpu-passive-secauth-"}) {
        add(config + "form", {2, 3}, {});
        out[out.size() - 2].alone_first = config.find("secauth") != std::string::npos;
        add(config + "mixed", three, three);
        add(config + "kill", two, three);
        add(config + "merge", two, two);
        if (config.find("secauth") != std::string::npos) {
            continue;
        }
        add(config + "small", three, three);
        add(config + "large", three, three);
        add(config + "loss", three, three);
        add(config + "leave", {1, 3}, three);
        if (config.find("passive") != std::string::npos) add(config + "rejoin", two, two);
        if (config.find("active") != std::string::npos) add(config + "ring1fault", {1, 3}, three);
    }
    for (const char* capture : {"2x-udp-passive-mixed", "2x-udp-active-loss", "2x-udp-passive-kill"})
        out.push_back({capture, 2, three, ByteOrder::big});
    return out;
}

INSTANTIATE_TEST_SUITE_P(Captures, ReceiveSide, testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace totem::rrp::test
