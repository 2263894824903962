// A ring whose sequence numbers pass 2^32 (totem-srp.md section 4).
#include <gtest/gtest.h>

#include "harness.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

// Adds to all sequence numbers of a ring on which nothing was sent yet.
struct RingTestAccess {
    static void shift(Ring& ring, Seq by) {
        Ring::Impl& impl = *ring.impl_;
        Window& window = *impl.window;
        window.queue.reset(window.queue.head() + by);
        window.aru += by;
        window.high_seq_received += by;
        window.high_delivered += by;
        window.last_released += by;
        impl.token.last_seq += by;
        impl.token.last_aru += by;
        impl.token.handled_token_seq += by;
        wire::Token saved;
        ASSERT_EQ(impl.codec.decode(impl.token.saved.bytes(), saved), wire::Drop::none);
        saved.seq += by;
        saved.aru += by;
        saved.token_seq += by;
        impl.token.saved = impl.outbox.encode(saved);
    }
};

namespace test {
namespace {

class Wrap : public testing::TestWithParam<Dialect> {
protected:
    Net net{GetParam()};

    // 200 messages before the wrap; token_seq, which is ahead by some visits, wraps even earlier.
    void SetUp() override {
        for (NodeId id = 1; id <= 3; ++id)
            net.add(id).start();
        ASSERT_TRUE(net.settle({1, 2, 3}));
        ASSERT_TRUE(net.run_until([&] { return net.packets.back().type == wire::PacketType::merge_detect; }));
        net.run_for(10ms);
        for (NodeId id = 1; id <= 3; ++id)
            RingTestAccess::shift(net[id].ring(), 0xFFFFFFFF - 200);
        net.record = false;
    }
};
INSTANTIATE_TEST_SUITE_P(Dialects, Wrap, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

TEST_P(Wrap, MessagesKeepTheirOrder) {
    std::uint32_t random = 1;
    net.lose = [&](const Packet& packet, NodeId) {
        random = random * 1664525 + 1013904223;
        return packet.type == wire::PacketType::mcast && (random >> 24) < 25;
    };
    for (int i = 0; i < 200; ++i) {
        for (NodeId id = 1; id <= 3; ++id)
            net[id].send(std::to_string(i));
        net.run_for(2ms);
    }
    net.lose = nullptr;
    ASSERT_TRUE(net.run_until([&] {
        return net[1].deliveries.size() == 600 && net[2].deliveries.size() == 600 && net[3].deliveries.size() == 600;
    }));
    EXPECT_EQ(net[1].deliveries.front().seq, 0xFFFFFFFF - 199);
    EXPECT_EQ(net[1].deliveries.back().seq, 399u);
    EXPECT_EQ(net[2].deliveries, net[1].deliveries);
    EXPECT_EQ(net[3].deliveries, net[1].deliveries);
    net.run_for(2s);
    EXPECT_TRUE(net.settled({1, 2, 3}));
    EXPECT_EQ(net[1].seen.gather_reasons.size(), net[1].ring().statistics(net.now).gather_entered);
    EXPECT_EQ(net[1].seen.freed.back().second, 399u);  // released across the wrap
}

TEST_P(Wrap, RecoveryAcrossTheWrap) {
    for (int i = 0; i < 190; ++i)
        net[1].send("before");
    ASSERT_TRUE(net.run_until([&] { return net[3].deliveries.size() == 190; }));
    net.lose = [](const Packet& packet, NodeId to) { return packet.type == wire::PacketType::mcast && to == 3; };
    for (int i = 0; i < 30; ++i)
        net[1].send("across");
    ASSERT_TRUE(net.run_until([&] { return net[2].deliveries.size() == 220; }));
    EXPECT_EQ(net[2].deliveries.back().seq, 19u);
    net.kill(1);
    net.lose = nullptr;
    ASSERT_TRUE(net.settle({2, 3}));
    EXPECT_EQ(net[3].deliveries, net[2].deliveries);
    EXPECT_EQ(net[3].deliveries.size(), 220u);
}

}  // namespace
}  // namespace test
}  // namespace totem::srp
