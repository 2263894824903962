// Larger rings: sixteen nodes, and many cold starts at once.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

class LargeRingTest : public MixedRingTest {};

TEST_P(LargeRingTest, SixteenNodesFormFloodAndSurviveThreeCrashes) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    flood_all(all, 60, "1:50,64:30,1400:15,20000:5");
    for (const auto node : all) {
        start_flood(node, {"--rate", "20", "--sizes", small_sizes, "--members", "16", "--timeout", "300"});
    }
    wait_for_floods();
    // The representative, one in the middle and the last.
    const Nodes dying = {1, 8, 16};
    auto survivors = all;
    for (const auto node : dying) {
        std::erase(survivors, node);
    }
    laboratory().kill(dying);
    ASSERT_NO_THROW(laboratory().wait_ring(survivors, milliseconds(60000)));
    for (const auto node : dying) {
        result_of(flood_on(node), milliseconds(10000));
    }
    EXPECT_EQ(finish_floods().size(), survivors.size());
    expect_same_deliveries();
}

INSTANTIATE_TEST_SUITE_P(Mix, LargeRingTest,
                         testing::ValuesIn(cases({"TTTTTTTTTTTTTTTT"}, {Transport::udp, Transport::udpu})), case_name);

class ColdStartTest : public MixedRingTest {
protected:
    // Real corosync nodes are known to abort now and then when many start at once; ours never may.
    bool one_ring_of_the_living() {
        Nodes living;
        for (const auto node : laboratory().all()) {
            if (laboratory().running(node)) living.push_back(node);
        }
        return !living.empty() && laboratory().has_ring(living);
    }

    void start_often(unsigned times) {
        set_up(GetParam().mix, plan(), false);
        if (!ready()) return;
        const auto all = laboratory().all();
        unsigned aborts = 0;
        for (unsigned time = 0; time < times; ++time) {
            SCOPED_TRACE(fmt::format("start {}", time));
            laboratory().start(all);
            ASSERT_TRUE(lab::wait_until(milliseconds(40000), [&] { return one_ring_of_the_living(); }))
                << laboratory().describe_rings();
            for (const auto node : all) {
                if (!laboratory().running(node)) {
                    ++aborts;
                    ASSERT_NE(laboratory().manifest().nodes[node - 1].kind, lab::DaemonKind::totemd)
                        << laboratory().describe_rings();
                    continue;
                }
                laboratory().kill(node);
            }
            for (const auto node : all) {
                laboratory().wipe_state(node);
            }
        }
        std::cout << fmt::format("{} starts of {} nodes, {} aborts of real corosync nodes\n", times, all.size(),
                                 aborts);
    }
};

TEST_P(ColdStartTest, AllStartAtOnceWithEmptyState) {
    start_often(5);
}

INSTANTIATE_TEST_SUITE_P(Mix, ColdStartTest,
                         testing::Values(Case{"CTTCTTCT", Transport::udp}, Case{"TTTTTTCC", Transport::udpu}),
                         case_name);

class SoakColdStartTest : public ColdStartTest {};

TEST_P(SoakColdStartTest, ThirtyTimesWithEmptyState) {
    start_often(30);
}

INSTANTIATE_TEST_SUITE_P(Soak, SoakColdStartTest,
                         testing::ValuesIn(cases({"TTTTTTCC", "CTTCTTCT", "TTTTTTTT"},
                                                 {Transport::udp, Transport::udpu})),
                         case_name);

}  // namespace
}  // namespace conformance
