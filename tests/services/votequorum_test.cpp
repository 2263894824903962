// Votes without options: spec votequorum.md sections 3, 4, 5, 6.1.

#include "engine/services/votequorum/votequorum_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/fake_sender.hpp"

namespace engine::votequorum {
namespace {

using test::FakeSender;
using test::init;
using ::testing::ElementsAre;

struct Sink final : QuorumSink {
    void quorum_state(bool quorate, const totem::RingId&, std::span<const NodeId> members) override {
        states.push_back((quorate ? "quorate " : "inquorate ") + std::to_string(members.size()));
    }
    std::vector<std::string> states;
};

struct Node {
    Node(NodeId id, VoteConfig config, ByteOrder order = ByteOrder::little)
        : sender(id, totem::Dialect::v3, order), service(sender, sink, config) {}
    NodeId id() const { return sender.local_node(); }
    FakeSender sender;
    Sink sink;
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

TEST(Votequorum, FirstNodeinfoMatchesObservedTraffic) {
    Node node(1, {1, 3});
    ASSERT_TRUE(node.service.start());
    EXPECT_THAT(node.sender.sent[0], ElementsAre(0, 0, 5, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                                                 0, 3, 0, 0, 0, 8, 0, 0, 0));
}

TEST(Votequorum, ProcessSendsSelfAndDevice) {
    Node node(1, {1, 3});
    init(node.service, {}, {1});
    EXPECT_TRUE(node.service.participant()->sync_process({}));
    ASSERT_EQ(node.sender.sent.size(), 2u);
    NodeInfo info;
    ASSERT_TRUE(decode(node.sender.sent[0], ByteOrder::little, info));
    EXPECT_EQ(info, (NodeInfo{1, 1, 3, kFirst}));
    ASSERT_TRUE(decode(node.sender.sent[1], ByteOrder::little, info));
    EXPECT_EQ(info, (NodeInfo{0, 0, 0, 0}));
}

TEST(Votequorum, OnlyTheUnsentPartIsRepeated) {
    Node node(1, {1, 3});
    init(node.service, {}, {1});
    node.sender.full = true;
    EXPECT_FALSE(node.service.participant()->sync_process({}));
    node.sender.full = false;
    EXPECT_TRUE(node.service.participant()->sync_process({}));
    EXPECT_EQ(node.sender.sent.size(), 2u);
}

TEST(Votequorum, MajorityComesAndGoes) {
    Node one(1, {1, 3}), two(2, {1, 3}), three(3, {1, 3}, ByteOrder::big);
    form({&one});
    EXPECT_FALSE(one.service.quorate());
    EXPECT_THAT(one.sink.states, ElementsAre("inquorate 1"));
    form({&one, &two});
    EXPECT_TRUE(one.service.quorate());
    EXPECT_EQ(one.service.quorum(), 2u);
    EXPECT_EQ(one.service.nodes().at(1).flags, kQuorate) << "no longer FIRST";
    form({&one, &two, &three});
    EXPECT_EQ(one.service.total_votes(), 3u);
    EXPECT_EQ(three.service.total_votes(), 3u);
    form({&three});
    EXPECT_FALSE(three.service.quorate());
    EXPECT_EQ(three.service.nodes().at(1).state, NodeState::dead);
    EXPECT_EQ(three.service.total_votes(), 1u);
    EXPECT_THAT(three.sink.states, ElementsAre("quorate 3", "inquorate 1"));
}

TEST(Votequorum, EvenClustersNeedMoreThanHalf) {
    Node one(1, {1, 4}), two(2, {1, 4}), three(3, {1, 4});
    form({&one, &two});
    EXPECT_EQ(one.service.quorum(), 3u);
    EXPECT_FALSE(one.service.quorate());
    form({&one, &two, &three});
    EXPECT_TRUE(one.service.quorate());
}

TEST(Votequorum, VotesCount) {
    Node one(1, {3, 5}), two(2, {1, 5});
    form({&one});
    EXPECT_TRUE(one.service.quorate());
    form({&one, &two});
    EXPECT_EQ(two.service.total_votes(), 4u);
    EXPECT_EQ(two.service.nodes().at(1).votes, 3u);
}

TEST(Votequorum, MoreVotesThanExpectedRaiseExpected) {
    Node one(1, {1, 1}), two(2, {1, 1});
    form({&one});
    EXPECT_TRUE(one.service.quorate());
    form({&one, &two});
    EXPECT_EQ(one.service.expected_votes(), 2u);
    EXPECT_EQ(one.service.quorum(), 2u);
}

// Section 5.1 step 5: an inquorate node takes the opinion of a quorate one.
TEST(Votequorum, InquorateNodeTakesExpectedVotesOfAQuorateOne) {
    Node one(1, {1, 3}), two(2, {1, 3}), late(3, {1, 9});
    form({&one, &two});
    form({&late});
    EXPECT_FALSE(late.service.quorate());
    form({&one, &two, &late});
    EXPECT_EQ(late.service.expected_votes(), 3u);
    EXPECT_TRUE(late.service.quorate());
    EXPECT_EQ(one.service.expected_votes(), 3u);
}

TEST(Votequorum, ReconfigureOutsideASyncIsReportedOnce) {
    Node one(1, {1, 3});
    form({&one});
    EXPECT_TRUE(one.service.set_expected_votes(1));
    one.sender.deliver(one.service);
    EXPECT_TRUE(one.service.quorate());
    EXPECT_THAT(one.sink.states, ElementsAre("inquorate 1", "quorate 1"));
    EXPECT_TRUE(one.service.set_node_votes(1, 4));
    EXPECT_TRUE(one.service.set_node_votes(99, 4));
    one.sender.deliver(one.service);
    EXPECT_EQ(one.service.total_votes(), 4u);
    EXPECT_EQ(one.service.nodes().count(99), 0u);
}

TEST(Votequorum, LeavingNodeIsNotCountedAndExpectedShrinks) {
    Node one(1, {1, 3}), two(2, {1, 3}), three(3, {1, 3});
    form({&one, &two, &three});
    std::vector<std::uint8_t> message(kExecHeaderSize);
    const auto body = encode(NodeInfo{3, 1, 3, kLeaving | kQuorate}, ByteOrder::little);
    message.insert(message.end(), body.begin(), body.end());
    one.service.on_exec(kNodeInfo, 3, ByteOrder::little, message);
    EXPECT_EQ(one.service.nodes().at(3).state, NodeState::leaving);
    EXPECT_EQ(one.service.total_votes(), 2u);
    EXPECT_EQ(one.service.expected_votes(), 2u);
}

TEST(Votequorum, DeviceVotesAreRemembered) {
    Node one(1, {1, 3}), two(2, {1, 3});
    form({&one, &two});
    const auto tell = [&](NodeId sender, std::uint32_t votes) {
        std::vector<std::uint8_t> message(kExecHeaderSize);
        const auto body = encode(NodeInfo{0, votes, 0, 0}, ByteOrder::little);
        message.insert(message.end(), body.begin(), body.end());
        one.service.on_exec(kNodeInfo, sender, ByteOrder::little, message);
    };
    tell(7, 5);  // unknown sender
    EXPECT_EQ(one.service.expected_votes(), 3u);
    tell(2, 2);  // 2 + 2 votes in sight
    EXPECT_EQ(one.service.expected_votes(), 4u);
    EXPECT_EQ(one.service.total_votes(), 2u) << "nobody casts them";
}

TEST(Votequorum, MalformedMessagesAreDropped) {
    Node node(1, {1, 3});
    form({&node});
    const auto message = [](auto body) {
        std::vector<std::uint8_t> out(kExecHeaderSize);
        out.insert(out.end(), body.begin(), body.end());
        return out;
    };
    const auto info = message(encode(NodeInfo{2, 1, 3, 0}, ByteOrder::little));
    const auto change = message(encode(Reconfigure{1, 7, 2}, ByteOrder::little));
    const auto device = message(encode(DeviceOperation{1, "QDEVICE"}, ByteOrder::little));
    std::uint64_t dropped = 0;
    const auto refuse = [&](std::uint32_t function, Bytes bytes) {
        node.service.on_exec(function, 2, ByteOrder::little, bytes);
        EXPECT_EQ(node.service.dropped_malformed(), ++dropped);
    };
    for (std::size_t cut = 0; cut < 32; ++cut)
        refuse(kNodeInfo, Bytes(info).first(cut));
    for (std::size_t cut = 0; cut < 25; ++cut)
        refuse(kReconfigure, Bytes(change).first(cut));
    for (std::size_t cut = 0; cut < 275; ++cut)
        refuse(kDevice, Bytes(device).first(cut));
    std::vector<std::uint8_t> endless(528, 'x');
    refuse(kDevice, endless);
    refuse(kDeviceRename, endless);
    refuse(kNodeInfo, message(encode(NodeInfo{9, 1, 3, 0}, ByteOrder::little)));  // about somebody else
    EXPECT_EQ(node.service.nodes().size(), 1u);
}

TEST(Votequorum, HugeVotesDoNotOverflow) {
    Node one(1, {1, 3}), two(2, {0xffffffff, 3});
    form({&one, &two});
    EXPECT_EQ(one.service.total_votes(), 0xffffffffu);
    EXPECT_GE(one.service.quorum(), 0x7fffffffu);
}

}  // namespace
}  // namespace engine::votequorum
