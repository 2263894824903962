// Queue room, reservations and levels: spec totempg-sync-services.md section 6. Steady-state allocation.

#include <gtest/gtest.h>

#include "tests/pg/recording_port.hpp"

namespace totem::test {
namespace {

void fill(Endpoint& node, std::size_t slots) {
    while (node.port.frames.size() < slots)
        node.port.frames.push_back(node.port.pool.allocate(100));
    node.port.frames.resize(slots);
}

TEST(QueueRoom, SizeLimitComesFromTheRoomAtStart) {
    Endpoint node;
    EXPECT_EQ(node.groups.size_limit(), (2974u - 2 - 1) * (1410 - 24));
    fill(node, 1000);
    EXPECT_EQ(node.groups.size_limit(), (2974u - 2 - 1) * (1410 - 24));
}

// A ring that is not running yet has no room; requests were once measured by that.
TEST(QueueRoom, SizeLimitIsKnownBeforeTheRingRuns) {
    RecordingPort port(10);
    while (port.room() > 0)
        port.frames.push_back(port.pool.allocate(100));
    NoListener listener;
    pg::ProcessGroups groups({}, listener);
    groups.attach(port);
    EXPECT_EQ(groups.size_limit(), (10u - 2 - 1) * (1410 - 24));
}

TEST(QueueRoom, ReservationsAddUpAndComeBack) {
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 12);  // room for 10
    EXPECT_EQ(node.groups.statistics().msg_reserved, 1u);
    const std::size_t first = node.groups.reserve(6 * 1386);
    ASSERT_GT(first, 6u);
    EXPECT_EQ(node.groups.statistics().msg_reserved, 1 + first);
    EXPECT_EQ(node.groups.reserve(6 * 1386), 0u);
    EXPECT_FALSE(node.groups.can_send(6 * 1386));
    node.groups.release(first);
    EXPECT_TRUE(node.groups.can_send(6 * 1386));
    node.groups.release(100);
    EXPECT_EQ(node.groups.statistics().msg_reserved, 1u);
}

// An admitted request can be multicast although services add headers to it.
TEST(QueueRoom, AdmittedRequestsFitWithTheirHeaders) {
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 12);
    for (std::size_t size = 0; size < 10 * 1410; ++size) {
        if (node.groups.can_send(size)) {
            Endpoint fresh({Dialect::v3, kNativeOrder, 1410}, 12);
            ASSERT_TRUE(fresh.send(pattern(size + 184))) << size;
        }
    }
}

TEST(QueueLevel, ThresholdsAndHysteresis) {
    using pg::QueueLevel;
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 1000);
    // used% = 100 - ((1000 - used - 2 - 1) * 100) / 1000
    const auto at = [&](std::size_t used) {
        fill(node, used);
        return node.groups.queue_level();
    };
    EXPECT_EQ(at(350), QueueLevel::good) << "initial level kept in the gap";
    EXPECT_EQ(at(280), QueueLevel::low);
    EXPECT_EQ(at(390), QueueLevel::low);
    EXPECT_EQ(at(450), QueueLevel::good);
    EXPECT_EQ(at(550), QueueLevel::good);
    EXPECT_EQ(at(650), QueueLevel::high);
    EXPECT_EQ(at(730), QueueLevel::high);
    EXPECT_EQ(at(750), QueueLevel::critical);
    EXPECT_EQ(at(999), QueueLevel::critical);
    EXPECT_EQ(at(720), QueueLevel::critical);
    EXPECT_EQ(at(550), QueueLevel::critical);
    EXPECT_EQ(at(450), QueueLevel::good);
    EXPECT_EQ(at(0), QueueLevel::low);
}

TEST(QueueLevel, ReservationsCount) {
    Endpoint node({Dialect::v3, kNativeOrder, 1410}, 100);
    EXPECT_EQ(node.groups.queue_level(), pg::QueueLevel::low);
    const std::size_t reservation = node.groups.reserve(80 * 1386);
    EXPECT_EQ(node.groups.queue_level(), pg::QueueLevel::critical);
    node.groups.release(reservation);
    EXPECT_EQ(node.groups.queue_level(), pg::QueueLevel::low);
}

TEST(TokenRequest, EverySendAsksForTheToken) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(1)));
    EXPECT_EQ(node.port.token_requests, 1u);
    node.groups.request_token();
    EXPECT_EQ(node.port.token_requests, 2u);
}

TEST(SteadyState, FramesAreRecycled) {
    Endpoint node;
    const auto round = [&] {
        for (int i = 0; i < 50; ++i)
            ASSERT_TRUE(node.send(pattern(100)));
        ASSERT_TRUE(node.send(pattern(5000)));
        node.groups.token_received();
        node.port.frames.clear();
    };
    round();
    const std::size_t heap = node.port.pool.heap_bytes();
    for (int i = 0; i < 100; ++i)
        round();
    EXPECT_EQ(node.port.pool.heap_bytes(), heap);
}

}  // namespace
}  // namespace totem::test
