// Golden packets of the 2.x dialect, totem-wire.md section 14.2. The prefix printed there belongs to
// the protection layer (tests/crypto), so it is left out here.

#include "tests/wire/golden.hpp"
#include "totem/wire/derivation.hpp"

namespace totem::wire {
namespace {

template <typename Packet>
struct Golden : test::Golden<Packet> {
    explicit Golden(std::string_view hex) : test::Golden<Packet>(Dialect::v2, hex) {}
};

// 10.77.0.LAST, the addresses of the captured cluster.
NodeAddress address(NodeId nodeid, int last) {
    return *parse_address("10.77.0." + std::to_string(last), nodeid);
}
Identity node(NodeId nodeid, int last) {
    return {nodeid, {address(nodeid, last), NodeAddress{}}};
}
RingId ring(std::uint64_t seq) {
    return {address(1, 1), seq};
}

// Identity's == leaves the node id out, these tests must not.
void expect_identity(const Identity& actual, const Identity& expected) {
    EXPECT_EQ(actual.nodeid, expected.nodeid);
    EXPECT_EQ(actual.addr, expected.addr);
}

TEST(GoldenV2, FirstJoin) {
    const Golden<Join> join(
        "03 00 22ff 01000000"
        "02 01000000 0200 0a4d0001 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "01000000 00000000 0100000000000000"
        "02 01000000 0200 0a4d0001 000000000000000000000000 00000000 0000 00000000000000000000000000000000");
    EXPECT_EQ(join.size(), 114u);
    EXPECT_EQ(join->header.nodeid, 1u);
    EXPECT_FALSE(join->is_leave());
    expect_identity(join->system_from, node(1, 1));
    ASSERT_EQ(join->proc_list.size(), 1u);
    expect_identity(join->proc_list[0], node(1, 1));
    EXPECT_TRUE(join->failed_list.empty());
    EXPECT_EQ(join->ring_seq, 1u);
}

TEST(GoldenV2, Leave) {
    const Golden<Join> leave(
        "03 00 22ff 00000000"
        "02 00000000 0200 0a4d0003 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "01000000 01000000 1900000000000000"
        "02 01000000 0200 0a4d0001 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "02 03000000 0200 0a4d0003 000000000000000000000000 00000000 0000 00000000000000000000000000000000");
    EXPECT_EQ(leave.size(), 159u);
    EXPECT_TRUE(leave->is_leave());
    expect_identity(leave->system_from, node(0, 3));
    ASSERT_EQ(leave->proc_list.size(), 1u);
    expect_identity(leave->proc_list[0], node(1, 1));
    ASSERT_EQ(leave->failed_list.size(), 1u);
    expect_identity(leave->failed_list[0], node(3, 3));
    EXPECT_EQ(leave->ring_seq, 0x19u);
    // Without its node id the leaver is still the node in the failed list.
    EXPECT_EQ(leave->system_from, leave->failed_list[0]);
}

TEST(GoldenV2, InitialToken) {
    const Golden<Token> token(
        "00 00 22ff 01000000 00000000 00000000 ffffffff 01000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0900000000000000"
        "00000000 00000000 00000000 00000000");
    EXPECT_EQ(token.size(), 70u);
    EXPECT_EQ(token->header.nodeid, 1u);
    EXPECT_EQ(token->seq, 0u);
    EXPECT_EQ(token->token_seq, 0u);
    EXPECT_EQ(token->aru, 0xffffffffu);
    EXPECT_EQ(token->aru_addr, 1u);
    EXPECT_EQ(token->ring, ring(9));
    EXPECT_EQ(token->ring.text(Dialect::v2), "10.77.0.1:9");
    EXPECT_EQ(token->rtr_count, 0u);
}

TEST(GoldenV2, TokenWithARetransmissionRequest) {
    const Golden<Token> token(
        "00 00 22ff 03000000 14000000 34010000 13000000 03000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0900000000000000"
        "00000000 00000000 00000000 01000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0900000000000000 14000000");
    EXPECT_EQ(token.size(), 104u);
    EXPECT_EQ(token->header.nodeid, 3u);
    EXPECT_EQ(token->seq, 20u);
    EXPECT_EQ(token->token_seq, 308u);
    EXPECT_EQ(token->aru, 19u);
    EXPECT_EQ(token->aru_addr, 3u);
    EXPECT_EQ(token->ring, ring(9));
    ASSERT_EQ(token->rtr_count, 1u);
    EXPECT_EQ(token->rtr[0], (RtrItem{ring(9), 20}));
}

TEST(GoldenV2, CommitTokenOnItsFirstHop) {
    const Golden<CommitToken> commit(
        "04 00 22ff 01000000 01000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0900000000000000 00000000 01000000 02000000"
        "02 01000000 0200 0a4d0001 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "02 02000000 0200 0a4d0002 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0500000000000000 07000000 07000000 01000000"
        "00000000 0000 00000000000000000000000000000000 0000000000000000 00000000 00000000 00000000");
    EXPECT_EQ(commit.size(), 228u);
    EXPECT_EQ(commit->token_seq, 1u);
    EXPECT_EQ(commit->ring, ring(9));
    EXPECT_EQ(commit->memb_index, 1);
    ASSERT_EQ(commit->members.size(), 2u);
    expect_identity(commit->members[0], node(1, 1));
    expect_identity(commit->members[1], node(2, 2));
    ASSERT_EQ(commit->entries.size(), 2u);
    EXPECT_EQ(commit->entries[0], (CommitEntry{ring(5), 7, 7, 1}));
    EXPECT_FALSE(commit->entries[0].unfilled());
    EXPECT_TRUE(commit->entries[1].unfilled());
}

TEST(GoldenV2, MergeDetect) {
    const Golden<MergeDetect> merge(
        "02 00 22ff 01000000"
        "02 01000000 0200 0a4d0001 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "01000000 0200 0a4d0001 000000000000000000000000 0500000000000000");
    EXPECT_EQ(merge.size(), 83u);
    expect_identity(merge->system_from, node(1, 1));
    EXPECT_EQ(merge->ring, ring(5));
}

TEST(GoldenV2, HoldCancel) {
    const Golden<HoldCancel> cancel(
        "05 00 22ff 01000000 01000000 0200 0a4d0001 000000000000000000000000 0900000000000000");
    EXPECT_EQ(cancel.size(), 38u);
    EXPECT_EQ(cancel->ring, ring(9));
}

TEST(GoldenV2, McastFixedPart) {
    const Golden<Mcast> mcast(
        "01 02 22ff 02000000"
        "02 02000000 0200 0a4d0002 000000000000000000000000 00000000 0000 00000000000000000000000000000000"
        "07000000 0b000000 01000000 0200 0a4d0001 000000000000000000000000 0900000000000000 00000000 00000000");
    EXPECT_EQ(mcast.size(), 99u);
    EXPECT_EQ(mcast->header.encapsulated, 2);
    EXPECT_EQ(mcast->header.nodeid, 2u);
    expect_identity(mcast->system_from, node(2, 2));
    EXPECT_EQ(mcast->seq, 7u);
    EXPECT_EQ(mcast->this_seqno, 11);
    EXPECT_EQ(mcast->ring, ring(9));
    EXPECT_TRUE(mcast->payload.empty());
}

// Section 4.7; not among the golden packets, but fully described.
TEST(GoldenV2, RingTest) {
    const Golden<RingTest> active("06 00 22ff 01000000 02000000");
    EXPECT_EQ(active.size(), 12u);
    EXPECT_EQ(active->header.type, PacketType::ring_test_active);
    EXPECT_EQ(active->ring_number, 1);
    EXPECT_EQ(active->activator, 2u);
    const Golden<RingTest> activate("07 00 22ff 00000000 03000000");
    EXPECT_EQ(activate->header.type, PacketType::ring_test_activate);
}

}  // namespace
}  // namespace totem::wire
