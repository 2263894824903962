// What the ring tells, in the order it does, and the records that come of it.
#include "engine/why/recorder.hpp"

#include <gtest/gtest.h>

namespace engine::why {
namespace {

using std::chrono::milliseconds;
using totem::Identity;
using totem::NodeAddress;
using totem::RingId;
using totem::srp::Configuration;
using totem::srp::GatherReason;
using totem::srp::State;
using totem::srp::TokenTrail;

std::vector<Identity> nodes(const NodeIds& ids) {
    std::vector<Identity> out;
    for (const NodeId id : ids)
        out.push_back(Identity::v3(id));
    return out;
}

class RecorderTest : public ::testing::Test, private Surroundings {
protected:
    void pass(int ms) { now_ += milliseconds(ms); }

    void gather(GatherReason reason) { recorder_.gather_entered(reason); }
    void leave_operational(int silent, TokenTrail trail) {
        trail.silent = milliseconds(silent);
        trail.timeout = milliseconds(1000);
        recorder_.token_trail(trail);
    }
    void lose_token(int elapsed, const TokenTrail& trail) {
        recorder_.token_lost(State::operational, milliseconds(elapsed));
        leave_operational(elapsed, trail);
        gather(GatherReason::token_lost_operational);
    }
    // Up to the delivery of the configuration.
    void form(std::uint64_t seq, const NodeIds& members, const NodeIds& joined, const NodeIds& left,
              const NodeIds& silent) {
        const RingId ring{NodeAddress{members.front()}, seq};
        const auto all = nodes(members), came = nodes(joined), gone = nodes(left);
        recorder_.configuration_delivered({Configuration::Kind::transitional, ring, all, gone, {}});
        recorder_.configuration_delivered({Configuration::Kind::regular, ring, all, {}, came});
        recorder_.membership_formed(ring, all, came, gone, nodes(silent));
    }
    // A quorate ring of nodes 1 to 3 which has been there for long, and nothing on record. We are 1.
    void settle() {
        gather(GatherReason::interface_change);
        form(4, {1, 2, 3}, {1, 2, 3}, {}, {});
        recorder_.votes({.quorate = true, .votes = 3, .expected = 3, .quorum = 2});
        recorder_.synchronized();
        records_.clear();
        pass(3'600'000);
    }
    TokenTrail passed_to(NodeId node) {
        TokenTrail trail;
        trail.received = trail.passed = now_ - milliseconds(1000);
        trail.passed_on = true;
        trail.to = node;
        return trail;
    }
    const Record& only() {
        EXPECT_EQ(records_.size(), 1U);
        static const Record none;
        return records_.empty() ? none : records_.front();
    }
    const Evidence* find(const Record& record, EvidenceKind kind) {
        for (const Evidence& item : record.evidence) {
            if (item.kind == kind) return &item;
        }
        return nullptr;
    }

    Stamp stamp() override { return {now_, std::chrono::duration_cast<milliseconds>(now_.time_since_epoch()).count()}; }
    Link link() override { return link_; }
    void closed(Record record) override { records_.push_back(std::move(record)); }

    totem::Instant now_{std::chrono::hours(24)};
    Link link_;
    std::vector<Record> records_;
    Recorder recorder_{totem::Dialect::v3, Identity::v3(1), *this};
};

TEST_F(RecorderTest, TheFirstRecordIsTheStart) {
    recorder_.votes({.votes = 1, .expected = 3, .quorum = 2});
    EXPECT_EQ(recorder_.next_timeout(), totem::kNever) << "votes before the first ring are no change";
    gather(GatherReason::interface_change);
    pass(30);
    form(4, {1, 2}, {1, 2}, {}, {});
    EXPECT_TRUE(records_.empty()) << "the verdict is to come";
    recorder_.votes({.quorate = true, .votes = 2, .expected = 3, .quorum = 2});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::start_up);
    EXPECT_EQ(only().joined, NodeIds{2}) << "we did not join ourselves";
    EXPECT_EQ(only().new_ring, "1.4");
    EXPECT_EQ(only().outage, 30U);
    EXPECT_FALSE(only().before);
    ASSERT_TRUE(only().after);
    EXPECT_TRUE(only().after->quorate);
    recorder_.synchronized();
    EXPECT_EQ(records_.size(), 1U) << "once";
}

TEST_F(RecorderTest, ASilentPeer) {
    settle();
    TokenTrail trail = passed_to(2);
    trail.resent = 3;
    trail.heard_after = true;
    trail.reached = 3;
    trail.reached_at = now_ - milliseconds(900);
    lose_token(1000, trail);
    recorder_.join_received(Identity::v3(2), nodes({1, 2, 3}), nodes({3}));
    pass(1200);
    form(8, {1, 2}, {}, {3}, {3});
    recorder_.votes({.quorate = true, .votes = 2, .expected = 3, .quorum = 2});
    recorder_.synchronized();
    const Record& record = only();
    EXPECT_EQ(record.cause.kind, CauseKind::peer_silent);
    EXPECT_EQ(record.cause.nodes, NodeIds{3});
    EXPECT_EQ(record.cause.suspects, NodeIds{3});
    EXPECT_EQ(record.cause.milliseconds, 1000U);
    EXPECT_EQ(record.outage, 1200U);
    EXPECT_EQ(record.old_ring, "1.4");
    EXPECT_EQ(record.new_ring, "1.8");
    ASSERT_NE(find(record, EvidenceKind::token_received), nullptr);
    EXPECT_EQ(find(record, EvidenceKind::token_received)->node, 3U) << "who is before us in the ring";
    ASSERT_NE(find(record, EvidenceKind::token_passed), nullptr);
    EXPECT_EQ(find(record, EvidenceKind::token_passed)->count, 3U);
    ASSERT_NE(find(record, EvidenceKind::token_reached), nullptr);
    ASSERT_NE(find(record, EvidenceKind::named_failed), nullptr);
    EXPECT_EQ(find(record, EvidenceKind::named_failed)->nodes, NodeIds{2});
    EXPECT_TRUE(record.before->quorate);
    EXPECT_EQ(record.after->votes, 2U);
}

TEST_F(RecorderTest, ASilentPeerWhosePortIsClosed) {
    settle();
    recorder_.process_suspected(Identity::v3(3));
    leave_operational(10, passed_to(2));
    gather(GatherReason::process_gone);
    pass(100);
    form(8, {1, 2}, {}, {3}, {3});
    recorder_.votes({.quorate = true, .votes = 2, .expected = 3, .quorum = 2});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::peer_silent);
    EXPECT_FALSE(only().cause.milliseconds) << "the token was not lost";
    EXPECT_EQ(only().outage, 100U);
    ASSERT_NE(find(only(), EvidenceKind::port_closed), nullptr);
    EXPECT_EQ(find(only(), EvidenceKind::port_closed)->node, 3U);
}

TEST_F(RecorderTest, OthersGaveUpTheTokenBeforeUs) {
    for (const int silent : {499, 500}) {
        settle();
        leave_operational(silent, passed_to(2));
        gather(GatherReason::join_operational);
        form(8, {1, 2}, {}, {3}, {3});
        recorder_.synchronized();
        EXPECT_EQ(only().cause.kind, CauseKind::peer_silent);
        const bool missed = silent == 500;
        EXPECT_EQ(only().cause.milliseconds.has_value(), missed) << "an idle ring is slow, too";
        EXPECT_EQ(find(only(), EvidenceKind::token_late) != nullptr, missed);
        EXPECT_EQ(only().cause.suspects, missed ? (NodeIds{2, 3}) : NodeIds{});
    }
}

TEST_F(RecorderTest, ALeave) {
    settle();
    recorder_.leave_received(Identity::v3(2));
    gather(GatherReason::merge_during_join);
    form(8, {1, 3}, {}, {2}, {});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::left_announced);
    EXPECT_EQ(only().cause.nodes, NodeIds{2});
    EXPECT_TRUE(only().also.empty());
}

TEST_F(RecorderTest, OurOwnPauseIsNoticedInAnyOrder) {
    for (const bool before : {true, false}) {
        settle();
        if (before) recorder_.not_scheduled(milliseconds(3000));
        pass(2);
        TokenTrail trail = passed_to(2);
        trail.received = trail.passed = now_ - milliseconds(3000);
        lose_token(3000, trail);
        if (!before) recorder_.not_scheduled(milliseconds(3002));
        recorder_.pause_detected(milliseconds(2900));
        form(8, {1}, {}, {2, 3}, {2, 3});
        recorder_.synchronized();
        EXPECT_EQ(only().cause.kind, CauseKind::own_pause);
        EXPECT_GE(only().cause.milliseconds.value_or(0), 3000U);
        EXPECT_TRUE(only().also.empty());
    }
}

TEST_F(RecorderTest, APauseLongAgoHasNothingToDoWithIt) {
    settle();
    recorder_.not_scheduled(milliseconds(5000));
    pass(10'000);
    lose_token(1000, passed_to(2));
    form(8, {1, 2}, {}, {3}, {3});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::peer_silent);
    EXPECT_NE(find(only(), EvidenceKind::own_pause), nullptr) << "but it is on record";
}

TEST_F(RecorderTest, EvidenceOfAnHourAgoIsForgotten) {
    settle();
    recorder_.note({.kind = EvidenceKind::reload_requested, .node = 2});
    pass(Recorder::kReach + 1);
    lose_token(1000, passed_to(2));
    form(8, {1, 2, 3}, {}, {}, {});
    recorder_.synchronized();
    EXPECT_EQ(find(only(), EvidenceKind::reload_requested), nullptr);
    EXPECT_EQ(only().cause.kind, CauseKind::token_lost);
}

TEST_F(RecorderTest, MergeAfterALoss) {
    settle();
    lose_token(1000, passed_to(2));
    form(8, {1, 2}, {}, {3}, {3});
    recorder_.synchronized();
    records_.clear();
    gather(GatherReason::merge_during_join);
    recorder_.join_received(Identity::v3(3), nodes({3, 1}), {});
    form(12, {1, 2, 3}, {3}, {}, {});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::rings_merged);
    EXPECT_EQ(only().cause.nodes, NodeIds{3});
    records_.clear();
    // Lost again, and this time it starts anew.
    lose_token(1000, passed_to(2));
    form(16, {1, 2}, {}, {3}, {3});
    recorder_.synchronized();
    records_.clear();
    recorder_.join_received(Identity::v3(3), nodes({3}), {});
    gather(GatherReason::merge_during_join);
    form(20, {1, 2, 3}, {3}, {}, {});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::peer_started);
}

TEST_F(RecorderTest, ARestartShowsInTheRingItBeganWith) {
    for (const std::uint64_t seq : {5U, 12U}) {
        settle();  // on ring 4
        lose_token(1000, passed_to(2));
        form(8, {1, 2}, {}, {3}, {3});
        recorder_.synchronized();
        records_.clear();
        recorder_.join_received(Identity::v3(3), nodes({3, 1, 2}), {});  // its first one got lost
        gather(GatherReason::merge_during_join);
        recorder_.recovery_member(0, Identity::v3(1), {RingId{NodeAddress{1}, 8}, 0, 0, 0});
        recorder_.recovery_member(1, Identity::v3(3), {RingId{NodeAddress{3}, seq}, 0, 0, 0});
        form(16, {1, 2, 3}, {3}, {}, {});
        recorder_.synchronized();
        EXPECT_EQ(only().cause.kind, seq == 5 ? CauseKind::peer_started : CauseKind::rings_merged);
    }
}

TEST_F(RecorderTest, PreviousRingsTellWhoCameTogether) {
    settle();
    recorder_.foreign_heard(Identity::v3(5), RingId{NodeAddress{4}, 40});
    gather(GatherReason::merge_operational);
    const auto member = [&](std::size_t position, NodeId node, NodeId rep, std::uint64_t seq) {
        recorder_.recovery_member(position, Identity::v3(node), {RingId{NodeAddress{rep}, seq}, 0, 0, 0});
    };
    member(0, 9, 9, 9);  // of an attempt that failed
    member(0, 1, 1, 4);
    member(1, 2, 1, 4);
    member(2, 3, 1, 4);
    member(3, 4, 4, 40);
    member(4, 5, 4, 40);
    form(44, {1, 2, 3, 4, 5}, {4, 5}, {}, {});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::rings_merged);
    EXPECT_EQ(only().cause.nodes, (NodeIds{4, 5}));
    unsigned rings = 0;
    for (const Evidence& item : only().evidence)
        rings += item.kind == EvidenceKind::previous_ring ? 1 : 0;
    EXPECT_EQ(rings, 2U);
}

TEST_F(RecorderTest, AChangeBeforeTheServicesAreSynchronised) {
    settle();
    recorder_.leave_received(Identity::v3(2));
    gather(GatherReason::merge_during_join);
    form(8, {1, 3}, {}, {2}, {});
    // The next one comes at once. Its evidence is not the first one's.
    recorder_.leave_received(Identity::v3(3));
    gather(GatherReason::merge_during_join);
    ASSERT_EQ(records_.size(), 1U);
    EXPECT_FALSE(records_[0].synchronized);
    EXPECT_EQ(records_[0].cause.nodes, NodeIds{2});
    form(12, {1}, {}, {3}, {});
    recorder_.synchronized();
    ASSERT_EQ(records_.size(), 2U);
    EXPECT_TRUE(records_[1].synchronized);
    EXPECT_EQ(records_[1].cause.kind, CauseKind::left_announced);
    EXPECT_EQ(records_[1].cause.nodes, NodeIds{3});
}

TEST_F(RecorderTest, ForcedGatherIsNoLossOfTheToken) {
    settle();
    recorder_.forced_gather();
    lose_token(5, passed_to(2));
    form(8, {1, 2, 3}, {}, {}, {});
    recorder_.synchronized();
    EXPECT_EQ(only().cause.kind, CauseKind::forced);
    EXPECT_TRUE(only().also.empty());
    EXPECT_EQ(find(only(), EvidenceKind::token_lost), nullptr);
}

TEST_F(RecorderTest, VotesSettleIntoOneRecord) {
    settle();
    recorder_.note_vote({.kind = EvidenceKind::expected_votes_set, .node = 2, .count = 7});
    recorder_.votes({.quorate = true, .votes = 3, .expected = 7, .quorum = 2});
    const auto due = recorder_.next_timeout();
    EXPECT_EQ(due, now_ + Recorder::kSettle);
    pass(100);
    recorder_.votes({.quorate = false, .votes = 3, .expected = 7, .quorum = 4});
    EXPECT_EQ(recorder_.next_timeout(), due) << "it does not wait for ever";
    recorder_.on_timeout();
    EXPECT_TRUE(records_.empty()) << "too early";
    pass(100);
    recorder_.on_timeout();
    EXPECT_EQ(only().kind, Kind::quorum);
    EXPECT_EQ(only().cause.kind, CauseKind::expected_votes_set);
    EXPECT_TRUE(only().before->quorate);
    EXPECT_FALSE(only().after->quorate);
    EXPECT_EQ(recorder_.next_timeout(), totem::kNever);
}

TEST_F(RecorderTest, VotesThatComeBackAreNoChange) {
    settle();
    recorder_.votes({.quorate = true, .votes = 4, .expected = 3, .quorum = 2});
    recorder_.votes({.quorate = true, .votes = 3, .expected = 3, .quorum = 2});
    EXPECT_EQ(recorder_.next_timeout(), totem::kNever);
    recorder_.stopping();
    EXPECT_EQ(only().kind, Kind::stop);
}

TEST_F(RecorderTest, OnlyNumbersThatDifferAreKindVotes) {
    settle();
    recorder_.votes({.quorate = true, .votes = 4, .expected = 4, .quorum = 3});
    gather(GatherReason::merge_during_join);
    EXPECT_EQ(only().kind, Kind::votes) << "the ring gathers, so it is closed now";
    EXPECT_EQ(only().cause.kind, CauseKind::unknown);
}

TEST_F(RecorderTest, VoteMessagesWhileTheRingFormsAreNoEvidence) {
    settle();
    gather(GatherReason::merge_during_join);
    recorder_.note_vote({.kind = EvidenceKind::votes_announced, .node = 2});
    form(8, {1, 2, 3}, {}, {}, {});
    recorder_.note_vote({.kind = EvidenceKind::votes_announced, .node = 2});
    recorder_.synchronized();
    recorder_.stopping();
    for (const Record& record : records_)
        EXPECT_EQ(find(record, EvidenceKind::votes_announced), nullptr);
}

TEST_F(RecorderTest, CountersAreSinceTheRecordBefore) {
    link_ = {.refused = 5, .unsent = 1};
    settle();
    const totem::wire::RtrItem items[3] = {};
    recorder_.retransmit_list(items);
    recorder_.retransmit_list({items, 2});
    recorder_.datagram_dropped(totem::wire::Drop::too_short, {});
    link_.refused = 9;
    recorder_.stopping();
    EXPECT_EQ(only().counters,
              (Counters{.retransmit_tokens = 2, .retransmit_requests = 5, .malformed = 1, .refused = 4, .unsent = 0}));
}

TEST_F(RecorderTest, WhatStrangersSayIsBounded) {
    settle();
    gather(GatherReason::merge_during_join);
    NodeIds crowd;
    for (NodeId id = 10; id < 10 + totem::kMaxNodes; ++id)
        crowd.push_back(id);
    for (NodeId sender = 1000; sender < 3000; ++sender) {
        recorder_.join_received(Identity::v3(sender), nodes({sender}), {});
        recorder_.join_received(Identity::v3(sender), nodes(crowd), nodes(crowd));
        recorder_.leave_received(Identity::v3(sender));
        recorder_.foreign_heard(Identity::v3(sender), RingId{NodeAddress{sender}, sender});
    }
    form(8, {1, 2, 3}, {}, {}, {});
    recorder_.synchronized();
    EXPECT_LE(only().evidence.size(), EvidenceLog::kCapacity);
    EXPECT_GT(only().evidence_dropped, 1000U);
    EXPECT_LT(to_line(only()).size(), 64U * 1024U);
}

}  // namespace
}  // namespace engine::why
