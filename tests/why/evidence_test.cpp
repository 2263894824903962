#include "engine/why/evidence.hpp"

#include <gtest/gtest.h>

namespace engine::why {
namespace {

Evidence pause(std::int64_t at, std::uint64_t milliseconds) {
    return {.kind = EvidenceKind::own_pause, .at = at, .node = 1, .milliseconds = milliseconds};
}

TEST(EvidenceLog, RoomIsBoundedAndTheMiddleGoes) {
    EvidenceLog log;
    const std::size_t many = EvidenceLog::kCapacity + 100;
    for (std::size_t i = 0; i < many; ++i)
        log.add({.kind = EvidenceKind::leave_announced, .at = static_cast<std::int64_t>(i), .node = NodeId(i + 1)});
    const auto items = log.items();
    ASSERT_EQ(items.size(), EvidenceLog::kCapacity);
    EXPECT_EQ(log.dropped(), 100U);
    EXPECT_EQ(items.front().node, 1U) << "how it began";
    EXPECT_EQ(items.back().node, many) << "what came last";
    log.clear();
    EXPECT_TRUE(log.items().empty());
    EXPECT_EQ(log.dropped(), 0U);
}

TEST(EvidenceLog, TheSameIsCounted) {
    EvidenceLog log;
    for (int i = 0; i < 1000; ++i)
        log.add({.kind = EvidenceKind::gather, .at = 100 + i, .detail = "consensus timeout"});
    log.add({.kind = EvidenceKind::gather, .at = 50, .detail = "failed to receive"});
    const auto items = log.items();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].detail, "failed to receive") << "in order of time";
    EXPECT_EQ(items[1].times, 1000U);
    EXPECT_EQ(items[1].at, 100);
}

TEST(EvidenceLog, OverlappingPausesAreOne) {
    EvidenceLog log;
    log.add(pause(5000, 2900));
    log.add(pause(5010, 3000));
    ASSERT_EQ(log.items().size(), 1U);
    EXPECT_EQ(log.items()[0].milliseconds, 3000U);
    log.add(pause(9000, 900));
    EXPECT_EQ(log.items().size(), 2U);
}

TEST(EvidenceLog, WhoNamesANodeIsCollected) {
    EvidenceLog log;
    for (const NodeId by : {4U, 2U, 4U})
        log.add({.kind = EvidenceKind::named_failed, .at = 1, .node = 3, .nodes = {by}});
    ASSERT_EQ(log.items().size(), 1U);
    EXPECT_EQ(log.items()[0].nodes, (NodeIds{2, 4}));
}

TEST(EvidenceLog, OldEvidenceIsForgottenUnlessSeenAgain) {
    EvidenceLog log;
    log.add({.kind = EvidenceKind::reload_requested, .at = 10, .node = 1});
    log.add({.kind = EvidenceKind::reload_requested, .at = 10, .node = 2});
    log.add({.kind = EvidenceKind::reload_requested, .at = 90, .node = 2});
    log.forget_before(50);
    ASSERT_EQ(log.items().size(), 1U);
    EXPECT_EQ(log.items()[0].node, 2U);
    EXPECT_EQ(log.dropped(), 0U);
}

}  // namespace
}  // namespace engine::why
