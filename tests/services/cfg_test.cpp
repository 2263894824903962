// CFG messages: spec totempg-sync-services.md section 11.

#include "engine/services/cfg/cfg_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/services/pload/pload_service.hpp"
#include "tests/services/fake_sender.hpp"

namespace engine {
namespace {

using test::FakeSender;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Events final : cfg::CfgEvents {
    void killed(NodeId by, std::string_view reason) override {
        lines.push_back("killed by " + std::to_string(by) + ": " + std::string(reason));
    }
    void shut_down(NodeId node) override { lines.push_back("down " + std::to_string(node)); }
    void reload_requested(NodeId by, std::uint64_t token) override {
        lines.push_back("reload " + std::to_string(by) + " " + std::to_string(token));
    }
    void ring_reenable_requested(NodeId by, std::uint64_t token) override {
        lines.push_back("reenable " + std::to_string(by) + " " + std::to_string(token));
    }
    void crypto_reconfiguration(cfg::CryptoPhase phase) override {
        lines.push_back("crypto " + std::to_string(static_cast<int>(phase)));
    }
    std::vector<std::string> lines;
};

TEST(Cfg, Layouts) {
    FakeSender sender(3);
    Events events;
    cfg::CfgService service(sender, events);
    EXPECT_TRUE(service.kill_node(2, "bad"));
    EXPECT_TRUE(service.announce_shutdown());
    EXPECT_TRUE(service.request_reload());
    EXPECT_TRUE(service.request_crypto_phase(cfg::CryptoPhase::activate));
    ASSERT_EQ(sender.sent.size(), 4u);
    EXPECT_EQ(sender.sent[0].size(), 288u);
    EXPECT_EQ(sender.sent[0][16], 2u);
    EXPECT_EQ(sender.sent[0][24], 4u) << "the length counts the NUL";
    EXPECT_EQ(sender.sent[0][32], 'b');
    EXPECT_EQ(sender.sent[1].size(), 16u);
    EXPECT_EQ(sender.sent[2].size(), 32u);
    EXPECT_EQ(sender.sent[2][16], 3u);
    EXPECT_EQ(sender.sent[3].size(), 24u);
    EXPECT_EQ(sender.sent[3][16], 1u);
}

TEST(Cfg, OnlyTheNamedNodeIsKilled) {
    for (ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        FakeSender one(1, totem::Dialect::v3, order), two(2);
        Events events_one, events_two;
        cfg::CfgService service_one(one, events_one), service_two(two, events_two);
        EXPECT_TRUE(service_one.kill_node(2, std::string(400, 'r')));
        one.deliver(service_one, service_two);
        EXPECT_THAT(events_one.lines, IsEmpty());
        EXPECT_THAT(events_two.lines, ElementsAre("killed by 1: " + std::string(255, 'r')));
    }
}

TEST(Cfg, AnnouncementsReachEverybodyCryptoOnlyItsSender) {
    FakeSender one(1), two(2);
    Events events_one, events_two;
    cfg::CfgService service_one(one, events_one), service_two(two, events_two);
    EXPECT_TRUE(service_one.announce_shutdown());
    EXPECT_TRUE(service_one.request_reload(77));
    EXPECT_TRUE(service_one.request_crypto_phase(cfg::CryptoPhase::cleanup));
    one.deliver(service_one, service_two);
    EXPECT_THAT(events_one.lines, ElementsAre("down 1", "reload 1 77", "crypto 2"));
    EXPECT_THAT(events_two.lines, ElementsAre("down 1", "reload 1 0"));
}

TEST(Cfg, RingReenableIsForTheOldDialect) {
    for (const auto dialect : {totem::Dialect::v2, totem::Dialect::v3}) {
        FakeSender one(1, dialect), two(2, dialect);
        Events events_one, events_two;
        cfg::CfgService service_one(one, events_one), service_two(two, events_two);
        EXPECT_TRUE(service_one.request_ring_reenable(5));
        ASSERT_EQ(one.sent.front().size(), 32u);
        one.deliver(service_one, service_two);
        if (dialect == totem::Dialect::v3) {
            EXPECT_THAT(events_one.lines, IsEmpty());
        } else {
            EXPECT_THAT(events_one.lines, ElementsAre("reenable 1 5"));
            EXPECT_THAT(events_two.lines, ElementsAre("reenable 1 0"));
        }
    }
}

TEST(Cfg, MalformedAndForeignMessagesAreHarmless) {
    FakeSender sender(2);
    Events events;
    cfg::CfgService service(sender, events);
    EXPECT_TRUE(service.kill_node(2, "x"));
    auto kill = sender.sent[0];
    for (std::size_t cut = 0; cut < kill.size(); ++cut) {
        service.on_exec(1, 1, ByteOrder::little, Bytes(kill).first(cut));
    }
    EXPECT_EQ(service.dropped_malformed(), kill.size());
    kill[25] = 2;  // length 513
    service.on_exec(1, 1, ByteOrder::little, kill);
    std::vector<std::uint8_t> crypto(24);
    crypto[16] = 3;
    service.on_exec(4, 2, ByteOrder::little, crypto);
    service.on_exec(4, 2, ByteOrder::little, Bytes(crypto).first(16));
    EXPECT_EQ(service.dropped_malformed(), kill.size() + 3);
    service.on_exec(0, 1, ByteOrder::little, std::vector<std::uint8_t>(32));  // ring re-enable
    EXPECT_THAT(events.lines, IsEmpty());
    FakeSender old(1, totem::Dialect::v2);
    EXPECT_EQ(cfg::CfgService(old, events).function_count(), 4u);
    EXPECT_EQ(service.function_count(), 5u);
}

TEST(Pload, IsKnownAndIgnored) {
    pload::PloadService service;
    service.on_exec(0, 1, ByteOrder::little, {});
    service.on_exec(1, 1, ByteOrder::little, {});
    EXPECT_EQ(service.ignored(), 2u);
}

}  // namespace
}  // namespace engine
