// Mode active. Spec totem-rrp.md section 7.

#include "tests/rrp/machine.hpp"

namespace totem::rrp::test {
namespace {

using Strings = std::vector<std::string>;

Strings texts(const Machine& machine) {
    Strings out;
    for (const Machine::Change& change : machine.changes)
        out.push_back(change.text);
    return out;
}

// A token comes through one network only, and the wait for the other passes.
void expire(Machine& machine, std::uint32_t seq, unsigned network = 0) {
    machine.receive(network, token(seq));
    machine.run_for(238ms);
}

TEST(Active, EverythingGoesThroughAllThatAreNotFaulty) {  // 7.2
    Machine machine(Mode::active);
    machine.send_token();
    machine.send_multicast();
    EXPECT_EQ(machine.sent_through(), "0 1 0 1");
    lose(machine, 0);
    machine.send_token();
    machine.send_multicast();
    EXPECT_EQ(machine.sent_through(), "1 1");
}

TEST(Active, MulticastsArePassedUpAtOnceAndCountNothing) {  // 7.3
    Machine machine(Mode::active);
    for (int i = 0; i < 300; ++i) {
        machine.receive(1, mcast(3));
        machine.receive(1, commit_token());
    }
    EXPECT_EQ(machine.up.size(), 600u);
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    EXPECT_FALSE(machine.rrp.faulty(0));
}

TEST(Active, ATokenWaitsForTheSlowestNetwork) {  // 7.3 steps 1 to 5
    Machine machine(Mode::active);
    machine.receive(1, token(7));
    EXPECT_TRUE(machine.up.empty());
    EXPECT_EQ(machine.rrp.next_timeout(), machine.now + 238ms);
    machine.run_for(237ms);
    machine.receive(0, token(7));
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(7)}));
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    machine.run_for(10s);
    EXPECT_TRUE(machine.changes.empty());
    EXPECT_EQ(machine.up.size(), 1u);
}

TEST(Active, CopiesOnOneNetworkDoNotCompleteAToken) {
    Machine machine(Mode::active);
    for (int i = 0; i < 5; ++i)
        machine.receive(1, token(7));
    EXPECT_TRUE(machine.up.empty());
    // The wait began with the first of them.
    machine.run_for(238ms);
    EXPECT_EQ(machine.up.size(), 1u);
    EXPECT_EQ(machine.changes.size(), 1u);
}

// A token sent again is of use if the ring could do nothing with it before: it is passed up whether the first copy came
// through all networks or was waited for in vain.
TEST(Active, ATokenThatWasPassedUpIsPassedUpAgain) {
    Machine machine(Mode::active);
    machine.receive(0, token(7));
    machine.receive(1, token(7));
    machine.receive(0, token(7));
    machine.receive(1, token(7));
    EXPECT_EQ(machine.up.size(), 3u);
    expire(machine, 8);
    machine.receive(0, token(8));
    EXPECT_EQ(machine.up.size(), 5u);
    machine.receive(1, token(8));
    EXPECT_EQ(machine.up.size(), 6u);
    machine.run_for(238ms);
    EXPECT_EQ(machine.changes.size(), 1u);
}

// An older copy on the slower network neither completes nor replaces the token that is waited for, and the network is
// not blamed when the right one comes.
TEST(Active, LateCopiesOfOlderTokensChangeNothing) {
    Machine machine(Mode::active);
    machine.receive(0, token(7));
    machine.receive(1, token(7));
    machine.receive(0, token(10));
    machine.receive(1, token(7));
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(7), token(7)}));
    machine.receive(1, token(10));
    EXPECT_EQ(machine.up.back(), token(10));
    machine.run_for(1s);
    EXPECT_TRUE(machine.changes.empty());
}

TEST(Active, NumbersWrap) {
    Machine machine(Mode::active);
    machine.receive(0, token(0xFFFFFFFF));
    machine.receive(1, token(0xFFFFFFFF));
    machine.receive(0, token(2));
    EXPECT_EQ(machine.up.size(), 1u);
    machine.receive(1, token(2));
    EXPECT_EQ(machine.up.back(), token(2));
}

// Numbers start anew with a ring; upstream leaves such a token to what the last one of the old ring left (7.3).
TEST(Active, ATokenOfANewerRingIsNewWhateverItsNumber) {
    Machine machine(Mode::active);
    expire(machine, 5000);
    machine.receive(0, token(1, 8));
    EXPECT_EQ(machine.up.size(), 1u);
    machine.receive(1, token(1, 8));
    EXPECT_EQ(machine.up.back(), token(1, 8));
    expire(machine, 5001);  // of the old ring: for the ring to drop, at once
    EXPECT_EQ(machine.up.back(), token(5001));
    EXPECT_EQ(machine.changes.size(), 1u);
}

// Of another cluster, say, whose rings have higher numbers: ours is recognised by its second token.
TEST(Active, AStrangersTokenIsForgotten) {
    Machine machine(Mode::active);
    machine.receive(0, token(1));
    machine.receive(1, token(1));
    machine.receive(0, token(3'000'000'000, 1000));
    machine.run_for(238ms);
    machine.up.clear();
    machine.changes.clear();
    machine.receive(0, token(4));
    EXPECT_EQ(machine.up.size(), 1u);
    machine.receive(0, token(7));
    EXPECT_EQ(machine.up.size(), 1u);
    machine.receive(1, token(7));
    EXPECT_EQ(machine.up.size(), 2u);
    expire(machine, 10);
    EXPECT_EQ(texts(machine), (Strings{"Incrementing problem counter for seqid 10 iface 10.78.0.2 to [2 of 10]"}));
}

TEST(Active, ANewerTokenReplacesOneThatWaits) {
    Machine machine(Mode::active);
    machine.receive(0, token(5));
    machine.run_for(100ms);
    machine.receive(1, token(1, 8));
    machine.run_for(237ms);
    EXPECT_TRUE(machine.up.empty());
    machine.run_for(1ms);
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(1, 8)}));
    EXPECT_EQ(texts(machine), (Strings{"Incrementing problem counter for seqid 1 iface 10.77.0.2 to [1 of 10]"}));
}

TEST(Active, HonoursTheByteOrderOfATokensNumber) {  // section 4, freedom 3
    const ByteOrder foreign = opposite(kNativeOrder);
    Machine machine(Mode::active);
    for (const std::uint32_t seq : {0xFFu, 0x100u, 0x101u}) {
        machine.receive(0, token(seq, 4, foreign));
        machine.receive(1, token(seq, 4, foreign));
        EXPECT_EQ(machine.up.back(), token(seq, 4, foreign));
    }
    EXPECT_EQ(machine.up.size(), 3u);
    // From the predecessor in another order the same number is the same token.
    machine.receive(0, token(0x102, 4, foreign));
    machine.receive(1, token(0x102));
    EXPECT_EQ(machine.up.size(), 4u);
}

// 7.4 and the texts of 10.1.
TEST(Active, AMissingTokenIsPassedUpLateAndRemembered) {
    Machine machine(Mode::active);
    machine.receive(0, token(210));
    machine.run_for(237ms);
    EXPECT_TRUE(machine.up.empty());
    machine.run_for(1ms);
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(210)}));
    EXPECT_EQ(texts(machine), (Strings{"Incrementing problem counter for seqid 210 iface 10.78.0.2 to [1 of 10]"}));
    EXPECT_EQ(machine.text(1), "Incrementing problem counter for seqid 210 iface 10.78.0.2 to [1 of 10]");
    EXPECT_FALSE(machine.rrp.faulty(1));
    expire(machine, 211);
    EXPECT_EQ(machine.text(1), "Incrementing problem counter for seqid 211 iface 10.78.0.2 to [2 of 10]");
}

// 7.4 step 2: at the threshold, not above it.
TEST(Active, MarksAtTheThreshold) {
    Machine machine(Mode::active);
    machine.rrp.set_parameters({.problem_count_timeout = 1'000'000});
    for (std::uint32_t i = 1; i <= 9; ++i)
        expire(machine, i);
    EXPECT_FALSE(machine.rrp.faulty(1));
    expire(machine, 10);
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_FALSE(machine.rrp.faulty(0));
    const Strings all = texts(machine);
    ASSERT_EQ(all.size(), 11u);
    EXPECT_EQ(all[9], "Incrementing problem counter for seqid 10 iface 10.78.0.2 to [10 of 10]");
    EXPECT_EQ(all[10], "Marking seqid 10 ringid 1 interface 10.78.0.2 FAULTY");
    EXPECT_EQ(machine.text(1), all[10]);
    EXPECT_EQ(machine.up.size(), 10u);
    // It is not waited for any more.
    machine.receive(0, token(11));
    EXPECT_EQ(machine.up.size(), 11u);
    EXPECT_EQ(machine.rrp.next_timeout(), machine.now + 1000ms);
}

TEST(Active, ProblemsAreForgivenOneAtATime) {  // 7.5
    Machine machine(Mode::active);
    for (std::uint32_t i = 1; i <= 3; ++i)
        expire(machine, i);
    machine.changes.clear();
    const Instant first_problem = machine.now - 476ms;
    for (std::uint32_t i = 4; i <= 100; ++i) {
        machine.receive(0, token(i));
        machine.receive(1, token(i));
        machine.run_for(100ms);
    }
    EXPECT_EQ(texts(machine), (Strings{"Decrementing problem counter for iface 10.78.0.2 to [2 of 10]",
                                       "Decrementing problem counter for iface 10.78.0.2 to [1 of 10]",
                                       "ring 1 active with no faults"}));
    ASSERT_EQ(machine.changes.size(), 3u);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(machine.changes[static_cast<std::size_t>(i)].at, first_problem + (i + 1) * 2000ms);
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
}

// 7.8: an attempt to form a ring each five seconds.
TEST(Active, ANetworkThatBringsNothingIsNotForgiven) {
    Machine machine(Mode::active);
    for (std::uint32_t i = 1; i <= 10; ++i) {
        EXPECT_FALSE(machine.rrp.faulty(1));
        expire(machine, i);
        machine.run_for(5s);
    }
    EXPECT_TRUE(machine.rrp.faulty(1));
    EXPECT_FALSE(machine.rrp.faulty(0));
}

// 7.5: upstream overwrites the text, freedom 6.
TEST(Active, AFaultyNetworkKeepsItsText) {
    Machine machine(Mode::active);
    lose(machine, 1);
    machine.run_for(60s);
    EXPECT_NE(machine.text(1).find("FAULTY"), std::string::npos);
    EXPECT_TRUE(machine.changes.empty());
}

// All faulty: what comes is passed up at once, and network 0 is used (7.2).
TEST(Active, WithAllFaultyNetworkZeroIsUsed) {
    Machine machine(Mode::active);
    machine.rrp.set_parameters({.problem_count_timeout = 1'000'000, .problem_count_threshold = 2});
    expire(machine, 1, 0);
    expire(machine, 2, 1);
    expire(machine, 3, 0);
    ASSERT_TRUE(machine.rrp.faulty(1));
    EXPECT_FALSE(machine.rrp.faulty(0));
    machine.receive(1, token(4));  // through the faulty one; network 0 is waited for
    machine.run_for(238ms);
    ASSERT_TRUE(machine.rrp.faulty(0));
    machine.up.clear();
    machine.out.clear();
    machine.receive(1, token(5));
    machine.receive(0, token(6));
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(5), token(6)}));
    machine.send_token();
    machine.send_multicast();
    EXPECT_EQ(machine.sent_through(), "0 0");
}

TEST(Active, ReenablingForgetsTheProblems) {  // 7.6
    Machine machine(Mode::active);
    machine.rrp.set_parameters({.problem_count_timeout = 1'000'000});
    for (std::uint32_t i = 1; i <= 10; ++i)
        expire(machine, i);
    ASSERT_TRUE(machine.rrp.faulty(1));
    machine.receive(0, ring_test(wire::PacketType::ring_test_activate, 3));  // of the network that is fine
    EXPECT_TRUE(machine.rrp.faulty(1));
    machine.receive(1, ring_test(wire::PacketType::ring_test_activate, 3));
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.text(1), "ring 1 active with no faults");
    for (std::uint32_t i = 11; i <= 19; ++i)
        expire(machine, i);
    EXPECT_FALSE(machine.rrp.faulty(1));
    EXPECT_EQ(machine.text(1), "Incrementing problem counter for seqid 19 iface 10.78.0.2 to [9 of 10]");
}

// Who re-enables while a token waits does not make the network that brought it a suspect.
TEST(Active, ReenablingWhileATokenWaits) {
    Machine machine(Mode::active);
    machine.receive(0, token(5));
    machine.rrp.reenable();
    machine.receive(1, token(5));
    EXPECT_EQ(machine.up.size(), 1u);
    machine.run_for(5s);
    EXPECT_TRUE(machine.changes.empty());
}

TEST(Active, TimesChangeAtRunTime) {  // 2.1
    Machine machine(Mode::active);
    machine.receive(0, token(1));
    machine.rrp.set_parameters(
        {.problem_count_timeout = 300, .problem_count_threshold = 3, .token_expired_timeout = 50});
    EXPECT_EQ(machine.rrp.next_timeout(), machine.now + 238ms);  // armed before
    machine.run_for(238ms);
    EXPECT_EQ(machine.text(1), "Incrementing problem counter for seqid 1 iface 10.78.0.2 to [1 of 3]");
    machine.receive(1, token(1));
    machine.run_for(300ms);
    EXPECT_EQ(machine.text(1), "ring 1 active with no faults");
    machine.receive(0, token(2));
    EXPECT_EQ(machine.rrp.next_timeout(), machine.now + 50ms);
}

TEST(Active, TheOnlyNetworkIsNeverWaitedFor) {
    Machine machine(Mode::active, 1);
    for (std::uint32_t i = 1; i < 1000; ++i)
        machine.receive(0, token(i));
    EXPECT_EQ(machine.up.size(), 999u);
    EXPECT_EQ(machine.rrp.next_timeout(), kNever);
    machine.send_token();
    EXPECT_EQ(machine.sent_through(), "0");
}

// A copy that waits in a socket when the time is over, because this process did not run, came in time.
TEST(Active, LooksOnceMoreBeforeItBlames) {
    Machine machine(Mode::active);
    machine.receive(0, token(5));
    machine.drained.clear();
    machine.on_drain = [&](unsigned network) {
        EXPECT_EQ(network, 0u);
        machine.receive(1, mcast(9));
        machine.receive(1, token(5));
    };
    machine.run_for(5s);
    EXPECT_EQ(machine.drained.size(), 1u);
    EXPECT_EQ(machine.up, (std::vector<Buffer>{mcast(9), token(5)}));
    EXPECT_TRUE(machine.changes.empty());
}

TEST(Active, ANewerTokenFoundThereWaitsItsOwnTime) {
    Machine machine(Mode::active);
    machine.receive(0, token(5));
    machine.on_drain = [&](unsigned) { machine.receive(1, token(1, 8)); };
    machine.run_for(238ms);
    machine.on_drain = nullptr;
    EXPECT_TRUE(machine.up.empty());
    EXPECT_EQ(machine.rrp.next_timeout(), machine.now + 238ms);
    machine.receive(0, token(1, 8));
    EXPECT_EQ(machine.up, (std::vector<Buffer>{token(1, 8)}));
    EXPECT_TRUE(machine.changes.empty());
}

// The ring sends from inside, as it does when a token comes.
TEST(Active, SendsFromInsideALateToken) {
    Machine machine(Mode::active);
    machine.on_packet = [&](Bytes) {
        machine.send_multicast();
        machine.send_token();
    };
    expire(machine, 5);
    EXPECT_EQ(machine.sent_through(), "0 1 0 1");
}

}  // namespace
}  // namespace totem::rrp::test
