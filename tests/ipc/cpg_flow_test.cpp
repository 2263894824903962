// Back pressure in both directions: a busy or synchronising ring, and clients that do not read
// (client-ipc.md sections 4.2 to 4.4 and 5).

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

class CpgFlow : public ::testing::Test {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
    }
};

// Multicasts numbered messages until the client is told to back off; returns how many were accepted.
std::size_t flood(CpgClient& client, std::size_t size, std::size_t limit, std::size_t first = 0) {
    for (std::size_t sent = 0; sent < limit; ++sent) {
        std::string text = std::to_string(first + sent);
        text.resize(size, ' ');
        const cs_error_t result = client.mcast(text, true);
        if (result == CS_ERR_TRY_AGAIN) return sent;
        EXPECT_EQ(result, CS_OK);
    }
    return limit;
}

void expect_numbered(const std::vector<Delivery>& deliveries, std::size_t count) {
    ASSERT_EQ(deliveries.size(), count);
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(std::stoul(deliveries[i].data), i);
}

TEST_F(CpgFlow, SyncStopsMessagesAndDelaysCalls) {
    TestNode node;
    CpgClient client, late;
    ASSERT_TRUE(client.joined("g"));
    node.begin_sync({kLocal}, {kLocal}, 8);
    EXPECT_EQ(client.mcast("now", true), CS_ERR_TRY_AGAIN);
    auto join = std::async(std::launch::async, [&] { return late.join("h"); });
    EXPECT_EQ(join.wait_for(milliseconds(200)), std::future_status::timeout) << "calls wait for the end of sync";
    CpgClient during;
    EXPECT_EQ(during.opened, CS_OK) << "a later sync does not refuse connections";
    // The limit reaches a new connection right after its answer; what slips through in between is held.
    const auto backs_off = [&] { return during.mcast("now", true) == CS_ERR_TRY_AGAIN; };
    for (int i = 0; i < 100 && !backs_off(); ++i)
        node.on_loop([] {});
    EXPECT_TRUE(backs_off());
    node.end_sync();
    EXPECT_EQ(join.get(), CS_OK);
    EXPECT_EQ(client.mcast("then", true), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 1; }));
    EXPECT_EQ(client.deliveries[0].data, "then");
}

TEST_F(CpgFlow, AThrottledLoopDoesNotSpinAndStillNoticesDeath) {
    TestNode node;
    Child child({"join", "g"});
    ASSERT_EQ(child.read_line(), "joined");
    CpgClient blocked;
    node.begin_sync({kLocal}, {kLocal}, 8);
    auto join = std::async(std::launch::async, [&] { return blocked.join("h"); });
    ASSERT_EQ(join.wait_for(milliseconds(100)), std::future_status::timeout);
    const std::size_t before = node.loop_turns();
    ASSERT_EQ(join.wait_for(milliseconds(300)), std::future_status::timeout);
    EXPECT_LT(node.loop_turns() - before, 20u) << "a waiting request must not be polled for";
    child.kill(SIGKILL);
    child.wait();
    while (node.on_loop([&] { return node.server().global_stats().closed; }) == 0)
        std::this_thread::yield();
    node.end_sync();
    EXPECT_EQ(join.get(), CS_OK);
}

TEST_F(CpgFlow, NothingAcceptedIsLostWhileTheRingIsFull) {
    TestNode node;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    node.on_loop([&] { node.ring().stop_token(); });
    const std::size_t accepted = flood(client, 3000, 100000);
    ASSERT_LT(accepted, 100000u) << "a stopped ring must stop its clients";
    ASSERT_GT(accepted, 0u);
    node.on_loop([&] { node.ring().run_token(); });
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == accepted; }));
    ASSERT_EQ(client.mcast(std::to_string(accepted)), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == accepted + 1; }));
    expect_numbered(client.deliveries, accepted + 1);
}

// In a busy ring what a client streams is read in portions.
TEST_F(CpgFlow, WhatIsReadInPortionsIsCompleteAndInOrder) {
    TestNode node;
    node.on_loop([&] { node.ring().set_sends_later(true); });
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    constexpr std::size_t kMessages = 20000;
    std::size_t sent = 0;
    while (sent < kMessages) {
        sent += flood(client, 64, std::min<std::size_t>(kMessages - sent, 500), sent);
        node.on_loop([&] {
            node.server().before_token();
            node.server().after_token();
        });
        client.dispatch_some();
    }
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == kMessages; }));
    expect_numbered(client.deliveries, kMessages);
    // Who streamed may ask at any time, and is missed when it is gone.
    ASSERT_EQ(flood(client, 64, 1), 1u);
    EXPECT_EQ(client.leave("g"), CS_OK);
    ASSERT_TRUE(client.joined("h"));
    ASSERT_EQ(flood(client, 64, 1), 1u);
    client.finalize();
    while (node.on_loop([&] { return node.server().global_stats().closed; }) == 0)
        std::this_thread::yield();
}

TEST_F(CpgFlow, AMessageWithoutRoomIsHeldAndKeepsItsPlace) {
    TestNode node;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    // One message leaves the level below critical, yet no room for another.
    node.on_loop([&] {
        node.ring().stop_token();
        node.ring().set_slots(1000);
    });
    std::string text(1000000, ' ');
    for (const char number : {'0', '1'}) {
        text[0] = number;
        ASSERT_EQ(client.mcast(text), CS_OK);
    }
    const pid_t pid = ::getpid();
    while (node.stats_of(pid).held == 0)
        std::this_thread::yield();
    EXPECT_EQ(client.mcast("2", true), CS_ERR_TRY_AGAIN) << "nothing may pass the one that waits";
    node.on_loop([&] { node.ring().run_token(); });
    ASSERT_EQ(client.mcast("2"), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 3; }));
    expect_numbered(client.deliveries, 3);
    EXPECT_EQ(node.stats_of(pid).overload, 0u);
}

TEST_F(CpgFlow, FragmentsWaitForRoomInsteadOfFailing) {
    TestNode node;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    node.on_loop([&] {
        node.ring().set_slots(1000);
        node.ring().stop_token();
    });
    const std::string text(3000000, 'x');
    auto sending = std::async(std::launch::async, [&] { return client.mcast(text); });
    ASSERT_EQ(sending.wait_for(milliseconds(200)), std::future_status::timeout);
    node.on_loop([&] { node.ring().run_token(); });
    EXPECT_EQ(sending.get(), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 1; }));
    EXPECT_EQ(client.deliveries[0].data, text);
}

TEST_F(CpgFlow, AClientThatDoesNotReadDisturbsNobodyAndCatchesUp) {
    constexpr std::size_t kMessages = 10000;
    TestNode node;
    CpgClient reader;
    Child sleeper({"count", "g", std::to_string(kMessages)});
    ASSERT_EQ(sleeper.read_line(), "joined");
    ASSERT_TRUE(reader.joined("g"));
    sleeper.kill(SIGSTOP);
    std::size_t sent = 0;
    while (sent < kMessages) {
        sent += flood(reader, 1000, std::min<std::size_t>(kMessages - sent, 100), sent);
        ASSERT_EQ(reader.dispatch_some(), CS_OK);
    }
    ASSERT_TRUE(reader.dispatch_until([&] { return reader.deliveries.size() == kMessages; }));
    expect_numbered(reader.deliveries, kMessages);
    EXPECT_EQ(node.stats_of(sleeper.pid()).queueing, 1);
    const std::size_t before = node.loop_turns();
    std::this_thread::sleep_for(milliseconds(300));  // the measure is how rarely the server looks meanwhile
    EXPECT_LT(node.loop_turns() - before, 30u);
    sleeper.kill(SIGCONT);
    EXPECT_EQ(sleeper.read_line(), "in order " + std::to_string(kMessages));
}

TEST_F(CpgFlow, AClientTooFarBehindIsDisconnected) {
    NodeOptions options;
    options.server.backlog_limit = 2 << 20;
    TestNode node(options);
    CpgClient reader;
    Child sleeper({"join", "g"});
    ASSERT_EQ(sleeper.read_line(), "joined");
    ASSERT_TRUE(reader.joined("g"));
    sleeper.kill(SIGSTOP);
    const std::string text(100000, 'x');
    const auto procdown = [&] { return !reader.confchgs.empty() && !reader.confchgs.back().left.empty(); };
    for (std::size_t sent = 0; sent < 100 && !procdown();) {
        ASSERT_EQ(reader.mcast(text), CS_OK);
        ++sent;
        // The reader must not fall behind itself.
        ASSERT_TRUE(reader.dispatch_until([&] { return reader.deliveries.size() == sent; }));
    }
    ASSERT_TRUE(reader.dispatch_until(procdown));
    EXPECT_EQ(reader.confchgs.back().left[0].pid, static_cast<std::uint32_t>(sleeper.pid()));
    EXPECT_EQ(reader.confchgs.back().left[0].reason, static_cast<unsigned>(CPG_REASON_PROCDOWN));
}

// Each within its own limit, together too many: the one furthest behind goes, the others stay and miss nothing.
TEST_F(CpgFlow, OfManyTooFarBehindTheFurthestIsDisconnected) {
    constexpr std::size_t kMessages = 60;
    NodeOptions options;
    options.server.backlog_limit = std::size_t{64} << 20;
    options.server.total_backlog_limit = std::size_t{6} << 20;
    TestNode node(options);
    CpgClient reader;
    Child first({"join", "g"});
    ASSERT_EQ(first.read_line(), "joined");
    first.kill(SIGSTOP);
    ASSERT_TRUE(reader.joined("g"));
    const std::string text(100000, 'x');
    std::size_t sent = 0;
    const auto send = [&](std::size_t count) {
        for (const std::size_t end = sent + count; sent < end;) {
            ASSERT_EQ(reader.mcast(text), CS_OK);
            ++sent;
            ASSERT_TRUE(reader.dispatch_until([&] { return reader.deliveries.size() == sent; }));
        }
    };
    send(20);
    Child second({"join", "g"});
    ASSERT_EQ(second.read_line(), "joined");
    second.kill(SIGSTOP);
    send(kMessages - 20);
    ASSERT_TRUE(reader.dispatch_until([&] { return !reader.confchgs.back().left.empty(); }));
    EXPECT_EQ(reader.confchgs.back().left[0].pid, static_cast<std::uint32_t>(first.pid()));
    EXPECT_EQ(node.stats_of(second.pid()).queueing, 1);
    EXPECT_EQ(node.server().services().front().given_up, 1u);
}

}  // namespace
}  // namespace ipc_test
