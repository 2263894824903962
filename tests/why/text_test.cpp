// The words an administrator reads, in full.
#include "engine/why/text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace engine::why {
namespace {

class TextTest : public ::testing::Test {
protected:
    void SetUp() override {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
};

Record with(CauseKind kind, NodeIds nodes, Kind of = Kind::membership) {
    Record record;
    record.kind = of;
    record.self = 1;
    record.members = {1, 2};
    record.cause.kind = kind;
    record.cause.nodes = std::move(nodes);
    return record;
}

TEST_F(TextTest, ASilentPeerInFull) {
    Record record = with(CauseKind::peer_silent, {3});
    record.sequence = 12;
    record.at = 1'769'864'709'250;
    record.outage = 1210;
    record.new_ring = "1.c";
    record.cause.suspects = {3};
    record.cause.milliseconds = 1000;
    record.before = Votes{.quorate = true, .votes = 3, .expected = 3, .quorum = 2};
    record.after = Votes{.quorate = true, .votes = 2, .expected = 3, .quorum = 2};
    record.evidence = {{.kind = EvidenceKind::token_received, .at = 1'769'864'707'040, .node = 3},
                       {.kind = EvidenceKind::token_passed, .at = 1'769'864'707'040, .node = 2, .count = 4},
                       {.kind = EvidenceKind::token_reached, .at = 1'769'864'707'041, .node = 3},
                       {.kind = EvidenceKind::token_lost, .at = 1'769'864'708'040, .milliseconds = 1000},
                       {.kind = EvidenceKind::gather, .at = 1'769'864'708'040, .times = 2, .detail = "the reason"},
                       {.kind = EvidenceKind::named_failed, .at = 1'769'864'709'200, .node = 3, .nodes = {2}}};
    record.evidence_dropped = 1;
    record.counters.retransmit_tokens = 1;
    record.counters.retransmit_requests = 2;
    record.counters.unsent = 1;
    EXPECT_EQ(
        paragraph(record),
        "2026-01-31 13:05:09.250  change 12, ring 1.c\n"
        "  Node 3 stopped answering without saying that it leaves: the token did not come for 1000 ms, and it did "
        "not take part when the ring gathered again. This node had passed the token to node 2, and a message "
        "heard later shows that it came as far as node 3; it was lost at or behind node 3.\n"
        "  Members now: node 1 and node 2. The ring stood still for 1210 ms. Quorum kept: 2 of 3 votes, 2 needed "
        "(was 3 of 3 votes, 2 needed).\n"
        "    13:05:07.040  the token came from node 3 for the last time\n"
        "    13:05:07.040  this node passed the token to node 2, and sent it again 4 times\n"
        "    13:05:07.041  node 3 sent a message, so the token had come that far\n"
        "    13:05:08.040  the token was given up after 1000 ms\n"
        "    13:05:08.040  the ring gathered: the reason (2 times)\n"
        "    13:05:09.200  node 3 was counted as failed by node 2\n"
        "    and 1 more for which there was no room\n"
        "    since the change before: 1 token asked for 2 messages again, 1 datagram not sent\n");
}

TEST_F(TextTest, AProcessThatEndedIsSaidTo) {
    Record record = with(CauseKind::peer_silent, {2});
    record.evidence = {{.kind = EvidenceKind::port_closed, .node = 2}};
    EXPECT_TRUE(
        sentence(record).ends_with("the ring gathered, and it did not take part when the ring gathered again. "
                                   "Its host said that no process has its port open: it had ended."))
        << sentence(record);
    EXPECT_NE(paragraph(record).find("the host of node 2 said that no process has its port open"), std::string::npos);
}

TEST_F(TextTest, ANodeTheTokenHadPassedIsSaidTo) {
    Record record = with(CauseKind::peer_silent, {2});
    record.cause.suspects = {3, 4};
    record.cause.milliseconds = 1000;
    record.evidence = {{.kind = EvidenceKind::token_passed, .node = 2},
                       {.kind = EvidenceKind::token_reached, .node = 3}};
    EXPECT_TRUE(sentence(record).ends_with("it was lost at or behind node 3. Node 2 had passed it on by then."))
        << sentence(record);
}

TEST_F(TextTest, OwnPauseBlamesNobody) {
    Record record = with(CauseKind::own_pause, {1});
    record.cause.milliseconds = 12'345;
    record.left = {2, 3};
    EXPECT_EQ(sentence(record),
              "This node's own process was not scheduled for 12 s; that explains the interruption, and nothing here "
              "speaks against another node. Node 2 and node 3 went on without it.");
}

TEST_F(TextTest, ASplitTellsTheSmallerPartToLookAtItself) {
    Record record = with(CauseKind::network_split, {3, 4, 5});
    EXPECT_EQ(sentence(record),
              "Node 3, node 4 and node 5 stopped answering all at once: the ring gathered. They ended together, or the "
              "network between them and this node failed. This node is not with the larger part; its own connection is "
              "the first to look at.");
    record.members = {1, 2, 6, 7};
    EXPECT_EQ(sentence(record).find("own connection"), std::string::npos);
}

TEST_F(TextTest, WhatComesTogetherIsSaidTogether) {
    Record record = with(CauseKind::left_announced, {3});
    record.also = {{CauseKind::peer_started, {4}, {}, {}}};
    const Names names = [](NodeId node) { return "node pve" + std::to_string(node); };
    EXPECT_EQ(sentence(record, names), "Node pve3 left, having said so. Also: Node pve4 started and joined.");
}

TEST_F(TextTest, Ends) {
    Record record = with(CauseKind::killed, {2}, Kind::stop);
    record.evidence = {{.kind = EvidenceKind::killed, .node = 2, .detail = "fenced"}};
    EXPECT_EQ(sentence(record), "This node ended because node 2 killed it (fenced).");
    EXPECT_EQ(outcome(record), "");
    record = with(CauseKind::stopped, {1}, Kind::stop);
    EXPECT_EQ(sentence(record), "This node was stopped, and left the ring.");
}

TEST_F(TextTest, ForeignWordsCannotForgeLines) {
    Record record = with(CauseKind::killed, {2}, Kind::stop);
    record.evidence = {{.kind = EvidenceKind::killed, .node = 2, .detail = "a\n\x1b[2Jb"}};
    EXPECT_EQ(sentence(record), "This node ended because node 2 killed it (a??[2Jb).");
    EXPECT_EQ(text_of(record.evidence[0]), "node 2 asked this node to end: a??[2Jb");
}

TEST_F(TextTest, TimesNoCalendarHas) {
    Record record = with(CauseKind::stopped, {1}, Kind::stop);
    record.at = INT64_MAX;
    record.evidence = {{.kind = EvidenceKind::shut_down, .at = INT64_MIN}};
    EXPECT_FALSE(paragraph(record).empty());
    EXPECT_EQ(time_text(-1), "1969-12-31 23:59:59.999");
}

TEST_F(TextTest, QuorumAndVotes) {
    Record record = with(CauseKind::expected_votes_set, {2}, Kind::quorum);
    record.evidence = {{.kind = EvidenceKind::expected_votes_set, .node = 2, .count = 9}};
    record.before = Votes{.quorate = true, .votes = 3, .expected = 3, .quorum = 2};
    record.after = Votes{.quorate = false, .votes = 3, .expected = 9, .quorum = 5};
    EXPECT_EQ(sentence(record), "Expected votes were set to 9 on node 2.");
    EXPECT_EQ(outcome(record), "Quorum lost: 3 of 9 votes, 5 needed (was 3 of 3 votes, 2 needed).");
    std::swap(record.before, record.after);
    EXPECT_EQ(outcome(record), "Quorum gained: 3 of 3 votes, 2 needed (was 3 of 9 votes, 5 needed).");
}

// Nothing may be without words, whatever a journal holds.
TEST_F(TextTest, EveryKindHasWords) {
    for (int kind = 0; kind <= static_cast<int>(CauseKind::peer_votes_changed); ++kind) {
        for (const Kind of : {Kind::membership, Kind::quorum, Kind::votes, Kind::stop}) {
            const std::string text = sentence(with(static_cast<CauseKind>(kind), {}, of));
            EXPECT_TRUE(text.ends_with('.')) << kind << ": " << text;
        }
    }
    for (int kind = 0; kind <= static_cast<int>(EvidenceKind::votes_announced); ++kind) {
        Evidence item;
        item.kind = static_cast<EvidenceKind>(kind);
        EXPECT_FALSE(text_of(item).empty()) << kind;
        Record record;
        record.evidence = {item};
        const auto read = from_line(to_line(record));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->evidence[0].kind, item.kind) << "a name in the journal of its own";
    }
}

TEST_F(TextTest, LongListsAreCut) {
    NodeIds many;
    for (NodeId id = 1; id <= 40; ++id)
        many.push_back(id);
    EXPECT_TRUE(sentence(with(CauseKind::peer_started, many)).ends_with("node 11 and 29 more started and joined."));
}

}  // namespace
}  // namespace engine::why
