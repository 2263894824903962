// The key changes when all have the next one, for all at the same message: totem-crypto.md appendix B.5.

#include "engine/services/cfg/key_rotation.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "engine/services/cfg/cfg_service.hpp"
#include "tests/services/fake_sender.hpp"

namespace engine {
namespace {

using cfg::KeyMessage;
using cfg::KeyName;
using cfg::KeyRotation;

constexpr KeyName kOld{0, 100}, kNew{1, 200}, kOther{1, 300};

// Members with a queue of messages in total order between them.
class Ring {
public:
    struct Member final : KeyRotation::Actions {
        Member(NodeId node, Ring& on) : id(node), ring(on), rotation(node, *this) { rotation.keys(kOld, std::nullopt); }
        bool send(const KeyMessage& message) override {
            if (full) return false;
            ring.queue_.emplace_back(id, message);
            return true;
        }
        bool majority() const override { return ring.majority; }
        void change_to(KeyName key) override {
            current = key;
            lines += "change " + std::to_string(key.id) + ";";
        }
        void lacking(KeyName key, std::span<const NodeId> members) override {
            lines += "key " + std::to_string(key.print) + " lacking";
            for (const NodeId member : members)
                lines += " " + std::to_string(member);
            lines += ";";
        }
        NodeId id;
        Ring& ring;
        KeyRotation rotation;
        KeyName current = kOld;
        std::string lines;
        bool full = false;
    };

    explicit Ring(std::initializer_list<NodeId> nodes) {
        for (const NodeId node : nodes)
            members_.emplace(node, std::make_unique<Member>(node, *this));
        form();
    }
    Member& at(NodeId node) { return *members_.at(node); }
    void form() {
        std::vector<NodeId> ids;
        for (const auto& [id, member] : members_)
            ids.push_back(id);
        ++seq_;
        for (const auto& [id, member] : members_)
            member->rotation.configuration(seq_, ids);
        report();
    }
    // Everybody reads its configuration and says what it found.
    void reload(const std::map<NodeId, KeyName>& next) {
        for (const auto& [id, member] : members_) {
            member->rotation.reloaded();
            const auto found = next.find(id);
            member->rotation.keys(member->current, found != next.end() ? std::optional(found->second) : std::nullopt);
        }
        report();
    }
    void report() {
        for (const auto& [id, member] : members_)
            member->rotation.report();
    }
    void deliver(std::size_t most = 100) {
        for (; most > 0 && !queue_.empty(); --most) {
            const auto [from, message] = queue_.front();
            queue_.pop_front();
            for (const auto& [id, member] : members_)
                member->rotation.on_message(from, message);
        }
    }
    bool majority = true;
    std::size_t queued() const { return queue_.size(); }
    void put(NodeId from, const KeyMessage& message) { queue_.emplace_back(from, message); }

private:
    std::uint64_t seq_ = 0;
    std::map<NodeId, std::unique_ptr<Member>> members_;
    std::deque<std::pair<NodeId, KeyMessage>> queue_;
};

TEST(KeyRotation, NothingHappensWithoutANextKey) {
    Ring ring{1, 2, 3};
    ring.deliver();
    ring.reload({});
    ring.deliver();
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).lines, "");
}

TEST(KeyRotation, AllChangeAtOneMessage) {
    Ring ring{1, 2, 3};
    ring.deliver();
    ring.reload({{1, kNew}, {2, kNew}, {3, kNew}});
    ring.deliver(3);
    EXPECT_EQ(ring.queued(), 1u);  // one order, by one member
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).current, kOld);
    ring.deliver(1);
    for (const NodeId node : {1, 2, 3}) {
        EXPECT_EQ(ring.at(node).current, kNew);
        EXPECT_EQ(ring.at(node).lines, "change 1;");
    }
    ring.report();
    ring.deliver();
    EXPECT_EQ(ring.at(1).lines, "change 1;");
}

TEST(KeyRotation, WhoLacksItIsNamedAndNothingChanges) {
    Ring ring{1, 2, 3};
    ring.reload({{1, kNew}, {2, kOther}});
    ring.deliver();
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).lines, "key 200 lacking 2 3;");
    ring.reload({{1, kNew}, {2, kNew}, {3, kNew}});
    ring.deliver();
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).current, kNew);
}

TEST(KeyRotation, AKeyWithdrawnBehindTheOrderStopsIt) {
    Ring ring{1, 2, 3};
    ring.deliver();
    ring.reload({{1, kNew}, {2, kNew}, {3, kNew}});
    ring.deliver(3);
    ASSERT_EQ(ring.queued(), 1u);
    ring.reload({{1, kNew}, {3, kNew}});  // was ordered before the change arrived
    ring.deliver();
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).current, kOld);
    EXPECT_EQ(ring.at(3).lines, "key 200 lacking 2;");
}

TEST(KeyRotation, AnotherMembershipBeginsAgain) {
    Ring ring{1, 2, 3};
    ring.deliver();
    ring.reload({{1, kNew}, {2, kNew}, {3, kNew}});
    ring.deliver(3);
    ring.form();  // the order comes too late
    ring.deliver();
    for (const NodeId node : {1, 2, 3})
        EXPECT_EQ(ring.at(node).lines, "change 1;");
}

TEST(KeyRotation, WhoHasChangedAlreadyIsNoHindrance) {
    Ring ring{1, 2, 3};
    ring.at(1).rotation.keys(kNew, std::nullopt);
    ring.at(1).current = kNew;
    ring.at(2).rotation.keys(kOld, kNew);
    ring.at(3).rotation.keys(kOld, kNew);
    ring.form();
    ring.deliver();
    EXPECT_EQ(ring.at(1).lines, "");
    EXPECT_EQ(ring.at(2).lines, "change 1;");
    EXPECT_EQ(ring.at(3).lines, "change 1;");
}

TEST(KeyRotation, AFewDoNotGoAhead) {
    Ring ring{1, 2};
    ring.majority = false;
    ring.reload({{1, kNew}, {2, kNew}});
    ring.deliver();
    EXPECT_EQ(ring.at(1).current, kOld);
    ring.majority = true;
    ring.form();
    ring.deliver();
    EXPECT_EQ(ring.at(1).current, kNew);
    EXPECT_EQ(ring.at(2).current, kNew);
}

TEST(KeyRotation, WaitsForRoom) {
    Ring ring{1, 2};
    ring.deliver();
    ring.at(2).full = true;
    ring.reload({{1, kNew}, {2, kNew}});
    ring.deliver();
    EXPECT_TRUE(ring.at(2).rotation.waiting());
    ring.at(2).full = false;
    ring.at(1).full = true;
    ring.at(2).rotation.retry();
    EXPECT_FALSE(ring.at(2).rotation.waiting());
    ring.deliver();
    EXPECT_TRUE(ring.at(1).rotation.waiting());
    EXPECT_EQ(ring.at(1).current, kOld);
    ring.at(1).full = false;
    ring.at(1).rotation.retry();
    ring.deliver();
    EXPECT_EQ(ring.at(1).current, kNew);
    EXPECT_EQ(ring.at(2).current, kNew);
    EXPECT_FALSE(ring.at(1).rotation.waiting());
}

TEST(KeyRotation, StrangersAndUnfoundedOrdersAreIgnored) {
    Ring ring{1, 2};
    ring.deliver();
    ring.put(9, {KeyMessage::Kind::report, 1 << 16, kOld, kNew});
    ring.put(2, {KeyMessage::Kind::change, 1 << 16, kOld, kNew});
    ring.deliver();
    EXPECT_EQ(ring.at(1).lines + ring.at(2).lines, "");
}

struct KeyEvents final : cfg::CfgEvents {
    void killed(NodeId, std::string_view) override {}
    void shut_down(NodeId) override {}
    void reload_requested(NodeId, std::uint64_t) override {}
    void crypto_reconfiguration(cfg::CryptoPhase) override {}
    void key_message(NodeId by, const KeyMessage& message) override { got.emplace_back(by, message); }
    std::vector<std::pair<NodeId, KeyMessage>> got;
};

TEST(KeyMessages, ArriveInBothByteOrdersAndOnlyInNativeRings) {
    const KeyMessage report{KeyMessage::Kind::report, 77, {255, UINT64_MAX - 1}, std::nullopt},
        change{KeyMessage::Kind::change, UINT64_MAX, kOld, kNew};
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        test::FakeSender sender(3, totem::Dialect::v2, order);
        KeyEvents events, others;
        cfg::CfgService service(sender, events, true), other(sender, others);
        EXPECT_EQ(service.function_count(), 6u);
        EXPECT_TRUE(service.send_keys(report));
        EXPECT_TRUE(service.send_keys(change));
        sender.deliver(service, other);
        ASSERT_EQ(events.got.size(), 2u);
        EXPECT_EQ(events.got[0], std::pair(NodeId{3}, report));
        EXPECT_EQ(events.got[1], std::pair(NodeId{3}, change));
        EXPECT_TRUE(others.got.empty());
        EXPECT_EQ(service.dropped_malformed(), 0u);
    }
}

TEST(KeyMessages, MalformedOnesAreDropped) {
    test::FakeSender sender(3);
    KeyEvents events;
    cfg::CfgService service(sender, events, true);
    ASSERT_TRUE(service.send_keys({KeyMessage::Kind::change, 3, kOld, kNew}));
    const auto good = sender.sent.front();
    std::uint64_t dropped = 0;
    const auto bad = [&](Bytes bytes) {
        service.on_exec(5, 3, ByteOrder::little, bytes);
        EXPECT_EQ(service.dropped_malformed(), ++dropped);
    };
    for (std::size_t size = 0; size < good.size(); ++size)
        bad(Bytes(good).first(size));
    for (const std::size_t offset : {16u, 32u, 37u, 48u, 53u}) {  // kind, there, id, there, id
        auto bytes = good;
        bytes[offset] = 9;
        bad(bytes);
    }
    auto bytes = good;
    bytes[48] = 0;  // a change to nothing
    bad(bytes);
    EXPECT_TRUE(events.got.empty());
}

}  // namespace
}  // namespace engine
