// Ring tests, recovery and their limits. Spec totem-rrp.md sections 8 and 9.

#include "tests/rrp/machine.hpp"
#include "tests/support/hex.hpp"

namespace totem::rrp::test {
namespace {

using wire::PacketType;
constexpr auto kTest = PacketType::ring_test_active, kActivate = PacketType::ring_test_activate;

class RingTests : public testing::TestWithParam<Mode> {
protected:
    Machine machine{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Modes, RingTests, testing::Values(Mode::passive, Mode::active),
                         [](const auto& each) { return each.param == Mode::passive ? "passive" : "active"; });

// 8.2 and the example of 8.1.
TEST_P(RingTests, AreSentEachIntervalWhileFaulty) {
    lose(machine, 1);
    const Instant marked = machine.rrp.next_timeout() - 1000ms;
    machine.run_for(3500ms);
    ASSERT_GE(machine.out.size(), 3u);
    for (std::size_t i = 0; i < machine.out.size(); ++i) {
        const Machine::Sent& sent = machine.out[i];
        EXPECT_EQ(sent.at, marked + (i + 1) * 1000ms);
        EXPECT_EQ(sent.network, 1u);
        EXPECT_TRUE(sent.unicast);
        EXPECT_EQ(sent.target, 3u);
        EXPECT_EQ(sent.bytes, ring_test(kTest, 2));
    }
    if (kNativeOrder == ByteOrder::little) {
        EXPECT_EQ(totem::test::to_hex(machine.out[0].bytes), "060022ff0100000002000000");
    }
}

TEST_P(RingTests, AreSentInOurByteOrder) {
    Machine foreign(GetParam(), 2, opposite(kNativeOrder));
    lose(foreign, 1);
    foreign.run_for(1000ms);
    ASSERT_EQ(foreign.out.size(), 1u);
    EXPECT_EQ(foreign.out[0].bytes, ring_test(kTest, 2, 1, opposite(kNativeOrder)));
}

// 8.3, first case: unchanged, through the network it came by, to our successor.
TEST_P(RingTests, OfOthersAreForwarded) {
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        for (const unsigned network : {0u, 1u}) {
            machine.out.clear();
            const Buffer packet = ring_test(kTest, 3, 77, order);  // its number does not matter
            machine.receive(network, packet);
            ASSERT_EQ(machine.out.size(), 1u);
            EXPECT_EQ(machine.out[0].bytes, packet);
            EXPECT_EQ(machine.out[0].network, network);
            EXPECT_EQ(machine.out[0].target, 3u);
            EXPECT_EQ(machine.tests.back().packet.ring_number, 77);
            EXPECT_EQ(machine.tests.back().packet.activator, 3u);
        }
    }
    EXPECT_TRUE(machine.up.empty());
}

// 8.3, second case: the number is the test's, the byte order ours.
TEST_P(RingTests, OursThatCameBackAreAnswered) {
    machine.receive(1, ring_test(kTest, 2, 7, opposite(kNativeOrder)));
    ASSERT_EQ(machine.out.size(), 1u);
    EXPECT_EQ(machine.out[0].bytes, ring_test(kActivate, 2, 7));
    EXPECT_EQ(machine.out[0].network, 1u);
    EXPECT_FALSE(machine.tests.at(0).activate);
}

// 8.4: the network it came through, whatever it says.
TEST_P(RingTests, ActivateReenablesAndIsForwarded) {
    lose(machine, 1);
    const Buffer packet = ring_test(kActivate, 1, 0, opposite(kNativeOrder));
    machine.receive(1, packet);
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.text(1), "ring 1 active with no faults");
    ASSERT_EQ(machine.out.size(), 1u);
    EXPECT_EQ(machine.out[0].bytes, packet);
    ASSERT_EQ(machine.tests.size(), 1u);
    EXPECT_TRUE(machine.tests[0].activate && machine.tests[0].recovered);
    // The timer ended (freedom 8), and a second one is no recovery.
    machine.receive(1, packet);
    EXPECT_FALSE(machine.tests[1].recovered);
    machine.out.clear();
    machine.run_for(10s);
    EXPECT_TRUE(machine.out.empty());
}

TEST_P(RingTests, OurOwnActivateEndsHere) {
    lose(machine, 0);
    machine.receive(0, ring_test(kActivate, 2, 0));
    EXPECT_FALSE(machine.rrp.faulty(0));
    EXPECT_TRUE(machine.out.empty());
    EXPECT_TRUE(machine.tests.at(0).recovered);
}

// Freedom 5. They go up, where the ring counts them as dropped.
TEST_P(RingTests, OfNoMemberAreDropped) {
    lose(machine, 1);
    for (const PacketType type : {kTest, kActivate}) {
        machine.receive(1, ring_test(type, 9));
        machine.receive(1, ring_test(type, 0));
    }
    EXPECT_TRUE(machine.out.empty());
    EXPECT_TRUE(machine.tests.empty());
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.up.size(), 4u);
    machine.rrp.set_members(std::vector<Identity>{node(2), node(9)});
    machine.receive(1, ring_test(kActivate, 9));
    EXPECT_FALSE(machine.rrp.faulty(1));
}

// 8.6: exactly 12 bytes.
TEST_P(RingTests, OfWrongSizeAreDropped) {
    lose(machine, 1);
    for (const PacketType type : {kTest, kActivate}) {
        Buffer packet = ring_test(type, 1);
        packet.push_back(0);
        machine.receive(1, packet);
        packet.resize(11);
        machine.receive(1, packet);
        packet.resize(4);
        machine.receive(1, packet);
    }
    EXPECT_TRUE(machine.out.empty());
    EXPECT_TRUE(machine.tests.empty());
    EXPECT_TRUE(machine.rrp.faulty(1));
}

// 8.6: what circles for ever, because who sent it does not take it off, ends.
TEST_P(RingTests, ForwardingHasALimit) {
    for (int i = 0; i < 1000; ++i) {
        machine.receive(1, ring_test(kTest, 1));
        machine.receive(1, ring_test(kTest, 2));
    }
    const std::size_t within = machine.out.size();
    EXPECT_GE(within, 6u);  // each member's test and activate, in one interval
    EXPECT_LE(within, 30u);
    machine.receive(0, ring_test(kTest, 1));  // the other network has its own
    EXPECT_EQ(machine.out.size(), within + 1);
    machine.run_for(1s);
    machine.receive(1, ring_test(kTest, 1));
    EXPECT_EQ(machine.out.size(), within + 2);
}

TEST_P(RingTests, ActivateIsObeyedBeyondTheLimit) {
    for (int i = 0; i < 1000; ++i)
        machine.receive(1, ring_test(kTest, 1));
    lose(machine, 1);
    machine.receive(1, ring_test(kActivate, 1));
    EXPECT_FALSE(machine.rrp.faulty(1));
}

// Nobody to send to before the first token.
TEST_P(RingTests, WithoutASuccessorNothingIsSent) {
    Surroundings around;
    FramePool pool;
    Redundancy rrp({.dialect = Dialect::v2, .mode = GetParam(), .networks = 2, .self = 2}, pool, around, around,
                   around);
    Instant now(1s);
    rrp.receive(now, 1, ring_test(kTest, 1));  // no members either
    rrp.set_members(std::vector<Identity>{node(1), node(2)});
    rrp.receive(now, 1, ring_test(kTest, 1));
    rrp.receive(now, 1, ring_test(kTest, 2));
    for (std::uint32_t i = 0; i < 40; ++i) {
        rrp.receive(now, 0, token(i));
        now += 300ms;
        rrp.on_timeout(now);
    }
    EXPECT_TRUE(rrp.faulty(1));
    EXPECT_EQ(around.sent, 0u);
}

// Section 9.
TEST_P(RingTests, TheOperatorReenablesAll) {
    lose(machine, 1);
    machine.rrp.reenable();
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.text(1), "ring 1 active with no faults");
    machine.send_token();
    machine.send_token();
    const std::string through = machine.sent_through();
    EXPECT_NE(through.find('1'), std::string::npos);
    machine.run_for(10s);
    EXPECT_EQ(machine.sent(kTest), 0u);
}

TEST_P(RingTests, TheIntervalChangesAtRunTime) {  // 2.1: at its next start
    lose(machine, 1);
    const Instant first = machine.rrp.next_timeout();
    machine.rrp.set_parameters({.autorecovery_check_timeout = 100});
    machine.run_for(first - machine.now);
    EXPECT_EQ(machine.sent(kTest), 1u);
    machine.run_for(1000ms);
    EXPECT_EQ(machine.sent(kTest), 11u);
}

// 8.6, back-off: a network that passes the test and nothing else.
class Flapping : public testing::TestWithParam<Mode> {
protected:
    // Marks, waits for our test and lets it succeed; how long the test took.
    Duration flap() {
        lose(machine, 1);
        const Instant marked = machine.now;
        while (machine.sent(kTest) == 0)
            machine.run_for(1ms);
        const Duration interval = machine.now - marked;
        machine.receive(1, ring_test(kActivate, 2));
        EXPECT_FALSE(machine.rrp.faulty(1));
        return interval;
    }
    Machine machine{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Modes, Flapping, testing::Values(Mode::passive, Mode::active),
                         [](const auto& each) { return each.param == Mode::passive ? "passive" : "active"; });

TEST_P(Flapping, DoublesTheIntervalUpToAMinute) {
    for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60, 60})
        EXPECT_EQ(flap(), seconds * 1s);
}

TEST_P(Flapping, WhileFaultyTheIntervalStays) {
    flap();
    flap();
    lose(machine, 1);
    machine.run_for(40s);
    EXPECT_EQ(machine.sent(kTest), 10u);  // of 4 s
}

TEST_P(Flapping, ANetworkThatWasFineForLongStartsAnew) {
    flap();
    flap();
    EXPECT_EQ(flap(), 4s);
    machine.run_for(40s);
    EXPECT_EQ(flap(), 1s);
}

TEST_P(Flapping, PeersMayBringItBackAtAnyTime) {
    for (int i = 0; i < 6; ++i)
        flap();
    lose(machine, 1);
    machine.receive(1, ring_test(kTest, 3));
    EXPECT_EQ(machine.sent(kTest), 1u);
    machine.receive(1, ring_test(kActivate, 3));
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.sent(kActivate), 1u);
}

TEST_P(Flapping, TheOperatorEndsIt) {
    for (int i = 0; i < 6; ++i)
        flap();
    lose(machine, 1);
    machine.rrp.reenable();
    EXPECT_EQ(flap(), 1s);
}

TEST_P(Flapping, LongIntervalsAreKept) {
    for (const std::uint32_t interval : {90'000u, 0xFFFFFFFFu}) {
        Machine fresh(GetParam());
        fresh.rrp.set_parameters({.autorecovery_check_timeout = interval});
        for (int i = 0; i < 20; ++i) {
            lose(fresh, 1);
            fresh.run_for(std::chrono::milliseconds(interval - 1));
            EXPECT_EQ(fresh.sent(kTest), 0u);
            fresh.run_for(1ms);
            EXPECT_EQ(fresh.sent(kTest), 1u);
            fresh.receive(1, ring_test(kActivate, 2));
        }
    }
}

}  // namespace
}  // namespace totem::rrp::test
