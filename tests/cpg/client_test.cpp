// The client side: spec totempg-sync-services.md sections 10.4, 10.5, 10.7, 10.8; client-ipc.md section 7.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpg/cpg_cluster.hpp"

namespace engine::cpg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Bytes bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct CpgClient : ::testing::Test {
    void SetUp() override {
        for (NodeId id : {1u, 2u})
            cluster.add(id);
        cluster.form({1, 2});
    }
    void run() { cluster.run({1, 2}); }
    Node& one() { return cluster.node(1); }
    Node& two() { return cluster.node(2); }
    Cluster cluster;
};

TEST_F(CpgClient, JoinIsAnsweredAtOnceAndToldOnDelivery) {
    EXPECT_EQ(one().join(10, "g", 100), kOk);
    EXPECT_THAT(one().clients.take(10), IsEmpty());
    EXPECT_THAT(one().cpg.membership({"g"}), IsEmpty());
    run();
    EXPECT_THAT(one().clients.take(10), ElementsAre("g m[1:100] l[] j[1:100/1]"));
    EXPECT_EQ(two().join(10, "g", 50), kOk);
    run();
    EXPECT_THAT(one().clients.take(10), ElementsAre("g m[1:100 2:50] l[] j[2:50/1]"));
    EXPECT_THAT(two().clients.take(10), ElementsAre("g m[1:100 2:50] l[] j[2:50/1]"));
}

TEST_F(CpgClient, StateTable) {
    CpgService& cpg = one().cpg;
    cpg.connected(1);
    EXPECT_EQ(cpg.leave(1), kNotExist);
    EXPECT_EQ(cpg.mcast(1, bytes("x")), kNotExist);
    EXPECT_EQ(cpg.partial_mcast(1, 1, 1, bytes("x")), kNotExist);
    EXPECT_EQ(cpg.join(1, {"g"}, 7, 0), kOk);  // JOIN_STARTED
    EXPECT_EQ(cpg.join(1, {"h"}, 7, 0), kExist);
    EXPECT_EQ(cpg.leave(1), kBusy);
    EXPECT_EQ(cpg.mcast(1, bytes("early")), kOk);
    run();  // JOIN_COMPLETED
    EXPECT_EQ(cpg.join(1, {"h"}, 7, 0), kExist);
    EXPECT_EQ(cpg.mcast(1, bytes("x")), kOk);
    EXPECT_EQ(cpg.leave(1), kOk);  // LEAVE_STARTED
    EXPECT_EQ(cpg.join(1, {"h"}, 7, 0), kBusy);
    EXPECT_EQ(cpg.leave(1), kNotExist);
    EXPECT_EQ(cpg.mcast(1, bytes("x")), kNotExist);
    run();  // UNJOINED again
    EXPECT_EQ(cpg.join(1, {"h"}, 7, 0), kOk);
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g m[1:7] l[] j[1:7/1]", "g 1:7 'early'", "g 1:7 'x'",
                                                   "g m[] l[1:7/2] j[]", "h m[1:7] l[] j[1:7/1]"));
}

TEST_F(CpgClient, ChecksBeforeTheStateTableComeInOrder) {
    CpgService& cpg = one().cpg;
    const std::string longest(128, 'n'), too_long(129, 'n');
    EXPECT_EQ(one().join(1, longest, 7), kOk);
    cpg.connected(2);
    EXPECT_EQ(cpg.join(2, {longest}, 7, 0), kExist) << "same pid and name on another connection";
    EXPECT_EQ(cpg.join(2, {too_long}, 7, 0), kNameTooLong);
    EXPECT_EQ(cpg.join(2, {longest}, 8, 0), kOk);
    run();
    EXPECT_EQ(cpg.leave(1), kOk);
    cpg.disconnected(1);
    cpg.connected(3);
    EXPECT_EQ(cpg.join(3, {longest}, 7, 0), kTryAgain) << "the leave is still in flight";
    run();
    EXPECT_EQ(cpg.join(3, {longest}, 7, 0), kOk);
    EXPECT_EQ(cpg.join(99, {"g"}, 7, 0), kNotExist);
}

TEST_F(CpgClient, NamesCompareByLengthThenBytes) {
    const std::string with_nul("g\0h", 3);
    EXPECT_EQ(one().join(1, "g", 7), kOk);
    EXPECT_EQ(one().join(2, with_nul, 7), kOk);
    EXPECT_EQ(one().join(3, "", 7), kOk);
    run();
    EXPECT_EQ(one().cpg.membership({"g"}).size(), 1u);
    EXPECT_EQ(one().cpg.membership({with_nul}).size(), 1u);
    EXPECT_EQ(one().cpg.membership({""}).size(), 1u);
    EXPECT_LT(GroupName{"z"}, GroupName{"aa"});
    EXPECT_LT(GroupName{"ab"}, GroupName{"ac"});
}

TEST_F(CpgClient, ClosingSendsProcdown) {
    one().join(1, "g", 7);
    two().join(1, "g", 8);
    run();
    two().clients.take(1);
    one().cpg.disconnected(1);
    run();
    EXPECT_THAT(two().clients.take(1), ElementsAre("g m[2:8] l[1:7/5] j[]"));
}

TEST_F(CpgClient, ClosingWhileTheJoinIsInFlightStillLeaves) {
    two().join(1, "g", 8);
    run();
    two().clients.take(1);
    one().join(1, "g", 7);
    one().cpg.disconnected(1);
    run();
    EXPECT_THAT(two().clients.take(1), ElementsAre("g m[1:7 2:8] l[] j[1:7/1]", "g m[2:8] l[1:7/5] j[]"));
    EXPECT_EQ(one().cpg.membership({"g"}).size(), 1u);
}

TEST_F(CpgClient, ClosingAfterALeaveSendsNothing) {
    one().join(1, "g", 7);
    run();
    one().cpg.leave(1);
    one().cpg.disconnected(1);
    EXPECT_EQ(cluster.queue.size(), 1u);
    run();
    one().cpg.connected(2);
    one().cpg.disconnected(2);
    EXPECT_TRUE(cluster.queue.empty());
}

TEST_F(CpgClient, ProcleaveThatFindsNoRoomIsSentLater) {
    one().join(1, "g", 7);
    two().join(1, "g", 8);
    run();
    two().clients.take(1);
    one().full = true;
    one().cpg.disconnected(1);
    EXPECT_TRUE(cluster.queue.empty());
    one().full = false;
    two().cpg.mcast(1, bytes("m"));
    run();
    EXPECT_THAT(two().clients.take(1), ElementsAre("g 2:8 'm'", "g m[2:8] l[1:7/5] j[]"));
}

TEST_F(CpgClient, FullRingChangesNothing) {
    one().cpg.connected(1);
    one().full = true;
    EXPECT_EQ(one().cpg.join(1, {"g"}, 7, 0), kTryAgain);
    one().full = false;
    EXPECT_EQ(one().cpg.join(1, {"g"}, 7, 0), kOk);
    run();
    one().full = true;
    EXPECT_EQ(one().cpg.leave(1), kTryAgain);
    EXPECT_EQ(one().cpg.mcast(1, bytes("x")), kTryAgain);
    one().full = false;
    EXPECT_EQ(one().cpg.leave(1), kOk);
}

TEST_F(CpgClient, FinalizedConnectionsHearNothingAndLeaveOnClose) {
    one().join(1, "g", 7);
    two().join(1, "g", 8);
    run();
    one().clients.take(1);
    two().clients.take(1);
    EXPECT_EQ(one().cpg.finalize(1), kOk);
    two().cpg.mcast(1, bytes("m"));
    run();
    cluster.form({1, 2});
    EXPECT_THAT(one().clients.take(1), IsEmpty());
    one().cpg.disconnected(1);
    run();
    EXPECT_EQ(two().clients.take(1).back(), "g m[2:8] l[1:7/5] j[]");
}

TEST_F(CpgClient, MessagesReachJoinedConnectionsOfTheGroupInOrder) {
    one().join(1, "g", 7);
    one().join(2, "g", 8);
    one().join(3, "h", 9);
    two().join(1, "g", 7);
    run();
    for (ConnectionId c : {1, 2, 3})
        one().clients.take(c);
    one().cpg.mcast(1, bytes("a"));
    two().cpg.mcast(1, bytes("b"));
    one().cpg.mcast(2, bytes(""));
    run();
    const std::vector<std::string> expected{"g 1:7 'a'", "g 2:7 'b'", "g 1:8 ''"};
    EXPECT_EQ(one().clients.take(1), expected);
    EXPECT_EQ(one().clients.take(2), expected);
    EXPECT_THAT(one().clients.take(3), IsEmpty());
}

TEST_F(CpgClient, JoiningConnectionHearsNothingBeforeItsJoin) {
    two().join(1, "g", 8);
    run();
    two().cpg.mcast(1, bytes("before"));
    one().join(1, "g", 7);
    two().cpg.mcast(1, bytes("after"));
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g m[1:7 2:8] l[] j[1:7/1]", "g 2:8 'after'"));
}

TEST_F(CpgClient, LeavingConnectionHearsTheGroupUntilItsLeave) {
    one().join(1, "g", 7);
    two().join(1, "g", 8);
    run();
    one().clients.take(1);
    two().cpg.mcast(1, bytes("x"));
    one().cpg.leave(1);
    two().cpg.mcast(1, bytes("y"));
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g 2:8 'x'", "g m[2:8] l[1:7/2] j[]"));
}

TEST_F(CpgClient, MessageOfANodeWithoutAProcessInTheGroupIsDropped) {
    one().join(1, "g", 7);
    run();
    one().clients.take(1);
    const auto head = encode_head(McastMessage{"g", 8, 0, bytes("m")}, 2, totem::kNativeOrder);
    const std::array<Bytes, 2> body{Bytes(head), bytes("m")};
    two().multicast(kCpgService, kMcast, body);
    run();
    EXPECT_THAT(one().clients.take(1), IsEmpty());
    EXPECT_THAT(one().clients.unknown, ElementsAre("g from 2"));
    EXPECT_THAT(two().clients.unknown, IsEmpty()) << "nobody there is in the group";
}

TEST_F(CpgClient, DuplicateJoinIsIgnoredAndUnknownLeaveIsTold) {
    one().join(1, "g", 7);
    run();
    one().clients.take(1);
    const auto body = encode(ProcessMessage{"g", 7, 1}, totem::kNativeOrder);
    const auto stranger = encode(ProcessMessage{"g", 9, 5}, totem::kNativeOrder);
    const Bytes chunk = body, other = stranger;
    one().multicast(kCpgService, kProcJoin, {&chunk, 1});
    two().multicast(kCpgService, kProcLeave, {&other, 1});
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g m[1:7] l[2:9/5] j[]"));
}

TEST_F(CpgClient, MembersAreSortedByNodeThenPid) {
    two().join(1, "g", 3);
    one().join(1, "g", 20);
    one().join(2, "g", 10);
    two().join(2, "g", 1);
    run();
    EXPECT_EQ(text(one().cpg.membership({"g"})), "1:10 1:20 2:1 2:3");
    EXPECT_THAT(one().cpg.membership({"nobody"}), IsEmpty());
}

TEST_F(CpgClient, PartialMessagesAreInterruptedByAConfchg) {
    one().join(1, "g", 7);
    two().join(1, "g", 8);
    run();
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 1, bytes("ab")), kOk);
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 2, bytes("cd")), kOk);
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 3, bytes("ef")), kOk);
    two().clients.take(1);
    run();
    EXPECT_THAT(two().clients.take(1),
                ElementsAre("g 1:7 part 1 of 6 'ab'", "g 1:7 part 2 of 6 'cd'", "g 1:7 part 3 of 6 'ef'"));
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 1, bytes("ab")), kOk);
    run();
    two().cpg.leave(1);
    run();
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 2, bytes("cd")), kInterrupt);
    EXPECT_TRUE(cluster.queue.empty());
    EXPECT_EQ(one().cpg.partial_mcast(1, 6, 1, bytes("ab")), kOk);
}

TEST_F(CpgClient, InitialTotemConfchgFollowsTheFirstConfchgOnce) {
    one().join(1, "g", 7, 1);
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g m[1:7] l[] j[1:7/1]", "ring 1.4: 1 2"));
    two().join(1, "g", 8);
    run();
    EXPECT_THAT(one().clients.take(1), ElementsAre("g m[1:7 2:8] l[] j[2:8/1]"));
}

TEST_F(CpgClient, IterationKeepsGroupsTogether) {
    one().join(1, "a", 1);
    one().join(2, "b", 2);
    one().join(3, "a", 3);
    one().join(4, "a", 4);
    two().join(1, "b", 1);
    run();
    const auto show = [&](std::uint32_t type, const std::string& group) {
        std::string out;
        for (const Process& p : one().cpg.snapshot(type, {group})) {
            out += p.group.bytes + std::to_string(p.node) + ":" + std::to_string(p.pid) + " ";
        }
        return out;
    };
    EXPECT_EQ(show(3, ""), "b1:2 b2:1 a1:1 a1:4 a1:3 ");
    EXPECT_EQ(show(2, "a"), "a1:1 a1:4 a1:3 ");
    EXPECT_EQ(show(1, ""), "b0:0 a0:0 ");
    EXPECT_EQ(show(2, "none"), "");
}

}  // namespace
}  // namespace engine::cpg::test
