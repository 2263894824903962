// Nodes that die, come back, leave and are cut off while all of them send.
#include <fmt/format.h>
#include <csignal>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

const std::vector<std::string> steady_flood = {"--rate", "150", "--sizes", small_sizes, "--timeout", "3600"};

Nodes without(Nodes nodes, unsigned gone) {
    std::erase(nodes, gone);
    return nodes;
}

class MembershipTest : public MixedRingTest {
protected:
    void start_floods() {
        auto options = steady_flood;
        options.insert(options.end(), {"--members", std::to_string(laboratory().size())});
        for (const auto node : laboratory().all()) {
            start_flood(node, options);
        }
        wait_for_floods();
    }

    void crash_and_restart(unsigned cycles) {
        set_up(GetParam().mix, plan());
        if (!ready()) return;
        const auto all = laboratory().all();
        start_floods();
        for (unsigned cycle = 0; cycle < cycles; ++cycle) {
            // Everybody in turn, so that representatives and others, ours and theirs die.
            const unsigned victim = cycle % laboratory().size() + 1;
            SCOPED_TRACE(fmt::format("cycle {}, node {} dies", cycle, victim));
            laboratory().kill(victim);
            ASSERT_NO_THROW(laboratory().wait_ring(without(all, victim)));
            const auto lost = result_of(flood_on(victim), milliseconds(10000));
            EXPECT_EQ(lost.value("error_count", 1), 0) << lost.dump(2);
            laboratory().start(victim);
            ASSERT_NO_THROW(laboratory().wait_ring(all));
            start_flood(victim, steady_flood);
            wait_for_floods();
        }
        const auto results = finish_floods();
        EXPECT_EQ(results.size(), all.size());
        expect_same_deliveries();
    }
};

TEST_P(MembershipTest, NodesDieAndComeBack) {
    crash_and_restart(5);
}

TEST_P(MembershipTest, PartitionAndMerge) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    const Nodes left(all.begin(), all.end() - 1), right = {all.back()};
    start_floods();
    laboratory().partition({left, right});
    ASSERT_NO_THROW(laboratory().wait_ring(left));
    ASSERT_NO_THROW(laboratory().wait_ring(right));
    laboratory().heal();
    ASSERT_NO_THROW(laboratory().wait_ring(all));
    const auto results = finish_floods();
    expect_same_deliveries();
    // What clients are told: gone when the ring split, back when it was one again.
    for (const auto& result : results) {
        const auto events = result.at("events").dump();
        EXPECT_NE(events.find(":nodedown"), std::string::npos) << events;
        EXPECT_NE(events.find(":nodeup"), std::string::npos) << events;
    }
}

TEST_P(MembershipTest, OneWayCutAndHeal) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    start_floods();
    // The last node sends but hears nobody.
    const auto marks = log_marks();
    for (const auto node : without(all, all.back())) {
        laboratory().cut(node, all.back());
    }
    ASSERT_TRUE(lab::wait_until(milliseconds(20000), [&] { return count_in_logs("A processor failed", marks) > 0; }))
        << "nobody noticed that the token does not pass";
    laboratory().heal();
    ASSERT_NO_THROW(laboratory().wait_ring(all));
    finish_floods();
    expect_same_deliveries();
}

TEST_P(MembershipTest, LeavesAreNoticedAtOnce) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    for (const auto node : all) {
        SCOPED_TRACE(fmt::format("node {} leaves", node));
        const auto marks = log_marks();
        const auto begin = lab::Clock::now();
        laboratory().stop(node);
        EXPECT_EQ(laboratory().exit_code(node), 0);
        ASSERT_NO_THROW(laboratory().wait_ring(without(all, node)));
        const auto took = std::chrono::duration_cast<milliseconds>(lab::Clock::now() - begin);
        // A crash is noticed by token and consensus timeouts only, 2.2 s with two nodes and more with more.
        EXPECT_LT(took, milliseconds(1800)) << "that is how long a crash takes";
        for (const auto peer : without(all, node)) {
            EXPECT_EQ(laboratory().log(peer).count("Failed to receive the leave message", marks.at(peer)), 0u);
            EXPECT_EQ(laboratory().log(peer).count("A processor failed", marks.at(peer)), 0u);
            EXPECT_GE(laboratory().log(peer).count(fmt::format("Members left: {}", node), marks.at(peer)), 1u);
        }
        laboratory().start(node);
        ASSERT_NO_THROW(laboratory().wait_ring(all));
    }
}

TEST_P(MembershipTest, PausedNodeIsLeftBehindAndComesBack) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    start_floods();
    laboratory().pause(all.back());
    ASSERT_NO_THROW(laboratory().wait_ring(without(all, all.back())));
    laboratory().resume(all.back());
    ASSERT_NO_THROW(laboratory().wait_ring(all));
    finish_floods();
    expect_same_deliveries();
}

const std::vector<Transport> both = {Transport::udp, Transport::udpu};

INSTANTIATE_TEST_SUITE_P(Mix, MembershipTest, testing::ValuesIn(cases({"TTC", "CCT"}, both)), case_name);
// What real nodes do among themselves is the measure.
INSTANTIATE_TEST_SUITE_P(Reference, MembershipTest, testing::Values(Case{"CCC", Transport::udp}), case_name);

class SoakMembershipTest : public MembershipTest {};

TEST_P(SoakMembershipTest, TwentyCrashes) {
    crash_and_restart(20);
}

INSTANTIATE_TEST_SUITE_P(Soak, SoakMembershipTest, testing::ValuesIn(cases({"TC", "TTC", "CCT", "TTTCC"}, both)),
                         case_name);

}  // namespace
}  // namespace conformance
