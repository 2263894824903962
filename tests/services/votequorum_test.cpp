// The service around the vote machine: its messages on the ring, its part in the synchronisation, whom it tells.

#include "engine/services/votequorum/votequorum_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/fake_sender.hpp"

namespace engine::votequorum {
namespace {

using test::FakeSender;
using test::init;
using ::testing::ElementsAre;

struct World final : QuorumSink, VotequorumHost, VotequorumClients {
    void quorum_state(bool quorate, const totem::RingId&, std::span<const NodeId> members) override {
        told.push_back((quorate ? "quorate " : "inquorate ") + std::to_string(members.size()));
    }
    totem::Instant now() override { return time; }
    void publish(const vote::Published& values) override { published = values; }
    void store_tracking_barrier(std::uint32_t barrier) override { stored = barrier; }
    void quorum_changed() override { told.emplace_back("clients: quorum"); }
    void nodelist(const totem::RingId&, std::span<const NodeId> members) override {
        told.push_back("clients: list " + std::to_string(members.size()));
    }
    void expected_votes_changed(std::uint32_t votes) override {
        told.push_back("clients: expected " + std::to_string(votes));
    }
    void device_registered(vote::ClientId client, vote::Result result) override {
        told.push_back("client " + std::to_string(client) + ": " + std::to_string(static_cast<int>(result)));
    }

    totem::Instant time{};
    vote::Published published;
    std::uint32_t stored = 0;
    std::vector<std::string> told;
};

vote::Keys votes(std::uint32_t own, std::uint32_t expected) {
    return {.expected_votes = expected, .votes = own};
}

struct Node {
    Node(NodeId id, const vote::Keys& keys, ByteOrder order = ByteOrder::little)
        : sender(id, totem::Dialect::v3, order), service(sender, world, world, vote::read(keys)) {
        service.attach(world);
    }
    NodeId id() const { return sender.local_node(); }
    const vote::Machine& machine() const { return service.machine(); }
    FakeSender sender;
    World world;
    VotequorumService service;
};

void form(std::vector<Node*> nodes) {
    std::vector<NodeId> members;
    for (Node* node : nodes)
        members.push_back(node->id());
    for (Node* node : nodes)
        init(node->service, members, members);
    for (Node* node : nodes)
        EXPECT_TRUE(node->service.participant()->sync_process({}));
    for (Node* from : nodes) {
        while (!from->sender.sent.empty()) {
            const auto bytes = std::move(from->sender.sent.front());
            from->sender.sent.pop_front();
            const std::uint32_t function = totem::Reader(bytes, from->sender.order()).u32() & 0xffff;
            for (Node* to : nodes)
                to->service.on_exec(function, from->id(), from->sender.order(), bytes);
        }
    }
    for (Node* node : nodes)
        node->service.participant()->sync_activate({});
}

std::vector<std::uint8_t> bytes_of(const vote::Message& message) {
    std::vector<std::uint8_t> out(kExecHeaderSize);
    const auto body = encode(message, ByteOrder::little);
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

TEST(Votequorum, FirstNodeinfoMatchesObservedTraffic) {
    Node node(1, votes(1, 3));
    node.service.start();
    EXPECT_THAT(node.sender.sent[0], ElementsAre(0, 0, 5, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                                                 0, 3, 0, 0, 0, 8, 0, 0, 0));
}

TEST(Votequorum, OnlyTheUnsentPartIsRepeated) {
    Node node(1, votes(1, 3));
    init(node.service, {}, {1});
    node.sender.full = true;
    EXPECT_FALSE(node.service.participant()->sync_process({}));
    node.sender.full = false;
    EXPECT_TRUE(node.service.participant()->sync_process({}));
    EXPECT_EQ(node.sender.sent.size(), 2u) << "ourselves and the device";
}

// Without room outside a synchronisation nothing is lost, and the order stays.
TEST(Votequorum, WhatFindsNoRoomIsSentLater) {
    Node node(1, votes(1, 3));
    node.sender.full = true;
    node.service.start();
    node.service.cancel_wait_for_all();
    EXPECT_EQ(node.sender.sent.size(), 0u);
    EXPECT_EQ(node.service.request([](auto& machine, auto) { return machine.set_expected_votes(3); }),
              vote::Result::no_resources);
    node.sender.full = false;
    ASSERT_NE(node.service.next_timeout(), totem::kNever);
    node.world.time = node.service.next_timeout();
    node.service.on_timeout();
    ASSERT_EQ(node.sender.sent.size(), 2u);
    EXPECT_EQ(node.sender.sent[0][0], vote::kNodeInfo);
    EXPECT_EQ(node.sender.sent[1][0], vote::kReconfigure);
    EXPECT_EQ(node.service.next_timeout(), totem::kNever);
}

TEST(Votequorum, MajorityComesAndGoes) {
    Node one(1, votes(1, 3)), two(2, votes(1, 3)), three(3, votes(1, 3), ByteOrder::big);
    form({&one});
    EXPECT_THAT(one.world.told, ElementsAre("clients: list 1", "inquorate 1", "clients: quorum"));
    form({&one, &two});
    EXPECT_TRUE(one.machine().quorate());
    EXPECT_EQ(one.machine().nodes().at(1).flags, vote::kQuorate) << "no longer FIRST";
    EXPECT_EQ(one.world.published.lowest_node_id, 1u);
    EXPECT_EQ(one.world.published.highest_node_id, 2u);
    form({&one, &two, &three});
    EXPECT_EQ(one.machine().total_votes(), 3u);
    EXPECT_EQ(three.machine().total_votes(), 3u) << "of the other byte order";
    form({&three});
    EXPECT_FALSE(three.machine().quorate());
    EXPECT_EQ(three.machine().nodes().at(1).state, vote::NodeState::dead);
}

TEST(Votequorum, ChangesOutsideASyncAreReportedOnce) {
    Node one(1, votes(1, 3));
    form({&one});
    one.world.told.clear();
    EXPECT_EQ(one.service.request([](auto& machine, auto) { return machine.set_expected_votes(1); }), vote::Result::ok);
    EXPECT_FALSE(one.machine().quorate()) << "not before everybody hears of it";
    one.sender.deliver(one.service);
    EXPECT_TRUE(one.machine().quorate());
    EXPECT_THAT(one.world.told, ElementsAre("clients: expected 1", "quorate 1", "clients: quorum"));
    EXPECT_EQ(one.world.published.ev_barrier, 1u);
}

TEST(Votequorum, DeviceRegistrationIsAnsweredWhenDelivered) {
    vote::Keys keys = votes(1, 3);
    keys.device_model = "net";
    keys.device_votes = 1;
    Node one(1, keys);
    form({&one});
    one.world.told.clear();
    const auto enrol = [&](vote::ClientId client, const char* name) {
        return one.service.request([&](auto& machine, auto) { return machine.register_device(client, name); });
    };
    EXPECT_EQ(enrol(5, "QDEVICE"), std::nullopt);
    EXPECT_EQ(enrol(6, "QDEVICE"), vote::Result::try_again);
    one.sender.deliver(one.service);
    EXPECT_THAT(one.world.told, ElementsAre("client 5: 1"));
    EXPECT_EQ(enrol(6, "QDEVICE"), vote::Result::ok);
    EXPECT_EQ(enrol(6, "OTHER"), vote::Result::exist);
}

TEST(Votequorum, ClientThatDiedGetsNoAnswer) {
    vote::Keys keys = votes(1, 3);
    keys.device_model = "net";
    keys.device_votes = 1;
    Node one(1, keys);
    form({&one});
    EXPECT_EQ(one.service.request([&](auto& machine, auto) { return machine.register_device(5, "QDEVICE"); }),
              std::nullopt);
    one.service.forget_client(5);
    one.world.told.clear();
    one.sender.deliver(one.service);
    EXPECT_TRUE(one.world.told.empty());
    EXPECT_FALSE(one.machine().device_registered());
}

TEST(Votequorum, MalformedMessagesAreDropped) {
    Node node(1, votes(1, 3));
    form({&node});
    std::uint64_t dropped = 0;
    const auto refuse = [&](std::uint32_t function, Bytes bytes) {
        node.service.on_exec(function, 2, ByteOrder::little, bytes);
        EXPECT_EQ(node.service.dropped_malformed(), ++dropped);
    };
    const auto info = bytes_of(vote::NodeInfo{2, 1, 3, 0});
    for (std::size_t cut = 0; cut < info.size(); ++cut)
        refuse(vote::kNodeInfo, Bytes(info).first(cut));
    refuse(vote::kNodeInfo, bytes_of(vote::NodeInfo{9, 1, 3, 0}));  // about somebody else
    EXPECT_EQ(node.machine().nodes().size(), 1u);
}

TEST(Votequorum, HugeVotesDoNotOverflow) {
    Node one(1, votes(1, 3)), two(2, votes(0xffffffff, 3));
    form({&one, &two});
    EXPECT_EQ(one.machine().total_votes(), 0xffffffffu);
    EXPECT_GE(one.machine().quorum(), 0x7fffffffu);
}

}  // namespace
}  // namespace engine::votequorum
