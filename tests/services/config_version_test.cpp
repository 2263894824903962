// Configuration versions: spec totempg-sync-services.md section 12.

#include "engine/services/cmap/config_version_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/services/cmap/cmap_message.hpp"
#include "tests/services/fake_sender.hpp"

namespace engine::cmap {
namespace {

using test::FakeSender;
using test::init;

struct Events final : ConfigVersionEvents {
    void member_config_version(NodeId node, std::uint64_t version) override { versions[node] = version; }
    void config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) override {
        lines.push_back(std::to_string(theirs) + " is not " + std::to_string(ours));
    }
    void config_version_not_sent() override { lines.push_back("not sent"); }
    void config_version_not_checked(std::string_view why) override { lines.emplace_back(why); }
    std::map<NodeId, std::uint64_t> versions;
    std::vector<std::string> lines;
};

struct Node {
    Node(NodeId id, std::optional<std::uint64_t> version, ByteOrder order = ByteOrder::little)
        : sender(id, totem::Dialect::v3, order), service(sender, events, version) {}
    FakeSender sender;
    Events events;
    ConfigVersionService service;
};

void sync(Node& a, Node& b, std::vector<NodeId> transitional_a, std::vector<NodeId> transitional_b) {
    init(a.service, transitional_a, {1, 2});
    init(b.service, transitional_b, {1, 2});
    EXPECT_TRUE(a.service.participant()->sync_process({}));
    EXPECT_TRUE(b.service.participant()->sync_process({}));
    a.sender.deliver(a.service, b.service);
    b.sender.deliver(a.service, b.service);
    a.service.participant()->sync_activate({});
    b.service.participant()->sync_activate({});
}

TEST(ConfigVersion, LayoutAndSizes) {
    Node node(1, 0x0102), without(1, std::nullopt);
    EXPECT_TRUE(node.service.participant()->sync_process({}));
    EXPECT_TRUE(without.service.participant()->sync_process({}));
    const auto& bytes = node.sender.sent[0];
    ASSERT_EQ(bytes.size(), 336u);
    EXPECT_EQ(bytes[8], 336 - 256);
    EXPECT_EQ(bytes[16], 0u);
    EXPECT_EQ(bytes[24], 1u);
    EXPECT_EQ(bytes[48], 20u);
    EXPECT_EQ(std::string(bytes.begin() + 56, bytes.begin() + 76), "totem.config_version");
    EXPECT_EQ(bytes[76], 0u);
    EXPECT_EQ(bytes[48 + 264], 8u);
    EXPECT_EQ(bytes[48 + 272], 8u);
    EXPECT_EQ(bytes[48 + 280], 2u);
    EXPECT_EQ(bytes[48 + 281], 1u);
    EXPECT_EQ(without.sender.sent[0].size(), 328u);
    VersionMessage out;
    EXPECT_TRUE(decode_version(without.sender.sent[0], ByteOrder::little, out));
    EXPECT_EQ(out.version, 0u);
}

TEST(ConfigVersion, TheSecondSyncDecidesAndTheOlderNodeGivesUp) {
    Node one(1, 5), two(2, 4);
    for (Node* node : {&one, &two}) {
        init(node->service, {}, {node->sender.local_node()});
        EXPECT_TRUE(node->service.participant()->sync_process({}));
        node->sender.deliver(node->service);
        node->service.participant()->sync_activate({});
        EXPECT_THAT(node->events.lines, ::testing::ElementsAre("Single node sync -> no action"));
        node->events.lines.clear();
    }
    sync(one, two, {1}, {2});
    EXPECT_THAT(one.events.lines, ::testing::IsEmpty());
    EXPECT_THAT(two.events.lines, ::testing::ElementsAre("5 is not 4"));
    EXPECT_EQ(one.events.versions, (std::map<NodeId, std::uint64_t>{{1, 5}, {2, 4}}));
    EXPECT_EQ(two.events.versions, one.events.versions);
    sync(one, two, {1, 2}, {1, 2});
    EXPECT_THAT(one.events.lines, ::testing::ElementsAre("Not first sync -> no action"));
}

TEST(ConfigVersion, NodeWithoutAVersionNeverGivesUp) {
    Node one(1, 5), two(2, std::nullopt);
    sync(one, two, {1}, {2});
    EXPECT_THAT(two.events.lines, ::testing::ElementsAre("My config version is 0 -> no action"));
    EXPECT_EQ(one.events.versions[2], 0u);
}

TEST(ConfigVersion, ByteOrdersMix) {
    Node one(1, 5), two(2, 4, ByteOrder::big);
    sync(one, two, {1}, {2});
    EXPECT_THAT(two.events.lines, ::testing::ElementsAre("5 is not 4"));
    EXPECT_EQ(one.events.versions[2], 4u);
}

TEST(ConfigVersion, ChangesAreToldAtOnce) {
    Node one(1, 5), two(2, 5);
    one.service.set_config_version(6);
    ASSERT_EQ(one.sender.sent.size(), 1u);
    EXPECT_EQ(one.sender.sent[0][16], 1u);
    one.sender.deliver(two.service);
    EXPECT_EQ(two.events.versions[1], 6u);
    EXPECT_THAT(two.events.lines, ::testing::IsEmpty());
    one.sender.full = true;
    one.service.set_config_version(7);
    EXPECT_THAT(one.events.lines, ::testing::ElementsAre("not sent"));
    EXPECT_FALSE(one.service.participant()->sync_process({}));
}

TEST(ConfigVersion, MalformedMessagesAreDropped) {
    Node node(1, 5), victim(2, 5);
    EXPECT_TRUE(node.service.participant()->sync_process({}));
    const auto good = node.sender.sent[0];
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        victim.service.on_exec(0, 1, ByteOrder::little, Bytes(good).first(cut));
    }
    EXPECT_EQ(victim.service.dropped_malformed(), good.size());
    auto bad = good;
    bad[24] = 33;  // items
    victim.service.on_exec(0, 1, ByteOrder::little, bad);
    bad = good;
    bad[49] = 2;  // key length
    victim.service.on_exec(0, 1, ByteOrder::little, bad);
    bad = good;
    bad[48 + 279] = 0xff;  // value length
    victim.service.on_exec(0, 1, ByteOrder::little, bad);
    bad = good;
    bad[48 + 272] = 4;  // a u64 of four bytes
    victim.service.on_exec(0, 1, ByteOrder::little, bad);
    EXPECT_EQ(victim.service.dropped_malformed(), good.size() + 4);
    bad = good;
    bad[16] = 2;  // unknown reason
    victim.service.on_exec(0, 1, ByteOrder::little, bad);
    EXPECT_THAT(victim.events.versions, ::testing::IsEmpty());
}

}  // namespace
}  // namespace engine::cmap
