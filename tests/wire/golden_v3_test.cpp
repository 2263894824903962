// Golden packets of the 3.x dialect, totem-wire.md section 14.1.

#include "tests/wire/golden.hpp"

namespace totem::wire {
namespace {

template <typename Packet>
struct Golden : test::Golden<Packet> {
    explicit Golden(std::string_view hex) : test::Golden<Packet>(Dialect::v3, hex) {}
};

RingId ring(NodeId rep, std::uint64_t seq) {
    RingId out;
    out.rep.nodeid = rep;
    out.seq = seq;
    return out;
}

std::vector<Identity> nodes(std::initializer_list<NodeId> ids) {
    std::vector<Identity> out;
    for (const NodeId id : ids)
        out.push_back(Identity::v3(id));
    return out;
}

TEST(GoldenV3, FirstJoin) {
    const Golden<Join> join("70c00303 00 01000000 00000000 01000000 01000000 00000000 0100000000000000 01000000");
    EXPECT_EQ(join.size(), 37u);
    EXPECT_EQ(join->header.nodeid, 1u);
    EXPECT_FALSE(join->is_leave());
    EXPECT_EQ(join->system_from, Identity::v3(1));
    EXPECT_EQ(join->proc_list, nodes({1}));
    EXPECT_EQ(join->failed_list, nodes({}));
    EXPECT_EQ(join->ring_seq, 1u);
}

TEST(GoldenV3, JoinWithAFailedNode) {
    const Golden<Join> join(
        "70c00303 00 01000000 14152a38 01000000 03000000 01000000 0d00000000000000"
        "01000000 02000000 03000000 03000000");
    EXPECT_EQ(join.size(), 49u);
    EXPECT_EQ(join->header.target_nodeid, 0x382a1514u);
    EXPECT_EQ(join->proc_list, nodes({1, 2, 3}));
    EXPECT_EQ(join->failed_list, nodes({3}));
    EXPECT_EQ(join->ring_seq, 0xdu);
}

TEST(GoldenV3, CommitToken) {
    const Golden<CommitToken> commit(
        "70c00304 00 02000000 00000000 02000000 01000000 0900000000000000 00000000 02000000 02000000"
        "01000000 02000000"
        "01000000 0500000000000000 08000000 08000000 01000000"
        "02000000 0100000000000000 00000000 00000000 01000000");
    EXPECT_EQ(commit.size(), 97u);
    EXPECT_EQ(commit->header.nodeid, 2u);
    EXPECT_EQ(commit->token_seq, 2u);
    EXPECT_EQ(commit->ring, ring(1, 9));
    EXPECT_EQ(commit->ring.text(Dialect::v3), "1.9");
    EXPECT_EQ(commit->retrans_flg, 0u);
    EXPECT_EQ(commit->memb_index, 2);
    EXPECT_EQ(commit->members, nodes({1, 2}));
    EXPECT_EQ(commit->entries, (std::vector<CommitEntry>{{ring(1, 5), 8, 8, 1}, {ring(2, 1), 0, 0, 1}}));
}

TEST(GoldenV3, InitialToken) {
    const Golden<Token> token(
        "70c00300 00 01000000 00000002 00000000 00000000 ffffffff 01000000 01000000 0900000000000000"
        "00000000 00000000 00000000 00000000");
    EXPECT_EQ(token.size(), 57u);
    EXPECT_EQ(token->header.nodeid, 1u);
    EXPECT_EQ(token->header.target_nodeid, 0x02000000u);
    EXPECT_EQ(token->seq, 0u);
    EXPECT_EQ(token->token_seq, 0u);
    EXPECT_EQ(token->aru, 0xffffffffu);
    EXPECT_EQ(token->aru_addr, 1u);
    EXPECT_EQ(token->ring, ring(1, 9));
    EXPECT_EQ(token->rtr_count, 0u);
}

TEST(GoldenV3, TokenWithARetransmissionRequest) {
    const Golden<Token> token(
        "70c00300 00 03000000 00000001 17000000 10010000 16000000 03000000 01000000 0d00000000000000"
        "00000000 00000000 00000000 01000000"
        "01000000 0d00000000000000 17000000");
    EXPECT_EQ(token.size(), 73u);
    EXPECT_EQ(token->header.nodeid, 3u);
    EXPECT_EQ(token->seq, 23u);
    EXPECT_EQ(token->token_seq, 272u);
    EXPECT_EQ(token->aru, 22u);
    EXPECT_EQ(token->aru_addr, 3u);
    EXPECT_EQ(token->ring, ring(1, 0xd));
    EXPECT_EQ(token->backlog, 0u);
    EXPECT_EQ(token->fcc, 0u);
    EXPECT_EQ(token->retrans_flg, 0);
    ASSERT_EQ(token->rtr_count, 1u);
    EXPECT_EQ(token->rtr[0], (RtrItem{ring(1, 0xd), 23}));
}

TEST(GoldenV3, MergeDetect) {
    const Golden<MergeDetect> merge("70c00302 00 01000000 ca250be3 01000000 01000000 0500000000000000");
    EXPECT_EQ(merge.size(), 29u);
    EXPECT_EQ(merge->system_from, Identity::v3(1));
    EXPECT_EQ(merge->ring, ring(1, 5));
}

TEST(GoldenV3, HoldCancel) {
    const Golden<HoldCancel> cancel("70c00305 00 01000000 00000000 01000000 0d00000000000000");
    EXPECT_EQ(cancel.size(), 25u);
    EXPECT_EQ(cancel->header.nodeid, 1u);
    EXPECT_EQ(cancel->ring, ring(1, 0xd));
}

TEST(GoldenV3, Mcast) {
    const Golden<Mcast> mcast(
        "70c00301 02 01000000 00000000 01000000 01000000 00000000 01000000 0500000000000000 00000000 00000000"
        "0000000000000100 2500 0100 0100 61 00000500000000002000000000000000 01000000 01000000 03000000 08000000");
    EXPECT_EQ(mcast.size(), 92u);
    EXPECT_EQ(mcast->header.encapsulated, 2);
    EXPECT_EQ(mcast->header.nodeid, 1u);
    EXPECT_EQ(mcast->system_from, Identity::v3(1));
    EXPECT_EQ(mcast->seq, 1u);
    EXPECT_EQ(mcast->this_seqno, 0);
    EXPECT_EQ(mcast->ring, ring(1, 5));
    EXPECT_EQ(mcast->node_id, 0u);
    EXPECT_EQ(mcast->guarantee, 0);
    EXPECT_EQ(mcast->payload.size(), 47u);
    EXPECT_EQ(test::to_hex(mcast->payload.first(10)), "00000000000001002500");
}

TEST(GoldenV3, RecoveryMcast) {
    const Golden<Mcast> outer(
        "70c00301 01 03000000 00000000 03000000 01000000 0f000000 02000000 1100000000000000 00000000 00000000"
        "70c00301 02 01000000 00000000 01000000 1d000000 1d000000 01000000 0d00000000000000 00000000 00000000");
    EXPECT_EQ(outer->header.encapsulated, 1);
    EXPECT_EQ(outer->system_from, Identity::v3(3));
    EXPECT_EQ(outer->seq, 1u);
    EXPECT_EQ(outer->this_seqno, 15);
    EXPECT_EQ(outer->ring, ring(2, 0x11));

    Mcast inner;
    ASSERT_EQ(Codec(Dialect::v3).decode(outer->payload, inner), Drop::none);
    EXPECT_EQ(inner.header.encapsulated, 2);
    EXPECT_EQ(inner.system_from, Identity::v3(1));
    EXPECT_EQ(inner.seq, 29u);
    EXPECT_EQ(inner.ring, ring(1, 0xd));
    EXPECT_TRUE(inner.payload.empty());
}

}  // namespace
}  // namespace totem::wire
