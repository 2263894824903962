// Mode passive. Spec totem-rrp.md section 6.

#include "tests/rrp/machine.hpp"

namespace totem::rrp::test {
namespace {

// 6.2: the index moves first, so network 1 comes first; tokens and multicasts have one each.
TEST(Passive, TokensAndMulticastsAlternateIndependently) {
    Machine fresh(Mode::passive);  // its constructor sent one token through network 1
    fresh.send_token();
    fresh.send_token();
    fresh.send_token();
    EXPECT_EQ(fresh.sent_through(), "0 1 0");
    fresh.send_multicast();
    EXPECT_EQ(fresh.sent_through(), "1");
    fresh.send_token();
    fresh.send_multicast(Networks::Fanout::all);
    fresh.send_token();
    fresh.send_multicast(Networks::Fanout::members);
    EXPECT_EQ(fresh.sent_through(), "1 0 0 1");
}

// 6.2 steps 2 and 3.
TEST(Passive, AFaultyNetworkIsNotSentThrough) {
    for (const unsigned lost : {0u, 1u}) {
        Machine machine(Mode::passive);
        lose(machine, lost);
        const std::string other = std::to_string(1 - lost);
        for (int i = 0; i < 4; ++i) {
            machine.send_token();
            machine.send_multicast();
        }
        std::string expected = other;
        for (int i = 1; i < 8; ++i)
            expected += " " + other;
        EXPECT_EQ(machine.sent_through(), expected);
    }
}

// 6.4 step 4: strictly more than the threshold, for tokens.
TEST(Passive, MarksAfterTheEleventhTokenThatIsMissing) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 1; i <= 10; ++i)
        machine.receive(0, token(i));
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_TRUE(machine.changes.empty());
    machine.receive(0, token(11));
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_FALSE(machine.rrp.faulty(0));
    ASSERT_EQ(machine.changes.size(), 1u);
    EXPECT_EQ(machine.changes[0].text, "Marking ringid 1 interface 10.78.0.2 FAULTY");
    EXPECT_EQ(machine.text(1), "Marking ringid 1 interface 10.78.0.2 FAULTY");
    EXPECT_EQ(machine.text(0), "ring 0 active with no faults");
}

// 6.4 with the other threshold and other counters: everything but tokens and ring tests (6.3).
TEST(Passive, MarksAfterTheHundredAndFirstMulticastThatIsMissing) {
    Machine machine(Mode::passive);
    for (int i = 1; i <= 10; ++i)
        machine.receive(1, token(static_cast<std::uint32_t>(i)));
    for (int i = 1; i <= 50; ++i) {
        machine.receive(1, mcast(3));  // duplicates count
        machine.receive(1, commit_token());
        machine.receive(1, ring_test(wire::PacketType::ring_test_active, 1));  // do not
    }
    EXPECT_FALSE(machine.rrp.faulty(0));
    machine.receive(1, mcast(4));
    EXPECT_TRUE(machine.rrp.faulty(0));
    EXPECT_EQ(machine.text(0), "Marking ringid 0 interface 10.77.0.2 FAULTY");
}

TEST(Passive, TheDifferenceDecides) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 1; i <= 1000; ++i)
        machine.receive(i % 2, token(i));
    for (std::uint32_t i = 0; i < 10; ++i)
        machine.receive(1, token(2000 + i));
    EXPECT_FALSE(machine.rrp.faulty(0));
    machine.receive(0, token(3000));
    machine.receive(1, token(3001));
    EXPECT_FALSE(machine.rrp.faulty(0));
    machine.receive(1, token(3002));
    EXPECT_TRUE(machine.rrp.faulty(0));
}

// 6.3: at once, whatever the state; duplicates are the ring's affair.
TEST(Passive, PassesEverythingUpAtOnce) {
    Machine machine(Mode::passive);
    lose(machine, 1);
    machine.receive(1, mcast(1));
    machine.receive(1, token(5));
    machine.receive(0, token(5));
    machine.receive(0, token(4));
    EXPECT_EQ(machine.up, (std::vector<Buffer>{mcast(1), token(5), token(5), token(4)}));
}

// 6.4: the best network stays. A faulty network counts on, so what is left can be marked when it falls behind.
TEST(Passive, NeverMarksTheBest) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 0; i < 100'000; ++i)
        machine.receive(0, token(i));
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_FALSE(machine.rrp.faulty(0));
}

// 6.2 step 4.
TEST(Passive, WithAllFaultyNetworkZeroIsUsed) {
    Machine machine(Mode::passive);
    lose(machine, 1);
    for (std::uint32_t i = 0; i < 100 && !machine.rrp.faulty(0); ++i)
        machine.receive(1, token(i));
    ASSERT_TRUE(machine.rrp.faulty(0) && machine.rrp.faulty(1));
    machine.out.clear();
    for (int i = 0; i < 3; ++i) {
        machine.send_token();
        machine.send_multicast();
    }
    EXPECT_EQ(machine.sent_through(), "0 0 0 0 0 0");
    // Both are tested.
    machine.run_for(1s);
    EXPECT_EQ(machine.sent_through(), "0 1");
}

// 6.6: re-enabling one zeroes all counters, so neither is at once behind the other.
TEST(Passive, ReenablingForgetsTheCounts) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 0; i < 100; ++i) {
        machine.receive(0, token(i));
        machine.receive(0, mcast(i));
    }
    ASSERT_TRUE(machine.rrp.faulty(1));
    machine.receive(1, ring_test(wire::PacketType::ring_test_activate, 1));
    EXPECT_FALSE(machine.rrp.faulty(1));
    for (std::uint32_t i = 0; i < 10; ++i)
        machine.receive(0, token(i));
    for (std::uint32_t i = 0; i < 100; ++i)
        machine.receive(0, mcast(i));
    EXPECT_FALSE(machine.rrp.faulty(1));
    machine.receive(0, mcast(1));
    EXPECT_TRUE(machine.rrp.faulty(1));
}

// 2.1: thresholds are compared with from then on.
TEST(Passive, ThresholdsChangeAtRunTime) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 0; i < 5; ++i)
        machine.receive(0, token(i));
    machine.rrp.set_parameters({.problem_count_threshold = 20, .problem_count_mcast_threshold = 3});
    for (std::uint32_t i = 5; i < 20; ++i)
        machine.receive(0, token(i));
    EXPECT_FALSE(machine.rrp.faulty(1));
    machine.receive(0, token(20));
    EXPECT_TRUE(machine.rrp.faulty(1));
    machine.rrp.reenable();
    for (std::uint32_t i = 0; i < 3; ++i)
        machine.receive(1, mcast(i));
    EXPECT_FALSE(machine.rrp.faulty(0));
    machine.receive(1, mcast(3));
    EXPECT_TRUE(machine.rrp.faulty(0));
}

// 2.1, test list 10.
TEST(Passive, TheOnlyNetworkIsNeverFaulty) {
    Machine machine(Mode::passive, 1);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        machine.receive(0, token(i));
        machine.receive(0, mcast(i));
        machine.send_token();
        machine.send_multicast();
    }
    EXPECT_FALSE(machine.rrp.faulty(0));
    EXPECT_EQ(machine.up.size(), 20'000u);
    EXPECT_EQ(machine.out.back().network, 0u);
    EXPECT_TRUE(machine.drained.empty());
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
}

TEST(Passive, ByteOrderDoesNotMatter) {
    Machine machine(Mode::passive);
    for (std::uint32_t i = 0; i <= 10; ++i)
        machine.receive(0, token(i, 4, opposite(kNativeOrder)));
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.up.size(), 11u);
}

}  // namespace
}  // namespace totem::rrp::test
