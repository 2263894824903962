// Rings break, split, merge and shrink (totem-srp.md sections 13 to 16, traces of sections 22.2 to 22.4).
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

using Lines = std::vector<std::string>;

class Change : public DialectTest {
protected:
    void form(std::initializer_list<NodeId> ids) {
        DialectTest::form(ids);
        net.run_for(2s);
        for (NodeId id : ids)
            net[id].heard.clear();
    }
    std::string ring(NodeId rep, std::uint64_t steps) {  // `steps` changes after the ring just formed
        char text[32];
        std::snprintf(text, sizeof text, "%x.%llx", rep, static_cast<unsigned long long>(base + 4 * steps));
        return text;
    }
    std::uint64_t base = 0;
};
INSTANTIATE_TEST_SUITE_P(Dialects, Change, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

// Section 22.2.
TEST_P(Change, CrashWithMissingMessages) {
    form({1, 2, 3});
    base = net[1].ring().ring_id().seq;
    for (int i = 0; i < 22; ++i)
        net[1].send("before");
    net.run_for(2s);
    for (NodeId id = 1; id <= 3; ++id)
        net[id].heard.clear();
    net.lose = [](const Packet& packet, NodeId to) { return to == 3 && packet.bytes.size() > 300; };

    std::size_t mark = net.packets.size();
    const std::string large(400, 'x');
    for (int i = 0; i < 6; ++i)
        net[1].send(large);
    net.run_for(20ms);
    Lines trace = net.trace(mark);
    EXPECT_EQ(trace[0], "1 -> all HOLD CANCEL " + ring(1, 0));
    // Node 3 lowers the aru at its first visit without the messages, and asks at the fifth.
    const Lines of3 = matching(trace, "3 -> 1 TOKEN");
    ASSERT_GE(of3.size(), 6u);
    const auto first =
        std::find_if(of3.begin(), of3.end(), [](auto& l) { return l.find("seq 28 ") != std::string::npos; });
    ASSERT_GE(of3.end() - first, 6);
    for (int i = 0; i < 4; ++i) {
        EXPECT_NE(first[i].find("aru 22 addr 3"), std::string::npos) << first[i];
        EXPECT_NE(first[i].find("rtr {}"), std::string::npos) << first[i];
    }
    EXPECT_NE(first[4].find("rtr {23,24,25,26,27,28}"), std::string::npos) << first[4];
    EXPECT_EQ(net[1].ring().statistics(net.now).mcast_retx % 6, 0u);
    EXPECT_GE(net[1].ring().statistics(net.now).mcast_retx, 6u);
    const auto answered = std::find(trace.begin(), trace.end(), first[4]);
    EXPECT_EQ(*(answered + 1), "1 -> all MCAST " + ring(1, 0) + " seq 23");
    EXPECT_NE((answered + 7)->find("fcc 6"), std::string::npos) << *(answered + 7);
    EXPECT_NE((answered + 7)->find("rtr {}"), std::string::npos) << *(answered + 7);

    net[1].send("small");
    net.run_for(200ms);
    EXPECT_TRUE(net[3].deliveries.size() == 22u) << net[3].deliveries.size();
    EXPECT_EQ(net[2].deliveries.size(), 29u);
    for (NodeId id = 2; id <= 3; ++id)
        net[id].heard.clear();
    net.kill(1);
    net.lose = nullptr;
    const Instant crash = net.now;
    mark = net.packets.size();
    ASSERT_TRUE(net.settle({2, 3}));
    EXPECT_LT(net.now - crash, ms(net.parameters.token + net.parameters.consensus + 60));
    EXPECT_GT(net.now - crash, ms(net.parameters.token + net.parameters.consensus - net.parameters.hold - 1000));
    trace = net.trace(mark);

    const Lines joins = matching(trace, "JOIN");
    EXPECT_EQ(joins[0].substr(9), "JOIN ringseq " + ring(1, 0).substr(2) + " proc {1,2,3} failed {}");
    EXPECT_NE(joins.back().find("failed {1}"), std::string::npos);
    const std::string entries = "(" + ring(1, 0) + ",29,29,1) (" + ring(1, 0) + ",22,22,0)";
    const Lines commits = matching(trace, "COMMIT");
    ASSERT_EQ(commits.size(), 4u);
    EXPECT_EQ(commits[0], "2 -> 3 COMMIT " + ring(2, 1) + " token_seq 1 index 1 {2,3} (" + ring(1, 0) + ",29,29,1) -");
    EXPECT_EQ(commits[1], "3 -> 2 COMMIT " + ring(2, 1) + " token_seq 2 index 2 {2,3} " + entries);
    EXPECT_EQ(commits[2], "2 -> 3 COMMIT " + ring(2, 1) + " token_seq 3 index 2 {2,3} " + entries);

    const auto initial = std::find_if(trace.begin(), trace.end(),
                                      [&](auto& l) { return l.find("TOKEN " + ring(2, 1)) != std::string::npos; });
    const Lines recovery(initial, std::min(initial + 11, trace.end()));
    const std::string token = " TOKEN " + ring(2, 1) + " ", mcast = " -> all MCAST " + ring(2, 1) + " seq ";
    const std::string inner = " inner " + ring(1, 0) + " ";
    EXPECT_EQ(recovery[0], "2 -> 3" + token + "seq 0 token_seq 0 aru ffffffff addr 2 fcc 0 backlog 0 flg 1 rtr {}");
    EXPECT_EQ(recovery[1], "3" + mcast + "1" + inner + "29");
    EXPECT_EQ(recovery[2].substr(0, 7 + token.size() - 1 + 19), "3 -> 2" + token + "seq 1 token_seq 1 a");
    EXPECT_NE(recovery[2].find("flg 1"), std::string::npos);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(recovery[3 + i], "2" + mcast + std::to_string(2 + i) + inner + std::to_string(23 + i));
    }
    EXPECT_NE(recovery[10].find("seq 8 token_seq 2 aru 8"), std::string::npos) << recovery[10];
    EXPECT_NE(recovery[10].find("fcc 8"), std::string::npos) << recovery[10];
    EXPECT_NE(recovery[10].find("flg 0"), std::string::npos) << recovery[10];

    // Node 3 gets what it missed before the transitional configuration; node 2 has it all.
    ASSERT_EQ(net[3].deliveries.size(), 29u);
    EXPECT_EQ(net[3].deliveries, net[2].deliveries);
    EXPECT_EQ(net[3].heard[6], ring(1, 0) + ":29 1 small");
    EXPECT_EQ((Lines{net[3].heard.end() - 2, net[3].heard.end()}),
              (Lines{"trans " + ring(2, 1) + " {2,3} left {1} joined {}",
                     "regular " + ring(2, 1) + " {2,3} left {} joined {}"}));
    EXPECT_EQ(net[2].heard, (Lines{net[3].heard.end() - 2, net[3].heard.end()}));
    EXPECT_EQ(net[2].seen.left_without_leave, (std::vector<NodeId>{1}));
    EXPECT_EQ(net[2].ring().statistics(net.now).operational_token_lost, 1u);

    // Recovery used 1..8 of the new ring.
    mark = net.packets.size();
    net[2].send("after");
    net.run_for(1s);
    EXPECT_EQ(matching(net.trace(mark), "MCAST"), (Lines{"2 -> all MCAST " + ring(2, 1) + " seq 9"}));
    EXPECT_EQ(net[3].heard.back(), ring(2, 1) + ":9 2 after");
}

// Section 22.3.
TEST_P(Change, PartitionAndMerge) {
    form({1, 2, 3});
    base = net[1].ring().ring_id().seq;
    const auto split = [](const Packet& packet, NodeId to) { return (packet.from == 3) != (to == 3); };
    net.lose = split;
    std::size_t mark = net.packets.size();
    ASSERT_TRUE(net.run_until([&] { return net.settled({1, 2}) && net.settled({3}); }));
    EXPECT_EQ(net[1].ring_text().substr(0, 2), GetParam() == Dialect::v3 ? "1." : "10");
    const Lines joins = matching(net.trace(mark), "1 -> all JOIN");
    EXPECT_EQ(joins.front(), "1 -> all JOIN ringseq " + ring(1, 0).substr(2) + " proc {1,2,3} failed {}");
    EXPECT_EQ(joins.back(), "1 -> all JOIN ringseq " + ring(1, 0).substr(2) + " proc {1,2,3} failed {3}");
    EXPECT_EQ(net[1].heard, (Lines{"trans " + ring(1, 1) + " {1,2} left {3} joined {}",
                                   "regular " + ring(1, 1) + " {1,2} left {} joined {}"}));
    EXPECT_EQ(net[2].heard, net[1].heard);
    EXPECT_EQ(net[3].heard, (Lines{"trans " + ring(3, 1) + " {3} left {1,2} joined {}",
                                   "regular " + ring(3, 1) + " {3} left {} joined {}"}));

    for (int i = 0; i < 14; ++i)
        net[1].send("majority");
    for (int i = 0; i < 7; ++i)
        net[3].send("minority");
    net.run_for(5s);
    for (NodeId id = 1; id <= 3; ++id)
        net[id].heard.clear();
    net.lose = nullptr;
    const Instant healed = net.now;
    mark = net.packets.size();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    EXPECT_LT(net.now - healed, ms(net.parameters.hold + net.parameters.merge + 100));
    const Lines trace = net.trace(mark);
    const Lines merges = matching(trace, "MERGE");
    ASSERT_FALSE(merges.empty());
    const Lines commits = matching(trace, "COMMIT");
    ASSERT_EQ(commits.size(), 6u);
    const std::string r1 = "(" + ring(1, 1) + ",14,14,1)", r3 = "(" + ring(3, 1) + ",7,7,1)";
    EXPECT_EQ(commits[2], "3 -> 1 COMMIT " + ring(1, 2) + " token_seq 3 index 3 {1,2,3} " + r1 + " " + r1 + " " + r3);
    EXPECT_EQ(net[1].heard, (Lines{"trans " + ring(1, 2) + " {1,2} left {} joined {}",
                                   "regular " + ring(1, 2) + " {1,2,3} left {} joined {3}"}));
    EXPECT_EQ(net[2].heard, net[1].heard);
    EXPECT_EQ(net[3].heard, (Lines{"trans " + ring(1, 2) + " {3} left {} joined {}",
                                   "regular " + ring(1, 2) + " {1,2,3} left {} joined {1,2}"}));
}

// Section 22.4.
TEST_P(Change, LeaveIsFast) {
    form({1, 3});
    base = net[1].ring().ring_id().seq;
    std::size_t mark = net.packets.size();
    const Instant begin = net.now;
    net[3].leave();
    net.kill(3);
    ASSERT_TRUE(net.settle({1}));
    EXPECT_LT(net.now - begin, 2ms);
    const std::string seq = ring(1, 0).substr(2);
    EXPECT_EQ(matching(net.trace(mark), " -> all "),
              (Lines{"3 -> all LEAVE ringseq " + seq + " proc {1} failed {3}",
                     "1 -> all JOIN ringseq " + seq + " proc {1,3} failed {3}"}));
    EXPECT_EQ(net[1].heard, (Lines{"trans " + ring(1, 1) + " {1} left {3} joined {}",
                                   "regular " + ring(1, 1) + " {1} left {} joined {}"}));
    EXPECT_TRUE(net[1].seen.left_without_leave.empty());
    EXPECT_EQ(net[3].ring().next_timeout(), kNever);
}

TEST_P(Change, LeaveOfThreeLeavesTwoAtOnce) {
    form({1, 2, 3});
    const Instant begin = net.now;
    net[1].leave();
    net.kill(1);
    ASSERT_TRUE(net.settle({2, 3}));
    EXPECT_LT(net.now - begin, ms(net.parameters.join) + 5ms);
    EXPECT_TRUE(net[2].seen.left_without_leave.empty());
}

// Who asks without waiting goes by the last token's sequence number; that of the old ring says nothing of the new one,
// and a request for what nobody ever sent would stay on the token and keep it from coming to rest.
TEST_P(Change, NobodyAsksInTheNewRingForNumbersOfTheOld) {
    net.parameters.miss_count_const = 1;
    form({1, 2, 3});
    for (int i = 0; i < 22; ++i)
        net[1].send("before");
    net.run_for(2s);
    net[2].keep_tokens = net[3].keep_tokens = true;
    net.kill(1);
    ASSERT_TRUE(net.settle({2, 3}));
    net.run_for(1s);
    for (NodeId id : {2, 3}) {
        ASSERT_FALSE(net[id].seen.tokens_out.empty());
        for (const wire::Token& token : net[id].seen.tokens_out)
            EXPECT_EQ(token.rtr_count, 0u) << token.token_seq;
    }
}

}  // namespace
}  // namespace totem::srp::test
