// The barrier protocol: spec totempg-sync-services.md section 9.

#include "totem/sync/synchronizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/sync/message_bus.hpp"
#include "totem/sync/messages.hpp"

namespace totem::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

using Log = std::vector<std::string>;

std::string list(std::span<const NodeId> nodes) {
    std::string out;
    for (NodeId id : nodes)
        out += (out.empty() ? "" : " ") + std::to_string(id);
    return out;
}

class Part final : public sync::Participant {
public:
    Part(std::uint32_t id, Log& log) : id_(id), name_("s" + std::to_string(id)), log_(log) {}
    std::uint32_t service_id() const override { return id_; }
    std::string_view service_name() const override { return name_; }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members, const RingId&) override {
        log_.push_back(name_ + " init [" + list(transitional) + "] [" + list(members) + "]");
    }
    bool sync_process(Instant) override {
        log_.push_back(name_ + " process");
        return refusals == 0 || --refusals == 0;
    }
    void sync_activate(Instant) override { log_.push_back(name_ + " activate"); }
    void sync_abort() override { log_.push_back(name_ + " abort"); }
    int refusals = 0;

private:
    const std::uint32_t id_;
    const std::string name_;
    Log& log_;
};

struct Node final : sync::Progress {
    Node(MessageBus& message_bus, NodeId id, const std::vector<std::uint32_t>& services, pg::PgConfig config = {})
        : bus(message_bus.add(id, config)), sync(config.dialect, config.order, bus.groups, *this) {
        for (auto at = services.rbegin(); at != services.rend(); ++at) {
            parts.push_back(std::make_unique<Part>(*at, log));
            sync.add(*parts.back());
        }
        bus.on_configuration = [this](const srp::Configuration& change) {
            sync.announce();
            sync.configuration({}, change);
        };
        bus.on_token_sent = [this] { sync.token_sent({}); };
    }
    void sync_process_entered() override { log.push_back("enter"); }
    void sync_service_committed(std::string_view name) override { log.push_back("commit " + std::string(name)); }
    void sync_aborted() override { log.push_back("aborted"); }
    void sync_completed(const RingId&) override {
        log.push_back("completed");
        bus.synchronized();
    }
    Log take() { return std::exchange(log, {}); }

    BusNode& bus;
    Log log;
    std::vector<std::unique_ptr<Part>> parts;
    sync::Synchronizer sync;
};

RingId ring_1_5() {
    RingId ring;
    ring.rep.nodeid = 1;
    ring.seq = 5;
    return ring;
}

TEST(SyncMessages, ServiceBuildMatchesObservedTraffic) {
    std::array<std::uint8_t, sync::kMaxMessageSize> out;
    const std::array<std::uint32_t, 4> services{0, 2, 3, 5};
    ASSERT_EQ(sync::encode_service_build(Dialect::v3, ring_1_5(), services, ByteOrder::little, out), 552u);
    const std::vector<std::uint8_t> start{1, 0, 0, 0, 0, 0, 0, 0, 0x28, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
                                          5, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
                                          0, 0, 0, 0, 2, 0, 0, 0, 3,    0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(std::vector<std::uint8_t>(out.begin(), out.begin() + 60), start);
    EXPECT_TRUE(std::all_of(out.begin() + 60, out.begin() + 552, [](std::uint8_t b) { return b == 0; }));
}

TEST(SyncMessages, SizesOfBothDialects) {
    std::array<std::uint8_t, sync::kMaxMessageSize> out;
    EXPECT_EQ(sync::encode_barrier(Dialect::v3, ring_1_5(), kNativeOrder, out), 32u);
    EXPECT_EQ(sync::encode_barrier(Dialect::v2, ring_1_5(), kNativeOrder, out), 48u);
    EXPECT_EQ(sync::encode_service_build(Dialect::v2, ring_1_5(), {}, kNativeOrder, out), 568u);
    EXPECT_EQ(sync::encode_service_build(Dialect::v2, ring_1_5(), {}, kNativeOrder, MutableBytes(out).first(567)), 0u);
}

TEST(SyncMessages, RoundTripInBothOrdersAndDialects) {
    RingId ring = ring_1_5();
    for (Dialect dialect : {Dialect::v2, Dialect::v3}) {
        for (ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
            if (dialect == Dialect::v2) {
                ring.rep.family = NodeAddress::kIpv4;
                ring.rep.bytes = {10, 77, 0, 1, 9, 9, 9};
            }
            std::array<std::uint8_t, sync::kMaxMessageSize> out;
            const std::array<std::uint32_t, 3> services{0, 2, 5};
            const std::size_t size = sync::encode_service_build(dialect, ring, services, order, out);
            sync::Head head;
            sync::ServiceList ids;
            ASSERT_TRUE(sync::decode_head(dialect, Bytes(out).first(size), order, head));
            ASSERT_TRUE(sync::decode_service_list(dialect, Bytes(out).first(size), order, ids));
            EXPECT_EQ(head.id, sync::MessageId::service_build);
            EXPECT_EQ(ids.count, 3u);
            EXPECT_EQ(ids.ids[2], 5u);
            if (dialect == Dialect::v2) {
                EXPECT_TRUE(head.ring == ring);
            }
        }
        ring = ring_1_5();
    }
}

TEST(Synchronizer, SingleNodeRunsServicesInIdOrder) {
    MessageBus bus;
    Node node(bus, 1, {0, 2});
    EXPECT_TRUE(node.sync.in_progress()) << "from process start on";
    bus.form({1});
    bus.rotate({1}, 4);
    EXPECT_THAT(node.log, ElementsAre("s0 init [] [1]", "s2 init [] [1]", "enter", "s0 process", "commit s0",
                                      "s0 activate", "s2 process", "commit s2", "s2 activate", "completed"));
    EXPECT_FALSE(node.sync.in_progress());
}

TEST(Synchronizer, NobodyActivatesBeforeEverybodyProcessed) {
    MessageBus bus;
    Node one(bus, 1, {0, 2}), two(bus, 2, {0, 2});
    two.parts[1]->refusals = 4;  // service 0 of node 2
    bus.form({1, 2});
    bus.rotate({1, 2}, 3);
    EXPECT_THAT(one.log, Contains("s0 process"));
    EXPECT_THAT(one.log, Not(Contains("s0 activate")));
    bus.rotate({1, 2}, 20);
    EXPECT_EQ(one.log.back(), "completed");
    EXPECT_EQ(two.log.back(), "completed");
    EXPECT_EQ(std::count(two.log.begin(), two.log.end(), "s0 process"), 4);
    EXPECT_EQ(std::count(one.log.begin(), one.log.end(), "s0 process"), 1);
}

TEST(Synchronizer, TransitionalListIsIntersectedAndKeepsItsOrder) {
    MessageBus bus;
    Node one(bus, 1, {0}), two(bus, 2, {0}), three(bus, 3, {0});
    bus.form({3, 1, 2});
    bus.rotate({3, 1, 2}, 6);
    one.take();
    bus.form({1, 3});
    bus.rotate({1, 3}, 6);
    EXPECT_EQ(one.take().front(), "s0 init [3 1] [1 3]");
    bus.form({1, 2, 3});
    bus.rotate({1, 2, 3}, 6);
    EXPECT_EQ(one.log.front(), "s0 init [1 3] [1 2 3]");
    EXPECT_EQ(one.log.back(), "completed");
}

TEST(Synchronizer, ServicesOthersLackGetADummyBarrier) {
    MessageBus bus;
    Node full(bus, 1, {0, 2, 3, 5}), sparse(bus, 2, {2});
    bus.form({1, 2});
    bus.rotate({1, 2}, 12);
    EXPECT_EQ(full.log.back(), "completed");
    EXPECT_EQ(sparse.log.back(), "completed");
    EXPECT_THAT(sparse.log, Contains("commit Unknown External Service (id = 5)"));
    EXPECT_EQ(std::count_if(sparse.log.begin(), sparse.log.end(),
                            [](const std::string& line) { return line.starts_with("commit"); }),
              4);
}

TEST(Synchronizer, NoServicesAtAllCompleteWithTheLists) {
    MessageBus bus;
    Node one(bus, 1, {}), two(bus, 2, {});
    bus.form({1, 2});
    bus.rotate({1, 2});
    EXPECT_THAT(one.log, ElementsAre("enter", "completed"));
}

TEST(Synchronizer, ChangeInProcessAbortsTheCurrentServiceOnly) {
    MessageBus bus;
    Node one(bus, 1, {0, 2}), two(bus, 2, {0, 2});
    one.parts[1]->refusals = 1000;
    bus.form({1, 2});
    bus.rotate({1, 2}, 3);
    one.take();
    bus.form({1});
    EXPECT_THAT(one.log, ElementsAre("s0 abort", "aborted", "s0 init [1] [1]", "s2 init [1] [1]"));
    one.parts[1]->refusals = 0;
    bus.rotate({1}, 6);
    EXPECT_EQ(one.log.back(), "completed");
}

TEST(Synchronizer, ChangeInBuildOrBarrierDoesNotReachTheServices) {
    MessageBus bus;
    Node one(bus, 1, {0}), two(bus, 2, {0});
    bus.form({1, 2});
    bus.visit(1);
    one.take();
    bus.form({1, 2});  // in BUILD
    EXPECT_THAT(one.take(), ElementsAre("aborted", "s0 init [1 2] [1 2]"));
    bus.rotate({1, 2});
    bus.visit(1);  // node 1's barrier is out, node 2's is not
    EXPECT_THAT(one.take(), Contains("s0 process"));
    bus.form({1, 2});
    EXPECT_THAT(one.take(), ElementsAre("aborted", "s0 init [1 2] [1 2]"));
    bus.rotate({1, 2}, 6);
    EXPECT_EQ(one.log.back(), "completed");
    EXPECT_EQ(two.log.back(), "completed");
}

// Messages of an abandoned ring are sent in the next one and must not count there.
TEST(Synchronizer, LeftoversOfAnAbandonedRingAreDropped) {
    MessageBus bus;
    Node one(bus, 1, {0}), two(bus, 2, {0});
    bus.form({1});
    bus.node(1).groups.token_received();  // its list waits in the second queue
    bus.form({1, 2});
    bus.rotate({1, 2}, 6);
    EXPECT_GT(two.sync.dropped(), 0u);
    EXPECT_EQ(one.log.back(), "completed");
    EXPECT_EQ(two.log.back(), "completed");
}

TEST(Synchronizer, OppositeByteOrdersSynchronise) {
    for (Dialect dialect : {Dialect::v2, Dialect::v3}) {
        MessageBus bus;
        Node one(bus, 1, {0, 2}, {dialect, ByteOrder::little, 1410}),
            two(bus, 2, {0, 2}, {dialect, ByteOrder::big, 1102});
        bus.form({1, 2});
        bus.rotate({1, 2}, 8);
        EXPECT_EQ(one.log.back(), "completed");
        EXPECT_EQ(two.log.back(), "completed");
    }
}

TEST(Synchronizer, FullQueuesAreRetried) {
    MessageBus bus;
    Node node(bus, 1, {0});
    node.bus.full = true;
    bus.form({1});
    bus.rotate({1}, 3);
    EXPECT_THAT(node.log, ElementsAre("s0 init [] [1]"));
    node.bus.full = false;
    bus.rotate({1}, 2);
    node.bus.full = true;
    bus.rotate({1}, 3);
    EXPECT_THAT(node.log, Not(Contains("s0 activate")));
    node.bus.full = false;
    bus.rotate({1}, 3);
    EXPECT_EQ(node.log.back(), "completed");
    EXPECT_EQ(std::count(node.log.begin(), node.log.end(), "s0 process"), 1);
}

TEST(Synchronizer, HostileListsAreBounded) {
    MessageBus bus;
    Node one(bus, 1, {0}), two(bus, 2, {0});
    bus.form({1, 2});
    bus.rotate({1});  // node 1 is in BUILD, waiting for node 2
    std::vector<std::uint32_t> ids;
    for (std::uint32_t i = 0; i < 127; ++i)
        ids.push_back(i * 0x01010101u);
    ids.push_back(0xffffffff);
    std::array<std::uint8_t, sync::kMaxMessageSize> out;
    const std::size_t size = sync::encode_service_build(Dialect::v3, bus.node(1).ring, ids, kNativeOrder, out);
    const auto before = one.sync.dropped();
    const std::vector<std::uint8_t> good(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
    one.sync.on_message(9, kNativeOrder, good);  // not a member
    EXPECT_EQ(one.sync.dropped(), before + 1);
    auto many = good;
    many[32] = 129;
    one.sync.on_message(2, kNativeOrder, many);  // n > 128
    EXPECT_EQ(one.sync.dropped(), before + 2);
    for (std::size_t cut = 0; cut < size; ++cut)
        one.sync.on_message(2, kNativeOrder, Bytes(good).first(cut));
    EXPECT_THAT(one.log, Not(Contains("enter")));
    one.sync.on_message(2, kNativeOrder, good);
    EXPECT_THAT(one.log, Contains("enter"));
}

TEST(Synchronizer, UnknownMessageIdsAndEarlyBarriersAreIgnored) {
    MessageBus bus;
    Node one(bus, 1, {0}), two(bus, 2, {0});
    bus.form({1, 2});
    std::array<std::uint8_t, sync::kMaxMessageSize> out;
    const std::size_t size = sync::encode_barrier(Dialect::v3, bus.node(1).ring, kNativeOrder, out);
    one.sync.on_message(2, kNativeOrder, Bytes(out).first(size));
    one.sync.on_message(1, kNativeOrder, Bytes(out).first(size));
    EXPECT_EQ(one.sync.dropped(), 2u);
    out[0] = 7;
    one.sync.on_message(2, kNativeOrder, Bytes(out).first(size));
    EXPECT_EQ(one.sync.dropped(), 3u);
    bus.rotate({1, 2}, 6);
    EXPECT_EQ(one.log.back(), "completed");
}

// Changes at random moments; the nodes of the last ring always finish, and nobody ever activates a
// service that some member has not processed in the same ring.
TEST(Synchronizer, RandomChangesAlwaysEndInCompletion) {
    unsigned random = 7;
    const auto next = [&](unsigned bound) { return (random = random * 1664525 + 1013904223) / 256 % bound; };
    MessageBus bus;
    std::vector<std::unique_ptr<Node>> nodes;
    for (NodeId id = 1; id <= 4; ++id) {
        nodes.push_back(std::make_unique<Node>(
            bus, id, id % 2 ? std::vector<std::uint32_t>{0, 2, 3, 5} : std::vector<std::uint32_t>{0, 2, 5}));
    }
    for (int round = 0; round < 300; ++round) {
        std::vector<NodeId> left, right;
        for (NodeId id = 1; id <= 4; ++id)
            (next(3) ? left : right).push_back(id);
        for (const auto& members : {left, right}) {
            if (!members.empty()) bus.form(members);
        }
        for (unsigned visits = next(40); visits > 0; --visits)
            bus.visit(1 + next(4), 1 + next(3));
        if (round % 10 != 0) continue;
        for (const auto& members : {left, right})
            bus.rotate(members, 12);
        for (const auto& node : nodes) {
            ASSERT_FALSE(node->sync.in_progress()) << "round " << round << " node " << node->bus.id;
            ASSERT_EQ(node->log.back(), "completed");
        }
    }
}

}  // namespace
}  // namespace totem::test
