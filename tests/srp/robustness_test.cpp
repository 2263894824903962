// What does not belong: garbage, implausible packets, late packets, pauses (totem-srp.md sections 14, 20, 27).
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"

namespace totem::srp::test {
namespace {

using wire::PacketType;

class Robust : public DialectTest {
protected:
    wire::Header from(PacketType type, NodeId id) { return {type, 0, id, 0, kNativeOrder}; }
};
INSTANTIATE_TEST_SUITE_P(Dialects, Robust, testing::Values(Dialect::v2, Dialect::v3), dialect_name);

// Every packet of a life with all states in it, truncated and altered in every byte, in all states.
TEST_P(Robust, GarbageInEveryState) {
    form({1, 2, 3});
    for (int i = 0; i < 5; ++i)
        net[2].send("payload");
    net.run_for(100ms);
    net.kill(3);
    ASSERT_TRUE(net.settle({1, 2}));
    std::vector<std::vector<std::uint8_t>> seeds;
    for (PacketType type : {PacketType::token, PacketType::mcast, PacketType::merge_detect, PacketType::join,
                            PacketType::commit_token, PacketType::hold_cancel}) {
        for (auto it = net.packets.rbegin(); it != net.packets.rend(); ++it) {
            if (it->type != type) continue;
            seeds.push_back(it->bytes);
            break;
        }
    }
    ASSERT_GE(seeds.size(), 5u);
    std::uint32_t random = 7;
    const auto next = [&] { return (random = random * 1664525 + 1013904223) >> 8; };
    net.record = false;
    std::array<bool, 5> states{};
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::uint8_t> bytes = seeds[next() % seeds.size()];
        for (std::uint32_t i = next() % 4; i > 0; --i)
            bytes[next() % bytes.size()] = static_cast<std::uint8_t>(next());
        if (next() % 4 == 0) bytes.resize(next() % (bytes.size() + 1));
        if (next() % 8 == 0) bytes.insert(bytes.end(), next() % 100, static_cast<std::uint8_t>(next()));
        const NodeId to = 1 + next() % 2;
        states[static_cast<std::size_t>(net[to].ring().state())] = true;
        net.inject(to, bytes);
        net.run_for(std::chrono::microseconds(next() % 400));
    }
    EXPECT_TRUE(states[1] && states[2]);
    EXPECT_GT(net[1].ring().statistics(net.now).rx_malformed, 0u);
    // Nodes that do not exist are given up, the others find each other again.
    EXPECT_TRUE(net.settle({1, 2}, 120s));
}

TEST_P(Robust, EmptyAndOversizedDatagrams) {
    form({1});
    net.inject(1, {});
    net.inject(1, std::vector<std::uint8_t>(100000, 0xFF));
    EXPECT_EQ(net[1].ring().statistics(net.now).rx_malformed, GetParam() == Dialect::v2 ? 2u : 2u);
    EXPECT_TRUE(net.settled({1}));
}

TEST_P(Robust, TokensThatCannotBeAreDropped) {
    form({1, 2});
    net.run_for(2s);
    wire::Token bogus;
    bogus.header = from(PacketType::token, 2);
    bogus.ring = net[1].ring().ring_id();
    bogus.token_seq = 1'000'000;
    const auto refused = [&](auto change) {
        wire::Token token = bogus;
        change(token);
        const auto before = net[1].ring().statistics(net.now).rx_implausible;
        net.inject(1, encoded(token));
        return net[1].ring().statistics(net.now).rx_implausible == before + 1;
    };
    EXPECT_TRUE(refused([](wire::Token& t) { t.seq = kWindow; }));
    EXPECT_TRUE(refused([](wire::Token& t) { t.seq = 0x90000000; }));
    EXPECT_TRUE(refused([](wire::Token& t) { t.aru = 1; }));
    net[1].send("a");
    net.run_for(2s);
    EXPECT_TRUE(refused([](wire::Token& t) { t.seq = 0; }));  // forgets what was assigned
    EXPECT_TRUE(net.settled({1, 2}));
    EXPECT_EQ(net[1].ring().statistics(net.now).gather_entered, net[1].seen.gather_reasons.size());
    EXPECT_EQ(net[1].deliveries.size(), 1u);
}

TEST_P(Robust, CommitTokensThatCannotBeAreDropped) {
    form({1});
    net.add(2);  // only its name is used
    wire::Join join;
    join.header = from(PacketType::join, 2);
    join.system_from = node(2);
    join.proc_list = {node(2)};
    join.ring_seq = 1;
    net.lose = [](const Packet&, NodeId to) { return to == 2; };
    net.inject(1, encoded(join));
    ASSERT_EQ(net[1].ring().state(), State::gather);
    wire::CommitToken good;
    good.header = from(PacketType::commit_token, 2);
    good.token_seq = 1;
    good.ring.seq = net[1].ring().ring_id().seq + 4;
    good.ring.rep = GetParam() == Dialect::v2 ? node(1).addr[0] : NodeAddress{1};
    good.members = {node(1), node(2)};
    good.entries.resize(2);
    good.memb_index = 1;
    const auto refused = [&](auto change) {
        wire::CommitToken token = good;
        change(token);
        const auto before = net[1].ring().statistics(net.now).rx_implausible;
        net.inject(1, encoded(token));
        return net[1].ring().state() == State::gather && net[1].ring().statistics(net.now).rx_implausible == before + 1;
    };
    EXPECT_TRUE(refused([](wire::CommitToken&) {}));  // the entry that is due is not ours
    EXPECT_TRUE(refused([](wire::CommitToken& t) { t.memb_index = 0; }));
    EXPECT_TRUE(refused([](wire::CommitToken& t) { t.memb_index = 2; }));
    EXPECT_TRUE(refused([](wire::CommitToken& t) { std::swap(t.members[0], t.members[1]); }));
    EXPECT_TRUE(refused(
        [&](wire::CommitToken& t) { t.ring.rep = GetParam() == Dialect::v2 ? node(2).addr[0] : NodeAddress{2}; }));
    EXPECT_TRUE(refused([](wire::CommitToken& t) { t.ring.seq = ~std::uint64_t{0}; }));
    const auto before = net[1].ring().statistics(net.now).rx_implausible;
    wire::CommitToken old = good;
    old.ring.seq = 1;
    net.inject(1, encoded(old));
    EXPECT_EQ(net[1].ring().state(), State::gather);
    EXPECT_EQ(net[1].ring().statistics(net.now).rx_implausible, before);  // only late
}

TEST_P(Robust, RingSeqNearTheEndIsNotBelieved) {
    form({1});
    wire::Join join;
    join.header = from(PacketType::join, 2);
    join.system_from = node(2);
    join.proc_list = {node(2)};
    join.ring_seq = ~std::uint64_t{0} - 3;
    net.inject(1, encoded(join));
    EXPECT_TRUE(net.settled({1}));
    EXPECT_EQ(net[1].ring().statistics(net.now).rx_implausible, 1u);
}

// Packets of a ring that a member has left since are late, not foreign.
TEST_P(Robust, LatePacketsOfTheOldRingDoNotBreakTheNewOne) {
    form({1, 2});
    net[1].send("old");
    net.run_for(2s);
    std::vector<std::vector<std::uint8_t>> old;
    for (const Packet& packet : net.packets) {
        if (packet.to == 0 && packet.from == 1) old.push_back(packet.bytes);
    }
    net.add(3).start();
    ASSERT_TRUE(net.settle({1, 2, 3}));
    const std::size_t gathers = net[2].seen.gather_reasons.size();
    for (const auto& bytes : old)
        net.inject(2, bytes);
    EXPECT_EQ(net[2].seen.gather_reasons.size(), gathers);
    EXPECT_EQ(net[2].deliveries.size(), 1u);
}

TEST_P(Robust, ForeignMessageAndMergeDetectGather) {
    form({1});
    wire::Mcast message;
    message.header = {PacketType::mcast, 2, 9, 0, kNativeOrder};
    message.system_from = node(9);
    message.seq = 1;
    message.ring = net[1].ring().ring_id();
    message.ring.seq = 77;
    net.inject(1, encoded(message));
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::foreign_message_operational);
    EXPECT_EQ(net[1].ring().state(), State::gather);
    message.system_from = node(8);
    net.inject(1, encoded(message));
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::foreign_message_gather);
    const std::size_t gathers = net[1].seen.gather_reasons.size();
    net.inject(1, encoded(message));  // known by now
    EXPECT_EQ(net[1].seen.gather_reasons.size(), gathers);
    wire::MergeDetect merge{from(PacketType::merge_detect, 7), node(7), message.ring};
    net.inject(1, encoded(merge));
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::merge_gather);
    ASSERT_TRUE(net.settle({1}));
    net.run_for(1s);  // a ring formed without somebody is deaf to strangers for a while
    net.inject(1, encoded(merge));
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::merge_operational);
}

TEST_P(Robust, AfterAPauseQueuedJoinsAreHistory) {
    form({1, 2});
    net.run_for(1s);
    net[2].freeze();
    net.run_for(ms(net.parameters.token) + ms(net.parameters.consensus) + 1s);
    ASSERT_TRUE(net.settled({1}));
    const std::size_t heard = net[2].heard.size();
    net[2].thaw();
    ASSERT_TRUE(net.run_until([&] { return net[2].seen.pauses > 0; }, 1s));
    EXPECT_TRUE(net.settle({1, 2}, 1s));
    EXPECT_EQ(net[2].seen.pauses, 1u);
    // Node 1 failed node 2 meanwhile; that is history, and not repaid.
    EXPECT_EQ(net[2].heard.size(), heard + 2);
}

// Two nodes alone whose joins cross, each first with the other and then without it.
TEST_P(Robust, CrossingRefusalsEnd) {
    form({1});
    net.add(2);
    net[2].start();
    net.run_until([&] { return net[2].ring().state() == State::operational; });
    ASSERT_TRUE(net.settle({1, 2}));
    net.lose = [](const Packet& packet, NodeId to) { return packet.from != to; };
    ASSERT_TRUE(net.run_until([&] { return net.settled({1}) && net.settled({2}); }));
    net.run_for(1s);
    net.lose = nullptr;
    const auto join_of_2 = [&](std::vector<Identity> failed) {
        wire::Join join;
        join.header = from(PacketType::join, 2);
        join.system_from = node(2);
        join.proc_list = {node(1), node(2)};
        join.failed_list = std::move(failed);
        join.ring_seq = net[2].ring().ring_id().seq;
        return encoded(join);
    };
    const std::size_t gathers = net[1].seen.gather_reasons.size();
    net.inject(1, join_of_2({}));
    net.inject(1, join_of_2({node(1)}));
    EXPECT_TRUE(net.settle({1, 2}, 1s));
    EXPECT_LT(net[1].seen.gather_reasons.size(), gathers + 5);
}

TEST_P(Robust, ForcedGatherAndInterfaceChange) {
    form({1, 2});
    net.run_for(1s);
    net[1].ring().force_gather(net.now);
    EXPECT_EQ(net[1].seen.gather_reasons.back(), GatherReason::token_lost_operational);
    net[2].ring().on_timeout(net.now);
    ASSERT_TRUE(net.settle({1, 2}));
    net[2].ring().interface_changed(net.now);
    EXPECT_EQ(net[2].seen.gather_reasons.back(), GatherReason::interface_change);
    EXPECT_TRUE(net.settle({1, 2}));
}

TEST_P(Robust, LostCommitTokensAreRepaired) {
    int lost = 0;
    net.lose = [&](const Packet& packet, NodeId to) {
        return packet.type == PacketType::commit_token && packet.from != to && lost++ < 2;
    };
    const Instant begin = net.now;
    net.loopback_delay = 300us;
    net.add(1).start();
    net.add(2).start();
    ASSERT_TRUE(net.settle({1, 2}));
    EXPECT_EQ(std::min(lost, 2), 2);
    EXPECT_LT(net.now - begin, ms(net.parameters.token));
}

// The first-rotation commit token that comes twice must not start the token before the second rotation is over.
TEST_P(Robust, DuplicatedCommitTokenStartsNothingEarly) {
    net.loopback_delay = 300us;
    std::vector<std::uint8_t> copy;
    net.lose = [&](const Packet& packet, NodeId to) {
        wire::CommitToken token;
        if (packet.from == 2 && to == 1 && codec.decode(packet.bytes, token) == wire::Drop::none && copy.empty()) {
            copy = packet.bytes;
        }
        return false;
    };
    net.add(1).start();
    net.add(2).start();
    ASSERT_TRUE(net.run_until([&] { return net[1].ring().state() == State::recovery; }));
    const std::size_t tokens = net.count(PacketType::token);
    net.inject(1, copy);
    EXPECT_EQ(net.count(PacketType::token), tokens);
    EXPECT_TRUE(net.settle({1, 2}));
}

}  // namespace
}  // namespace totem::srp::test
