// Each rule: when it applies, whom it names, and when it must be silent.
#include "engine/why/causes.hpp"

#include <gtest/gtest.h>

namespace engine::why {
namespace {

// A ring of nodes 1 to 4, of which we are number 1.
Findings ring_of_four() {
    Findings f;
    f.self = 1;
    f.old_members = f.members = {1, 2, 3, 4};
    return f;
}

Findings lost(Findings f, NodeIds gone, std::uint64_t milliseconds = 1000) {
    f.left = f.left_silently = gone;
    for (const NodeId node : gone)
        std::erase(f.members, node);
    f.token_loss = {milliseconds, 2, {}};
    return f;
}

Findings acted(Kind kind, std::span<const Evidence> evidence) {
    Findings f = ring_of_four();
    f.kind = kind;
    f.evidence = evidence;
    return f;
}

void expect(const std::optional<Cause>& cause, CauseKind kind, const NodeIds& nodes) {
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause->kind, kind);
    EXPECT_EQ(cause->nodes, nodes);
}

TEST(Rules, StartUpIsTheFirstMembershipAndNothingElse) {
    Findings f = ring_of_four();
    EXPECT_FALSE(rule::start_up(f));
    f.first = true;
    f.joined = {2, 3, 4};
    f.alone = {2};
    f.foreign = {3};
    expect(rule::start_up(f), CauseKind::start_up, {1});
    EXPECT_TRUE(judge(f).also.empty()) << "who was there before did not join us";
}

TEST(Rules, OwnPauseComesBeforeAnyBlame) {
    Findings f = lost(ring_of_four(), {2, 3, 4}, 3000);
    f.own_pause = 2900;
    const Verdict verdict = judge(f);
    expect(verdict.cause, CauseKind::own_pause, {1});
    EXPECT_EQ(verdict.cause.milliseconds, 2900U);
    EXPECT_TRUE(verdict.also.empty()) << "nobody else is to blame";
}

TEST(Rules, OwnPauseMustExplainTheLoss) {
    Findings f = lost(ring_of_four(), {3}, 3000);
    f.own_pause = 1499;
    EXPECT_FALSE(rule::own_pause(f));
    EXPECT_TRUE(rule::peer_silent(f));
    f.own_pause = 1500;
    EXPECT_TRUE(rule::own_pause(f));
    EXPECT_FALSE(rule::peer_silent(f));
    Findings joined = ring_of_four();
    joined.own_pause = 5000;
    joined.joined = {4};
    EXPECT_FALSE(rule::own_pause(joined)) << "that somebody comes is not our pause";
    Findings excluded = ring_of_four();
    excluded.own_pause = 5000;
    excluded.left = {2};
    excluded.excluded_by = {2};
    EXPECT_TRUE(rule::own_pause(excluded));
    EXPECT_FALSE(rule::excluded(excluded));
}

TEST(Rules, FailedToReceive) {
    Findings f = ring_of_four();
    EXPECT_FALSE(rule::self_failed_to_receive(f));
    f.failed_to_receive = true;
    f.left = f.left_silently = {2, 3, 4};
    expect(judge(f).cause, CauseKind::self_failed_to_receive, {1});

    f = lost(ring_of_four(), {3});
    EXPECT_FALSE(rule::peer_failed_to_receive(f));
    f.cannot_receive = {3};
    const Verdict verdict = judge(f);
    expect(verdict.cause, CauseKind::peer_failed_to_receive, {3});
    EXPECT_TRUE(verdict.also.empty()) << "it did not fall silent, it said why it goes";
    f.left.clear();
    EXPECT_FALSE(rule::peer_failed_to_receive(f)) << "it stayed";
}

TEST(Rules, ForcedAndInterface) {
    Findings f = ring_of_four();
    EXPECT_FALSE(rule::forced(f));
    EXPECT_FALSE(rule::interface_changed(f));
    f.forced = true;
    f.interface_changed = true;
    expect(rule::forced(f), CauseKind::forced, {1});
    expect(rule::interface_changed(f), CauseKind::interface_changed, {1});
}

TEST(Rules, WhoSaidSoLeft) {
    Findings f = ring_of_four();
    f.left = {2, 3};
    f.left_silently = {3};
    expect(rule::left_announced(f), CauseKind::left_announced, {2});
    const Verdict verdict = judge(f);
    EXPECT_EQ(verdict.cause.kind, CauseKind::left_announced);
    ASSERT_EQ(verdict.also.size(), 1U);
    expect(verdict.also[0], CauseKind::peer_silent, {3});
    f.left = {3};
    EXPECT_FALSE(rule::left_announced(f));
}

TEST(Rules, WhoNoLongerCountsUsIn) {
    Findings f = lost(ring_of_four(), {2, 3});
    EXPECT_FALSE(rule::excluded(f));
    f.excluded_by = {2, 3, 4};
    expect(judge(f).cause, CauseKind::excluded, {2, 3});
    f.left.clear();
    EXPECT_FALSE(rule::excluded(f)) << "they came along after all";
}

TEST(Rules, SeveralAtOnceAreASplitOneIsSilent) {
    const Findings two = lost(ring_of_four(), {2, 4});
    expect(rule::network_split(two), CauseKind::network_split, {2, 4});
    EXPECT_FALSE(rule::peer_silent(two));
    const Findings one = lost(ring_of_four(), {4});
    EXPECT_FALSE(rule::network_split(one));
    expect(rule::peer_silent(one), CauseKind::peer_silent, {4});
    EXPECT_EQ(rule::peer_silent(one)->milliseconds, 1000U);
}

TEST(Rules, TokenLostWhenAllAreStillThere) {
    Findings f = lost(ring_of_four(), {});
    ASSERT_TRUE(rule::token_lost(f));
    EXPECT_EQ(judge(f).cause.kind, CauseKind::token_lost);
    EXPECT_EQ(judge(f).cause.suspects, (NodeIds{2, 3, 4}));
    f.own_pause = 1000;
    EXPECT_FALSE(rule::token_lost(f));
    EXPECT_EQ(judge(f).cause.kind, CauseKind::own_pause);
    EXPECT_FALSE(rule::token_lost(lost(ring_of_four(), {2})));
}

TEST(Rules, WhereNewMembersComeFrom) {
    Findings f = ring_of_four();
    f.joined = {2, 3, 4};
    f.alone = {2};
    f.previous_rings = {{1, "1.4"}, {2, "2.1"}, {3, "3.8"}, {4, "4.c"}};
    expect(rule::peer_started(f), CauseKind::peer_started, {2});
    EXPECT_FALSE(rule::rings_merged(f));
    expect(rule::peer_joined(f), CauseKind::peer_joined, {3, 4});
    f.previous_rings = {{1, "1.4"}, {2, "2.1"}, {3, "3.8"}, {4, "3.8"}};
    expect(rule::rings_merged(f), CauseKind::rings_merged, {3, 4});
    EXPECT_FALSE(rule::peer_joined(f));
    EXPECT_EQ(judge(f).also.size(), 1U);
}

TEST(Rules, ARingOfOneIsForeignIfHeardOrLostBefore) {
    Findings f = ring_of_four();
    f.joined = {4};
    EXPECT_FALSE(rule::rings_merged(f));
    f.foreign = {4};
    expect(rule::rings_merged(f), CauseKind::rings_merged, {4});
    f.foreign.clear();
    f.lost_before = {4};
    expect(rule::rings_merged(f), CauseKind::rings_merged, {4});
    f.alone = {4};
    EXPECT_FALSE(rule::rings_merged(f)) << "it started anew";
    expect(judge(f).cause, CauseKind::peer_started, {4});
}

TEST(Suspects, BehindWhomTheTokenSurelyReached) {
    Findings f = lost(ring_of_four(), {3});
    EXPECT_EQ(suspects(f), (NodeIds{2, 3, 4}));
    f.token_loss->reached = 3;
    EXPECT_EQ(suspects(f), (NodeIds{3, 4}));
    f.self = 3;
    f.token_loss = {1000, 4, 1};
    EXPECT_EQ(suspects(f), (NodeIds{1, 2})) << "the ring has no end";
    f.token_loss->reached = 9;
    EXPECT_TRUE(suspects(f).empty()) << "not a member";
    f.token_loss = {1000, {}, {}};
    EXPECT_TRUE(suspects(f).empty()) << "we had it";
    f.token_loss.reset();
    EXPECT_TRUE(suspects(f).empty());
}

TEST(Rules, HowThisNodeEnded) {
    expect(judge(acted(Kind::stop, {})).cause, CauseKind::stopped, {1});
    const Evidence kill[] = {{.kind = EvidenceKind::killed, .node = 3}, {.kind = EvidenceKind::config_version}};
    const Verdict verdict = judge(acted(Kind::stop, kill));
    expect(verdict.cause, CauseKind::killed, {3});
    EXPECT_TRUE(verdict.also.empty());
    const Evidence older[] = {{.kind = EvidenceKind::config_version}};
    expect(judge(acted(Kind::stop, older)).cause, CauseKind::config_version, {});
}

TEST(Rules, WhoChangedTheVotes) {
    const auto cause_of = [](const Evidence& item) { return judge(acted(Kind::votes, {&item, 1})).cause; };
    expect(cause_of({.kind = EvidenceKind::expected_votes_set, .node = 2, .count = 5}), CauseKind::expected_votes_set,
           {2});
    expect(cause_of({.kind = EvidenceKind::node_votes_set, .node = 2, .nodes = {3}}), CauseKind::node_votes_set, {2});
    expect(cause_of({.kind = EvidenceKind::wait_for_all_cancelled, .node = 4}), CauseKind::wait_for_all_cancelled, {4});
    expect(cause_of({.kind = EvidenceKind::reload_requested, .node = 3}), CauseKind::reloaded, {3});
    expect(cause_of({.kind = EvidenceKind::keys_changed}), CauseKind::keys_changed, {1});
    expect(cause_of({.kind = EvidenceKind::votes_announced, .node = 4}), CauseKind::peer_votes_changed, {4});
    expect(cause_of({.kind = EvidenceKind::votes_announced, .node = 1}), CauseKind::unknown, {});
    expect(judge(acted(Kind::votes, {})).cause, CauseKind::unknown, {});
}

TEST(Rules, AReloadExplainsItsKeysAndAnnouncements) {
    const Evidence items[] = {{.kind = EvidenceKind::reload_requested, .node = 3},
                              {.kind = EvidenceKind::keys_changed},
                              {.kind = EvidenceKind::votes_announced, .node = 2}};
    const Verdict verdict = judge(acted(Kind::votes, items));
    expect(verdict.cause, CauseKind::reloaded, {3});
    EXPECT_TRUE(verdict.also.empty());
}

TEST(Rules, TheQuorumDevice) {
    Findings f = acted(Kind::quorum, {});
    f.before = Votes{.quorate = true, .device_registered = true, .device_alive = true, .device_casts = true};
    f.after = f.before;
    EXPECT_FALSE(rule::device_changed(f));
    f.after->device_alive = false;
    expect(judge(f).cause, CauseKind::device_changed, {1});
    f.before.reset();
    EXPECT_TRUE(rule::device_changed(f));
    f.after.reset();
    EXPECT_FALSE(rule::device_changed(f));
}

}  // namespace
}  // namespace engine::why
