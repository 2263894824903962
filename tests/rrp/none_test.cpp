// Mode none and what all modes share: dispatch, draining, sizes. Spec totem-rrp.md sections 4, 5 and 11.

#include <algorithm>

#include "tests/rrp/machine.hpp"

namespace totem::rrp::test {
namespace {

using wire::PacketType;

TEST(None, SendsAndPassesUpThroughTheOneNetwork) {  // section 5
    Machine machine(Mode::none, 1);
    machine.send_token();
    machine.send_multicast();
    EXPECT_EQ(machine.sent_through(), "0 0");
    for (std::uint32_t i = 0; i < 500; ++i) {
        machine.receive(0, token(i));
        machine.receive(0, mcast(i));
    }
    EXPECT_EQ(machine.up.size(), 1000u);
    EXPECT_EQ(machine.up.back(), mcast(499));
    EXPECT_FALSE(machine.rrp.faulty(0));
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    EXPECT_TRUE(machine.drained.empty());
}

TEST(None, RingTestsAreForwardedAndAnswered) {  // sections 5 and 8
    Machine machine(Mode::none, 1);
    machine.receive(0, ring_test(PacketType::ring_test_active, 1, 0));
    machine.receive(0, ring_test(PacketType::ring_test_active, 2, 0));
    ASSERT_EQ(machine.out.size(), 2u);
    EXPECT_EQ(machine.out[0].bytes, ring_test(PacketType::ring_test_active, 1, 0));
    EXPECT_EQ(machine.out[1].bytes, ring_test(PacketType::ring_test_activate, 2, 0));
    EXPECT_TRUE(machine.up.empty());
}

TEST(None, ReenablingChangesNothing) {
    Machine machine(Mode::none, 1);
    machine.rrp.reenable();
    EXPECT_EQ(machine.text(0), "ring 0 active with no faults");
    EXPECT_TRUE(machine.changes.empty());
}

// Section 4: a target and a fanout are the sender's; what is sent is what was given.
class EveryMode : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, EveryMode, testing::Values(Mode::none, Mode::passive, Mode::active),
                         [](const auto& each) {
                             return each.param == Mode::none      ? "none"
                                    : each.param == Mode::passive ? "passive"
                                                                  : "active";
                         });

TEST_P(EveryMode, SendsWhatItIsGiven) {
    Machine machine(GetParam(), GetParam() == Mode::none ? 1 : 2);
    machine.send_token();
    machine.send_multicast(Networks::Fanout::all);
    machine.send_multicast(Networks::Fanout::members);
    ASSERT_GE(machine.out.size(), 3u);
    EXPECT_TRUE(machine.out.front().unicast);
    EXPECT_EQ(machine.out.front().target, 3u);
    EXPECT_EQ(machine.out.front().bytes, token(1));
    EXPECT_EQ(machine.out.back().fanout, Networks::Fanout::members);
    EXPECT_EQ(machine.out.back().bytes, mcast(1));
    const auto all = std::count_if(machine.out.begin(), machine.out.end(), [](const Machine::Sent& each) {
        return !each.unicast && each.fanout == Networks::Fanout::all;
    });
    EXPECT_EQ(all, GetParam() == Mode::active ? 2 : 1);
}

// What is no packet goes up, where such are counted, and counts nowhere here.
TEST_P(EveryMode, PassesUpWhatItDoesNotUnderstand) {
    Machine machine(GetParam(), GetParam() == Mode::none ? 1 : 2);
    const std::vector<Buffer> bad = {
        {}, {0}, {0, 0, 0x22}, {9, 0, 0x22, 0xff, 0, 0, 0, 0}, {0, 0, 0x23, 0xff, 0, 0, 0, 0}};
    for (int i = 0; i < 100; ++i) {
        for (const Buffer& packet : bad)
            machine.receive(0, packet);
    }
    EXPECT_EQ(machine.up.size(), 500u);
    EXPECT_FALSE(machine.rrp.faulty(machine.rrp.networks() - 1));
}

// Section 4: tokens shorter than their fixed part decide nothing.
TEST_P(EveryMode, PassesUpShortTokens) {
    Machine machine(GetParam(), GetParam() == Mode::none ? 1 : 2);
    Buffer packet = token(7);
    for (std::size_t size = 4; size < packet.size(); ++size) {
        const std::size_t before = machine.up.size();
        machine.receive(0, Buffer(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
        EXPECT_EQ(machine.up.size(), before + 1) << size;
    }
}

// A 3.x ring has no second network and types 6 and 7 are nothing there.
TEST(V3, EverythingIsPassedUp) {
    Surroundings around;
    FramePool pool;
    Redundancy rrp({.dialect = Dialect::v3, .self = 2}, pool, around, around, around);
    rrp.set_members(std::vector<Identity>{node(1), node(2)});
    rrp.receive(Instant(1s), 0, ring_test(PacketType::ring_test_active, 1));
    rrp.receive(Instant(1s), 0, token(1));
    EXPECT_EQ(around.passed_up, 2u);
    EXPECT_EQ(around.sent, 0u);
}

// Section 11, receive flush: once for each token, before it, and not for anything else.
class Draining : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Draining, testing::Values(Mode::passive, Mode::active),
                         [](const auto& each) { return each.param == Mode::passive ? "passive" : "active"; });

TEST_P(Draining, OthersAreReadBeforeAToken) {
    Machine machine(GetParam());
    machine.on_drain = [&](unsigned network) {
        if (network == 0) machine.receive(1, mcast(5));
    };
    machine.receive(0, mcast(4));
    EXPECT_TRUE(machine.drained.empty());
    machine.receive(0, token(1));
    machine.receive(1, token(1));
    EXPECT_EQ(machine.drained, (std::vector<unsigned>{0, 1}));
    ASSERT_GE(machine.up.size(), 3u);
    EXPECT_EQ(machine.up[1], mcast(5));
    EXPECT_EQ(machine.up[2], token(1));
}

TEST_P(Draining, ATokenFoundThereDrainsNothing) {
    Machine machine(GetParam());
    machine.on_drain = [&](unsigned network) { machine.receive(1 - network, token(1)); };
    machine.receive(0, token(1));
    EXPECT_EQ(machine.drained, (std::vector<unsigned>{0}));
    EXPECT_EQ(machine.up, std::vector<Buffer>(GetParam() == Mode::passive ? 2 : 1, token(1)));
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    machine.receive(0, token(2));
    EXPECT_EQ(machine.drained.size(), 2u);
}

TEST_P(Draining, ANewerTokenMayBeFoundThere) {
    Machine machine(GetParam());
    machine.on_drain = [&](unsigned) { machine.receive(1, token(2)); };
    machine.receive(0, token(1));
    machine.on_drain = nullptr;
    machine.receive(0, token(2));
    ASSERT_FALSE(machine.up.empty());
    EXPECT_EQ(machine.up.back(), token(2));
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    EXPECT_FALSE(machine.rrp.faulty(0) || machine.rrp.faulty(1));
}

}  // namespace
}  // namespace totem::rrp::test
