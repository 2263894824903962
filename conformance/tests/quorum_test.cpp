// Quorum as Debian's tools and libraries see it: every node of a ring, ours and real ones, must say the same; and what
// the options promise must come true.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using Words = std::vector<std::string>;

std::string quorum_section(const std::string& options) {
    return "quorum {\n    provider: corosync_votequorum\n" + options + "}\n";
}

class QuorumTest : public RingTest, public testing::WithParamInterface<const char*> {
protected:
    void start(const std::string& options, bool daemons = true) {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        plan.votequorum = false;
        plan.further_sections = quorum_section(options);
        set_up(GetParam(), plan, daemons);
    }

    lab::Finished tool(unsigned node, const Words& words) {
        Words command = {"corosync-quorumtool"};
        command.insert(command.end(), words.begin(), words.end());
        return laboratory().run(node, command);
    }
    std::string status(unsigned node) { return tool(node, {"-s"}).out; }

    // Exit code and output of all nodes are alike; the output of the first.
    std::string same(const Words& words) {
        SCOPED_TRACE(fmt::format("corosync-quorumtool {}", fmt::join(words, " ")));
        std::optional<lab::Finished> first;
        for (const unsigned node : laboratory().all()) {
            const auto said = tool(node, words);
            if (!first) first = said;
            EXPECT_EQ(said.status, first->status) << "node " << node << "\n" << said.out << said.err;
            EXPECT_EQ(without_own(said.out), without_own(first->out)) << "node " << node;
            EXPECT_EQ(said.err, first->err) << "node " << node;
        }
        return first->out;
    }
    // Until all of these nodes say so in their status.
    void await(const Nodes& nodes, const std::string& part) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000),
                                    [&] {
                                        return std::all_of(nodes.begin(), nodes.end(), [&](unsigned node) {
                                            return status(node).find(part) != std::string::npos;
                                        });
                                    }))
            << part << "\n"
            << status(nodes.front());
    }
    Words calls(const Words& words) {
        Words command = {lab::beside_us("totem-calls").string()};
        command.insert(command.end(), words.begin(), words.end());
        return command;
    }
};

using QuorumToolTest = QuorumTest;

TEST_P(QuorumToolTest, SaysTheSameOnAllNodes) {
    start("");
    if (!ready()) return;
    EXPECT_NE(same({"-s"}).find("Total votes:      3\nQuorum:           2  \nFlags:            Quorate \n"),
              std::string::npos);
    same({"-l"});
    same({"-l", "-i"});
    EXPECT_EQ(tool(1, {"-e", "2"}).err, "Unable to set expected votes: CS_ERR_INVALID_PARAM\n");
    same({"-e", "2"});
    for (const unsigned node : laboratory().all()) {
        const unsigned expected = 2 + node;
        EXPECT_EQ(tool(node, {"-e", std::to_string(expected)}).status, 0);
        await(laboratory().all(), fmt::format("Expected votes:   {}\n", expected));
        EXPECT_EQ(tool(node, {"-v", "2", "-n", std::to_string(node)}).status, 0);
        await(laboratory().all(), fmt::format("Total votes:      {}\n", 3 + node));
        same({"-l"});
    }
    same({"-s"});
    same({"-v", "1", "-n", "9"});
    laboratory().kill(3);
    laboratory().wait_ring({1, 2});
    await({1, 2}, "Total votes:      4\n");
    EXPECT_EQ(without_own(status(1)), without_own(status(2)));
}

INSTANTIATE_TEST_SUITE_P(Mix, QuorumToolTest, testing::Values("TTT", "TTC"));

using QuorumLibraryTest = QuorumTest;

TEST_P(QuorumToolTest, MonitorsTheSameOnAllNodes) {
    start("");
    if (!ready()) return;
    std::vector<RunningTool> monitors;
    for (const unsigned node : {1U, 3U})
        monitors.emplace_back(laboratory(), node, Words{"corosync-quorumtool", "-m"});
    const auto await_output = [&](const std::string& part) {
        for (RunningTool& monitor : monitors)
            EXPECT_TRUE(monitor.output().wait_for(part, milliseconds(10000))) << part << monitor.output().text();
    };
    await_output("Total votes:      3");
    laboratory().stop(2);
    await_output("Total votes:      2");
    // And what it prints last.
    for (const auto& [monitor, rest] : {std::pair(0U, "node1 (local)\n         3          1 node3\n"),
                                        {1U, "node1\n         3          1 node3 (local)\n"}})
        EXPECT_TRUE(monitors[monitor].output().wait_for(rest, milliseconds(10000)))
            << monitors[monitor].output().text();
    const std::string first = monitors[0].interrupt(), second = monitors[1].interrupt();
    EXPECT_EQ(without_own(first), without_own(second));
}

TEST_P(QuorumLibraryTest, AnswersAsCorosyncDoes) {
    start("");
    if (!ready()) return;
    for (const Words& section : {Words{"quorum"}, Words{"votes", "2"}}) {
        const auto ours = laboratory().run(1, calls(section)), theirs = laboratory().run(2, calls(section));
        EXPECT_EQ(ours.status, 0) << ours.err;
        EXPECT_GT(ours.out.size(), 500U);
        EXPECT_EQ(ours.out, theirs.out);
    }
}

TEST_P(QuorumLibraryTest, ServesAQuorumDevice) {
    start("    expected_votes: 3\n    device {\n        model: net\n        votes: 1\n    }\n");
    if (!ready()) return;
    const auto ours = laboratory().run(1, calls({"device", "1"})), theirs = laboratory().run(2, calls({"device", "2"}));
    EXPECT_EQ(ours.status, 0) << ours.err;
    EXPECT_GT(ours.out.size(), 1500U);
    EXPECT_EQ(without_own(ours.out), without_own(theirs.out));
}

INSTANTIATE_TEST_SUITE_P(Mix, QuorumLibraryTest, testing::Values("TC"));

using TwoNodeTest = QuorumTest;

TEST_P(TwoNodeTest, WaitsForBothAndOutlivesOne) {
    start("    two_node: 1\n", false);
    if (!ready()) return;
    laboratory().start(1);
    laboratory().wait_ring({1});
    await({1}, "Quorum:           1 Activity blocked\nFlags:            2Node WaitForAll \n");
    EXPECT_EQ(tool(1, {"-s"}).status, 2);
    laboratory().start(2);
    laboratory().wait_ring({1, 2});
    await({1, 2}, "Flags:            2Node Quorate WaitForAll \n");
    laboratory().kill(2);
    laboratory().wait_ring({1});
    await({1}, "Total votes:      1\nQuorum:           1  \nFlags:            2Node Quorate WaitForAll \n");
    laboratory().start(2);
    laboratory().wait_ring({1, 2});
    await({1, 2}, "Total votes:      2\nQuorum:           1  \nFlags:            2Node Quorate WaitForAll \n");
}

INSTANTIATE_TEST_SUITE_P(Mix, TwoNodeTest, testing::Values("TT", "TC", "CT"));

using DownscaleTest = QuorumTest;

TEST_P(DownscaleTest, CleanLeavesLowerWhatIsExpected) {
    start("    allow_downscale: 1\n");
    if (!ready()) return;
    await({1, 2, 3}, "Expected votes:   3\n");
    laboratory().stop(1);
    laboratory().wait_ring({2, 3});
    await({2, 3}, "Expected votes:   2\n");
}

INSTANTIATE_TEST_SUITE_P(Mix, DownscaleTest, testing::Values("TTC"));

}  // namespace
}  // namespace conformance
