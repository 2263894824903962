// Packets recorded and sent again, as somebody can who has no key: the suites of the 2.x dialect do not notice, so the
// ring's own state has to (totem-crypto.md section 11 item 4). What it cannot know is shown, too; docs/configuration.md
// says it to administrators.
#include <gtest/gtest.h>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

class Replay : public DialectTest {
protected:
    // Node 3 was here, went, and is back; all three spoke in each ring.
    void live() {
        form({1, 2, 3});
        speak({1, 2, 3});
        net.kill(3);
        ASSERT_TRUE(net.settle({1, 2}));
        speak({1, 2});
        net.nodes.erase(3);
        net.add(3).start(net[1].ring().ring_id().seq);
        ASSERT_TRUE(net.settle({1, 2, 3}));
        speak({1, 2, 3});
        net.run_for(1s);
    }
    void speak(const std::vector<NodeId>& nodes) {
        for (int i = 0; i < 20; ++i) {
            for (const NodeId id : nodes)
                ASSERT_TRUE(net[id].send("message " + std::to_string(++spoken_)));
            net.run_for(1ms);
        }
        net.run_for(500ms);
    }
    // Every packet that was sent so far, once more, to everybody; those of the given sender or of all.
    void replay(NodeId from = 0) {
        const auto recorded = net.packets;
        for (const Packet& packet : recorded) {
            if (from != 0 && packet.from != from) continue;
            for (auto& [id, node] : net.nodes) {
                if (node->alive) net.inject(id, packet.bytes);
            }
            net.run_for(20us);
        }
    }
    std::size_t gatherings() {
        std::size_t count = 0;
        for (auto& [id, node] : net.nodes)
            count += node->seen.gather_reasons.size();
        return count;
    }
    const std::vector<Node::Delivered>& deliveries(NodeId id) { return net[id].deliveries; }

private:
    int spoken_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Dialects, Replay, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

// Tokens, messages, joins, commit tokens, merge detects and hold cancels of this ring and of those before.
TEST_P(Replay, OfMembersChangesNothing) {
    live();
    const std::vector<Node::Delivered> before = deliveries(1);
    const std::size_t gathered = gatherings();
    const auto ring = net[1].ring_text();
    ASSERT_GT(net.packets.size(), 300u);
    replay();
    net.run_for(1s);
    EXPECT_EQ(gatherings(), gathered);
    EXPECT_EQ(net[1].ring_text(), ring);
    EXPECT_EQ(deliveries(1), before);
    speak({1, 2, 3});
    ASSERT_EQ(deliveries(1).size(), before.size() + 60);
    EXPECT_EQ(std::vector(deliveries(1).end() - 60, deliveries(1).end()),
              std::vector(deliveries(2).end() - 60, deliveries(2).end()));
}

TEST_P(Replay, OfMembersUnderLoadLosesAndDoublesNothing) {
    live();
    const std::size_t before = deliveries(1).size(), gathered = gatherings();
    const auto recorded = net.packets;
    for (std::size_t i = 0; i < 300; ++i) {
        if (i % 5 == 0) {
            ASSERT_TRUE(net[1 + static_cast<NodeId>(i / 5 % 3)].send("under load " + std::to_string(i)));
        }
        for (const NodeId id : {1u, 2u, 3u})
            net.inject(id, recorded[i * recorded.size() / 300].bytes);
        net.run_for(100us);
    }
    net.run_for(1s);
    EXPECT_EQ(gatherings(), gathered);
    ASSERT_EQ(deliveries(1).size(), before + 60);
    EXPECT_EQ(std::vector(deliveries(1).end() - 60, deliveries(1).end()),
              std::vector(deliveries(2).end() - 60, deliveries(2).end()));
}

// The limit: a recording of a node that is no member is that node at the door. The ring asks who is there, finds nobody
// and goes on as before; no message is lost or doubled over it.
TEST_P(Replay, OfWhoIsGoneCostsAGathering) {
    live();
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    net.run_for(1s);
    const std::vector<Node::Delivered> before = deliveries(1);
    const std::size_t gathered = gatherings();
    replay(3);
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_GT(gatherings(), gathered);
    EXPECT_EQ(deliveries(1), before);
    speak({1, 2});
    ASSERT_EQ(deliveries(1).size(), before.size() + 40);
    EXPECT_EQ(std::vector(deliveries(1).end() - 40, deliveries(1).end()),
              std::vector(deliveries(2).end() - 40, deliveries(2).end()));
}

}  // namespace
}  // namespace totem::srp::test
