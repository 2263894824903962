// What of POSIX holds on a node of a cluster, where each change is decided by all.

#include <thread>

#include "conformance/tests/store_test_base.hpp"

namespace conformance {
namespace {

class PosixTest : public StoreTest, public testing::WithParamInterface<Case> {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = GetParam().transport;
        set_up_stores(GetParam().mix, plan);
    }

    void expect_to_hold(unsigned node, const lab::Arguments& options) {
        lab::Arguments command = {lab::beside_us("totem-posix-check"), stores().mount(node)};
        command.insert(command.end(), options.begin(), options.end());
        const auto done = laboratory().run(node, command, milliseconds(180000));
        EXPECT_EQ(done.status, 0) << "node " << node << ":\n" << done.out << done.err;
    }
};

TEST_P(PosixTest, HoldsOnOneNode) {
    if (!ready()) return;
    expect_to_hold(1, {"--quick", "--skip", "limit/entries"});
    expect_same_everywhere();
}

TEST_P(PosixTest, HoldsOnAllNodesAtOnce) {
    if (!ready()) return;
    std::vector<std::thread> running;
    // Not those whose readers never pause: on all nodes at once they leave a small machine no time for the ring.
    for (const auto node : laboratory().all())
        running.emplace_back([this, node] {
            expect_to_hold(node, {"--quick", "--shared", "--skip", "race/replaced", "race/written"});
        });
    for (auto& each : running)
        each.join();
    expect_same_everywhere();
}

INSTANTIATE_TEST_SUITE_P(Mix, PosixTest, testing::Values(Case{"TTT", Transport::udpu}, Case{"CCC", Transport::udpu}),
                         case_name);

}  // namespace
}  // namespace conformance
