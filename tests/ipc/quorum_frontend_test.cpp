// What clients of libquorum are told, byte by byte: spec client-ipc.md section 10.

#include "engine/ipc/quorum_frontend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ipc/quorum_messages.hpp"
#include "tests/ipc/fake_connection.hpp"

namespace engine::ipc {
namespace {

using namespace quorum_wire;
using testing::ElementsAre;
using testing::IsEmpty;

struct NoEvents final : quorum::QuorumEvents {
    void sync_lists(std::span<const NodeId>, std::span<const NodeId>, std::span<const NodeId>) override {}
    void quorum_reported(bool, bool, std::span<const NodeId>) override {}
};

// The 4 byte numbers from `offset` on.
std::vector<std::uint32_t> numbers(const std::vector<std::uint8_t>& message, std::size_t offset) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = offset; at + 4 <= message.size(); at += 4)
        out.push_back(load<std::uint32_t>(Bytes(message).subspan(at)));
    return out;
}

class QuorumFrontendTest : public testing::Test {
protected:
    QuorumFrontendTest() {
        frontend_.connected(client_);
        ring_.rep.nodeid = 2;
        ring_.seq = 40;
    }

    void synchronise(std::vector<NodeId> transitional, std::vector<NodeId> members) {
        ring_.seq += 4;
        auto* participant = service_.participant();
        participant->sync_init(transitional, members, ring_);
        ASSERT_TRUE(participant->sync_process({}));
        participant->sync_activate({});
    }
    void ask(std::uint32_t id, std::uint32_t value = 0) {
        const TrackStartRequest request{.header = {.id = static_cast<std::int32_t>(id), .size = 24}, .flags = value};
        EXPECT_EQ(frontend_.request(client_, id, bytes_of(request)), Handled::done);
    }
    std::uint32_t answered_number() const { return load<NumberResponse>(client_.responses.back()).value; }

    NoEvents events_;
    quorum::QuorumService service_{totem::Dialect::v3, true, events_};
    QuorumFrontend frontend_{service_};
    FakeConnection client_;
    totem::RingId ring_;
};

TEST_F(QuorumFrontendTest, AnswersWithTheProvidersVerdict) {
    ask(kGetQuorate);
    EXPECT_EQ(answered_number(), 0u);
    const std::vector<NodeId> view{1, 2};
    service_.quorum_state(true, ring_, view);
    ask(kGetQuorate);
    EXPECT_EQ(answered_number(), 1u);
    ask(kGetType);
    EXPECT_EQ(answered_number(), 1u);
    EXPECT_THAT(client_.events, IsEmpty());  // it does not track
}

TEST_F(QuorumFrontendTest, WithoutAProviderEverybodyIsQuorate) {
    quorum::QuorumService free{totem::Dialect::v3, false, events_};
    QuorumFrontend frontend{free};
    frontend.connected(client_);
    const RequestHeader header{.id = kGetQuorate, .size = sizeof(RequestHeader)};
    EXPECT_EQ(frontend.request(client_, kGetQuorate, bytes_of(header)), Handled::done);
    EXPECT_EQ(answered_number(), 1u);
}

TEST_F(QuorumFrontendTest, TheOldModelIsToldTheViewWithFourUnusedBytesBehind) {
    const std::vector<NodeId> view{1, 2, 7};
    service_.quorum_state(true, ring_, view);
    ask(kTrackStart, kTrackCurrent);
    ASSERT_EQ(client_.events.size(), 1u);
    const auto event = client_.events.front();
    const auto head = load<NotificationEvent>(event);
    EXPECT_EQ(head.header.id, kNotification);
    EXPECT_EQ(head.header.size, static_cast<std::int32_t>(event.size()));
    EXPECT_EQ(event.size(), sizeof(NotificationEvent) + 3 * 4);
    EXPECT_EQ(head.quorate, 1);
    EXPECT_EQ(head.ring_seq, ring_.seq);
    EXPECT_EQ(head.count, 3u);
    EXPECT_THAT(numbers(event, offsetof(NotificationEvent, first_node)), ElementsAre(1, 2, 7, testing::_));
    client_.told();
    service_.quorum_state(false, ring_, view);
    EXPECT_THAT(client_.told(), IsEmpty());  // CURRENT is once
}

TEST_F(QuorumFrontendTest, TheNewModelIsToldListsAndVerdict) {
    ask(kModelGetType, 1);
    EXPECT_EQ(client_.error(), kCsOk);
    ask(kTrackStart, kTrackChanges);
    EXPECT_THAT(client_.told(), ElementsAre(kNodelist, kQuorum));
    synchronise({1}, {1, 2});
    ASSERT_EQ(client_.events.size(), 1u);
    const auto event = client_.events.front();
    const auto head = load<NodelistEvent>(event);
    EXPECT_EQ(head.header.id, kNodelist);
    EXPECT_EQ(head.header.size, static_cast<std::int32_t>(event.size()));
    EXPECT_EQ(head.ring.node, 2u);
    EXPECT_EQ(head.ring.seq, ring_.seq);
    EXPECT_EQ(head.members, 2u);
    client_.told();
    synchronise({1, 2}, {1, 2, 3});
    const auto second = client_.events.front();
    EXPECT_EQ(load<NodelistEvent>(second).joined, 1u);
    EXPECT_EQ(load<NodelistEvent>(second).left, 0u);
    EXPECT_THAT(numbers(second, offsetof(NodelistEvent, first_node)), ElementsAre(1, 2, 3, 3, testing::_));
    client_.told();
    const std::vector<NodeId> view{1, 2, 3};
    service_.quorum_state(true, ring_, view);
    ASSERT_THAT(client_.events.size(), 1u);
    EXPECT_EQ(load<QuorumEvent>(client_.events.front()).ring.seq, ring_.seq);
}

TEST_F(QuorumFrontendTest, TrackingTwiceIsRefusedAndStoppingAlwaysWorks) {
    ask(kTrackStop);
    EXPECT_EQ(client_.error(), kCsOk);
    ask(kTrackStart, kTrackChangesOnly);
    EXPECT_EQ(client_.error(), kCsOk);
    EXPECT_THAT(client_.told(), IsEmpty());
    ask(kTrackStart, kTrackChanges);
    EXPECT_EQ(client_.error(), kCsExist);
    EXPECT_THAT(client_.told(), ElementsAre(kNotification));  // the status comes even so
    ask(kTrackStop);
    service_.quorum_state(true, ring_, {});
    EXPECT_THAT(client_.told(), IsEmpty());
}

TEST_F(QuorumFrontendTest, AnUnknownModelIsRefusedAndChangesNothing) {
    ask(kModelGetType, 2);
    EXPECT_EQ(client_.error(), kCsInvalidParam);
    ask(kTrackStart, kTrackCurrent);
    EXPECT_THAT(client_.told(), ElementsAre(kNotification));
}

TEST_F(QuorumFrontendTest, WhoIsGoneIsNotTold) {
    ask(kTrackStart, kTrackChangesOnly);
    frontend_.disconnected(client_);
    service_.quorum_state(true, ring_, {});
    EXPECT_THAT(client_.told(), IsEmpty());
    const RequestHeader header{.id = kGetQuorate, .size = sizeof(RequestHeader)};
    EXPECT_EQ(frontend_.request(client_, kGetQuorate, bytes_of(header)), Handled::invalid);
}

}  // namespace
}  // namespace engine::ipc
