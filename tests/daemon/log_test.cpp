// The lines of the ring and of the services, word by word.

#include <gtest/gtest.h>

#include "engine/daemon/daemon.hpp"
#include "engine/daemon/repeat_filter.hpp"
#include "engine/daemon/ring_log.hpp"
#include "engine/daemon/service_events.hpp"
#include "tests/daemon/log_recorder.hpp"
#include "totem/wire/derivation.hpp"

namespace daemontest {
namespace {

using engine::RepeatFilter;
using engine::RingLog;
using engine::ServiceEvents;
using totem::Dialect;
using totem::Identity;
using totem::Instant;
using totem::RingId;
using totem::srp::GatherReason;
using totem::srp::State;

TEST(RepeatFilterTest, OncePerIntervalAndThenTellsHowManyWereHeldBack) {
    RepeatFilter filter(std::chrono::seconds(10));
    Instant start{};
    EXPECT_EQ(filter.pass("a", start), 0u);
    EXPECT_EQ(filter.pass("a", start + std::chrono::seconds(1)), std::nullopt);
    EXPECT_EQ(filter.pass("b", start + std::chrono::seconds(1)), 0u);
    EXPECT_EQ(filter.pass("a", start + std::chrono::seconds(9)), std::nullopt);
    EXPECT_EQ(filter.pass("a", start + std::chrono::seconds(10)), 2u);
    EXPECT_EQ(filter.pass("a", start + std::chrono::seconds(20)), 0u);
}

TEST(RepeatFilterTest, ManyKeysCannotGetPastIt) {
    RepeatFilter filter(std::chrono::seconds(10), 2);
    Instant start{};
    EXPECT_TRUE(filter.pass("a", start));
    EXPECT_TRUE(filter.pass("b", start + std::chrono::seconds(5)));
    EXPECT_FALSE(filter.pass("c", start + std::chrono::seconds(6)));
    EXPECT_TRUE(filter.pass("c", start + std::chrono::seconds(10)));
}

class RingLogTest : public ::testing::Test {
protected:
    LogRecorder log_;
    totem::srp::Parameters parameters_;
    unsigned lost_ = 0;
    std::string fatal_;
    RingLog make(Dialect dialect = Dialect::v3) {
        RingLog::Hooks hooks;
        hooks.token_lost = [this] { ++lost_; };
        hooks.fatal = [this](std::string_view text) { fatal_ = text; };
        hooks.current_sender = [] { return std::string("10.77.0.9"); };
        return {log_, dialect, parameters_, std::move(hooks)};
    }
    std::string last() const {
        auto lines = log_.lines();
        return lines.empty() ? "" : lines.back().text;
    }
};

TEST_F(RingLogTest, Membership) {
    RingLog log = make();
    RingId ring;
    ring.rep.nodeid = 1;
    ring.seq = 0xd;
    std::vector<Identity> members{Identity::v3(1), Identity::v3(2)}, joined{Identity::v3(2)}, left{Identity::v3(3)};
    log.membership_formed(ring, members, joined, {}, {});
    EXPECT_EQ(last(), "A new membership (1.d) was formed. Members joined: 2");
    EXPECT_EQ(log_.lines().back().level, engine::LogLevel::notice);
    log.membership_formed(ring, members, {}, {}, {});
    EXPECT_EQ(last(), "A new membership (1.d) was formed. Members");
    log.membership_formed(ring, members, joined, left, left);
    EXPECT_TRUE(log_.has("A new membership (1.d) was formed. Members joined: 2 left: 3"));
    EXPECT_EQ(last(), "Failed to receive the leave message. failed: 3");
}

TEST_F(RingLogTest, MembershipInTheOldDialect) {
    RingLog log = make(Dialect::v2);
    RingId ring;
    ring.rep = *totem::wire::parse_address("10.77.0.1", 1);
    ring.seq = 13;
    log.membership_formed(ring, {}, {}, {}, {});
    EXPECT_EQ(last(), "A new membership (10.77.0.1:13) was formed. Members");
}

TEST_F(RingLogTest, StatesAndLosses) {
    RingLog log = make();
    log.state_entered(State::gather);
    EXPECT_EQ(last(), "");
    log.gather_entered(GatherReason::interface_change);
    EXPECT_EQ(last(), "entering GATHER state from 15(interface change).");
    log.state_entered(State::operational);
    EXPECT_EQ(last(), "entering OPERATIONAL state.");
    log.token_lost(State::commit, std::chrono::milliseconds(5));
    EXPECT_EQ(lost_, 0u);
    log.token_lost(State::operational, std::chrono::milliseconds(1000));
    EXPECT_EQ(last(),
              "A processor failed, forming new configuration: token timed out (1000ms), waiting 1200ms for consensus.");
    EXPECT_EQ(lost_, 1u);
    totem::wire::RtrItem items[2];
    items[0].seq = 0x1f;
    items[1].seq = 0x20;
    log.retransmit_list(items);
    EXPECT_EQ(last(), "Retransmit List: 1f 20");
    log.pause_detected(std::chrono::milliseconds(750));
    EXPECT_EQ(last(), "Process pause detected for 750 ms, flushing membership messages.");
    log.fatal("no");
    EXPECT_EQ(fatal_, "no");
}

TEST_F(RingLogTest, ForeignDatagramsAreNamedAndDoNotFloodTheLog) {
    RingLog log = make();
    const std::uint8_t old[] = {0xfe, 0xfe, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    for (int i = 0; i < 1000; ++i)
        log.datagram_dropped(totem::wire::Drop::bad_magic, old);
    ASSERT_EQ(log_.lines().size(), 1u);
    EXPECT_EQ(last(),
              "Message received from 10.77.0.9 has bad magic number (probably sent by Corosync 2.3+).. Ignoring");
    log.datagram_dropped(totem::wire::Drop::too_short_header, totem::Bytes(old).first(3));
    EXPECT_EQ(last(), "Message received from 10.77.0.9 is too short...  Ignoring 3.");
}

TEST_F(RingLogTest, TransportRefusals) {
    RingLog log = make(Dialect::v2);
    const std::uint8_t packet[] = {0x70, 0xc0, 3, 1, 0, 0};
    totem::NodeAddress from = *totem::wire::parse_address("10.77.0.9");
    for (int i = 0; i < 10; ++i)
        log.refused(totem::net::Refusal::unsupported_prefix, from, packet);
    std::vector<std::string> texts;
    for (const auto& line : log_.lines())
        texts.push_back(line.text);
    EXPECT_EQ(texts,
              (std::vector<std::string>{"Unsupported incoming packet (probably sent by Corosync 3.x). Rejecting",
                                        "Received message has invalid digest... ignoring.", "Invalid packet data"}));
    log.refused(totem::net::Refusal::unlisted, from, packet);
    EXPECT_EQ(last(), "Packet rejected from 10.77.0.9");
}

TEST_F(RingLogTest, RefusalsOfTheNativeSuiteOncePerReasonAndSender) {
    RingLog log = make(Dialect::v3);
    const totem::NodeAddress from = *totem::wire::parse_address("10.77.0.9");
    const totem::NodeAddress other = *totem::wire::parse_address("10.77.0.8");
    for (int i = 0; i < 10; ++i)
        log.refused(totem::net::Refusal::replayed, from, {});
    log.refused(totem::net::Refusal::replayed, other, {});
    EXPECT_EQ(log_.lines().size(), 2u);
    EXPECT_EQ(last(), "Packet rejected from 10.77.0.8: it was here before");
    log.refused(totem::net::Refusal::unknown_key, from, {});
    EXPECT_EQ(last(),
              "Packet rejected from 10.77.0.9: it was made with a key that is not, or no longer, configured here");
    log.refused(totem::net::Refusal::old_session, from, {});
    EXPECT_EQ(last(), "Packet rejected from 10.77.0.9: it is from before its sender's last start");
    EXPECT_EQ(log_.lines().size(), 4u);
}

TEST(IdLines, LongListsContinue) {
    std::vector<engine::NodeId> ids{1, 2};
    EXPECT_EQ(engine::id_lines("Sync members", ids), std::vector<std::string>{"Sync members[2]: 1 2"});
    EXPECT_EQ(engine::id_lines("Members", {}), std::vector<std::string>{"Members[0]:"});
    ids.assign(12, 172818433);  // ten characters each with the blank
    auto lines = engine::id_lines("Members", ids);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "Members[12]: 172818433 172818433 172818433 172818433 172818433 172818433\\");
    EXPECT_EQ(lines[1], "Members[12]: 172818433 172818433 172818433 172818433 172818433 172818433");
}

class ServiceEventsTest : public ::testing::Test {
protected:
    LogRecorder log_;
    std::vector<int> exits_;
    std::vector<std::uint64_t> reloads_;
    ServiceEvents events_{
        log_,
        Dialect::v3,
        1,
        {[this](int code) { exits_.push_back(code); }, [this](std::uint64_t token) { reloads_.push_back(token); }}};
    std::string last() const { return log_.lines().back().text; }
};

TEST_F(ServiceEventsTest, CfgMessages) {
    events_.shut_down(2);
    EXPECT_EQ(last(), "Node 2 was shut down by sysadmin");
    EXPECT_TRUE(exits_.empty());
    events_.shut_down(1);
    EXPECT_EQ(exits_, std::vector<int>{0});
    events_.killed(2, "for the test");
    EXPECT_EQ(last(), "Killed by node 2 : for the test");
    EXPECT_EQ(exits_.back(), 255);
    events_.reload_requested(3, 9);
    EXPECT_EQ(last(), "Config reload requested by node 3");
    EXPECT_EQ(reloads_, std::vector<std::uint64_t>{9});
}

TEST_F(ServiceEventsTest, OlderConfigurationExitsNormally) {
    events_.config_version_mismatch(7, 5);
    EXPECT_EQ(last(), "Received config version (7) is different than my config version (5)! Exiting");
    EXPECT_EQ(log_.lines().back().level, engine::LogLevel::error);
    EXPECT_EQ(exits_, std::vector<int>{engine::exit_code::kNormal});
}

TEST_F(ServiceEventsTest, QuorumTellsChangesAndMembers) {
    std::vector<engine::NodeId> members{1, 2};
    events_.quorum_reported(true, true, members);
    events_.quorum_reported(true, false, members);
    events_.quorum_reported(false, true, members);
    std::vector<std::string> texts;
    for (const auto& line : log_.lines())
        texts.push_back(line.text);
    EXPECT_EQ(
        texts,
        (std::vector<std::string>{
            "This node is within the primary component and will provide service.", "Members[2]: 1 2", "Members[2]: 1 2",
            "This node is within the non-primary component and will NOT provide any services.", "Members[2]: 1 2"}));
}

}  // namespace
}  // namespace daemontest
