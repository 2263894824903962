// Receiving: spec totempg-sync-services.md sections 2, 4, 5 and 8.3.

#include <gtest/gtest.h>

#include "tests/pg/recording_port.hpp"

namespace totem::test {
namespace {

using Kind = srp::Configuration::Kind;
using Pieces = std::vector<std::vector<std::uint8_t>>;

std::vector<std::uint8_t> slice(const std::vector<std::uint8_t>& from, std::size_t at, std::size_t size) {
    return {from.begin() + static_cast<std::ptrdiff_t>(at), from.begin() + static_cast<std::ptrdiff_t>(at + size)};
}

std::vector<std::vector<std::uint8_t>> payloads(const Endpoint& node) {
    std::vector<std::vector<std::uint8_t>> out;
    for (const Received& message : node.inbox.messages)
        out.push_back(message.payload);
    return out;
}

TEST(Assembly, WholePiecesInOrder) {
    Endpoint node;
    node.deliver(3, make_packet(0, 0, {for_a({1}), for_a({2, 2}), for_a({})}));
    EXPECT_EQ(payloads(node), (Pieces{{1}, {2, 2}, {}}));
    EXPECT_EQ(node.inbox.messages[0].sender, 3u);
}

TEST(Assembly, HeadMiddleTailAndNeighbours) {
    Endpoint node;
    const auto message = for_a(pattern(300));
    node.deliver(1, make_packet(1, 0, {for_a({1}), slice(message, 0, 100)}));
    node.deliver(1, make_packet(2, 1, {slice(message, 100, 100)}));
    node.deliver(1, make_packet(1, 2, {slice(message, 200, 105), for_a({2}), slice(message, 0, 150)}));
    node.deliver(1, make_packet(0, 1, {slice(message, 150, 155)}));
    EXPECT_EQ(payloads(node), (Pieces{{1}, pattern(300), {2}, pattern(300)}));
    EXPECT_EQ(node.groups.statistics().dropped_out_of_sequence, 0u);
}

TEST(Assembly, SendersDoNotMix) {
    Endpoint node;
    const auto one = for_a(pattern(100, 1)), two = for_a(pattern(100, 2));
    node.deliver(1, make_packet(1, 0, {slice(one, 0, 50)}));
    node.deliver(2, make_packet(1, 0, {slice(two, 0, 60)}));
    node.deliver(1, make_packet(0, 1, {slice(one, 50, 55)}));
    node.deliver(2, make_packet(0, 1, {slice(two, 60, 45)}));
    EXPECT_EQ(payloads(node), (Pieces{pattern(100, 1), pattern(100, 2)}));
}

TEST(Assembly, WrapAfter255) {
    Endpoint node;
    const auto message = for_a(pattern(1000));
    std::uint8_t last = 0;
    for (std::size_t at = 0; at < message.size(); ++at) {
        const std::uint8_t next = last == 255 ? 1 : last + 1;
        const bool end = at + 1 == message.size();
        node.deliver(1, make_packet(end ? 0 : next, last, {slice(message, at, 1)}));
        last = next;
    }
    EXPECT_EQ(payloads(node), (Pieces{pattern(1000)}));
}

// A joiner first hears the middle of a fragmented message: it loses that message and nothing else.
TEST(Assembly, JoinerInTheMiddleOfAMessageLosesOnlyThatMessage) {
    Endpoint node;
    const auto message = for_a(pattern(300));
    node.deliver(1, make_packet(5, 4, {slice(message, 0, 100)}));
    node.deliver(1, make_packet(6, 5, {slice(message, 0, 100)}));
    node.deliver(1, make_packet(1, 6, {slice(message, 0, 10), for_a({7}), slice(message, 0, 150)}));
    node.deliver(1, make_packet(0, 1, {slice(message, 150, 155), for_a({8})}));
    EXPECT_EQ(payloads(node), (Pieces{{7}, pattern(300), {8}}));
    EXPECT_EQ(node.groups.statistics().dropped_out_of_sequence, 3u);
}

TEST(Assembly, JoinerAtTheTailDeliversTheRestOfThePacket) {
    Endpoint node;
    node.deliver(1, make_packet(0, 9, {pattern(10), for_a({7})}));
    EXPECT_EQ(payloads(node), (Pieces{{7}}));
}

// Fragment 255 is followed by 1, which also starts messages: a middle piece is not a beginning.
TEST(Assembly, WrappedMiddlePieceIsNotTakenForABeginning) {
    Endpoint node;
    const auto message = for_a(pattern(20));
    node.deliver(1, make_packet(1, 255, {message}));
    node.deliver(1, make_packet(0, 1, {message}));
    EXPECT_TRUE(node.inbox.messages.empty());
    node.deliver(1, make_packet(0, 0, {message}));
    EXPECT_EQ(payloads(node), (Pieces{pattern(20)}));
}

TEST(Assembly, LostTailDoesNotSpoilTheNextMessage) {
    Endpoint node;
    const auto message = for_a(pattern(300));
    node.deliver(1, make_packet(1, 0, {slice(message, 0, 100)}));
    node.deliver(1, make_packet(0, 0, {for_a({1})}));
    node.deliver(1, make_packet(1, 0, {slice(message, 0, 100)}));
    node.deliver(1, make_packet(0, 1, {slice(message, 100, 205)}));
    EXPECT_EQ(payloads(node), (Pieces{{1}, pattern(300)}));
}

TEST(Assembly, WrongContinuationDropsTheMessage) {
    Endpoint node;
    const auto message = for_a(pattern(300));
    node.deliver(1, make_packet(1, 0, {slice(message, 0, 100)}));
    node.deliver(1, make_packet(0, 2, {slice(message, 200, 105), for_a({4})}));
    EXPECT_EQ(payloads(node), (Pieces{{4}}));
}

// Regression: fragments that add up to more than the largest message.
TEST(Assembly, ConcatenationOverTheLimitIsDroppedAndCounted) {
    Endpoint node;
    const std::vector<std::uint8_t> piece(60000, 1);
    std::uint8_t last = 0;
    for (int i = 0; i < 40; ++i) {
        node.deliver(1, make_packet(static_cast<std::uint8_t>(i + 1), last, {piece}));
        last = static_cast<std::uint8_t>(i + 1);
    }
    node.deliver(1, make_packet(0, last, {piece, for_a({3})}));
    EXPECT_EQ(node.groups.statistics().dropped_oversized, 1u);
    EXPECT_EQ(payloads(node), (Pieces{{3}}));
}

TEST(Assembly, LargestMessagePasses) {
    Endpoint node;
    const auto payload = pattern(kMaxMessage - kHeaderA);
    ASSERT_TRUE(node.send(payload));
    node.groups.token_received();
    while (!node.port.frames.empty())
        node.deliver(1, node.port.take());
    ASSERT_EQ(node.inbox.messages.size(), 1u);
    EXPECT_EQ(node.inbox.messages[0].payload, payload);
}

// Regression: group counts and name lengths beyond the message.
TEST(GroupsHeader, LengthsBeyondTheMessageAreDropped) {
    Endpoint node;
    const Pieces bad{{},
                     {1},
                     {1, 0},
                     {1, 0, 1},
                     {1, 0, 1, 0},           // name missing
                     {1, 0, 2, 0, 'a'},      // name cut off
                     {2, 0, 1, 0, 'a'},      // second length missing
                     {255, 255, 1, 0, 'a'},  // table beyond the message
                     {1, 0, 255, 255, 'a', 'b'},
                     {2, 0, 1, 0, 1, 0, 'a'}};
    for (const auto& message : bad)
        node.deliver(1, make_packet(0, 0, {message}));
    EXPECT_TRUE(node.inbox.messages.empty());
    EXPECT_EQ(node.groups.statistics().dropped_malformed, bad.size());
}

TEST(GroupsHeader, AnyListedNameMatchesOnce) {
    Endpoint node;
    Inbox other;
    node.groups.join("sync", other);
    node.groups.join("b", node.inbox);
    node.deliver(1, make_packet(0, 0, {{3, 0, 1, 0, 1, 0, 2, 0, 'b', 'a', 'x', 'y', 42}}));
    EXPECT_EQ(payloads(node), (Pieces{{42}}));
    EXPECT_TRUE(other.messages.empty());
    node.deliver(1, make_packet(0, 0, {{1, 0, 4, 0, 's', 'y', 'n', 'c', 43}}));
    EXPECT_EQ(other.messages.size(), 1u);
    node.deliver(1, make_packet(0, 0, {{0, 0, 1}, {1, 0, 3, 0, 'y', 'k', 'd'}, {1, 0, 2, 0, 'a', 'a'}}));
    EXPECT_EQ(node.inbox.messages.size(), 1u);
}

TEST(Packet, LengthsMustAddUp) {
    Endpoint node;
    const auto good = make_packet(0, 0, {for_a({1}), for_a({2})});
    for (std::size_t size = 0; size < good.size(); ++size) {
        node.deliver(1, Bytes(good).first(size));
        const pg::PacketError expected = size < 8    ? pg::PacketError::too_short
                                         : size < 12 ? pg::PacketError::table_too_short
                                                     : pg::PacketError::length_mismatch;
        ASSERT_EQ(node.listener.errors.back(), expected) << size;
        EXPECT_EQ(node.listener.last_size, size);
        if (size >= 12) {
            EXPECT_EQ(node.listener.last_expected, good.size());
        }
    }
    auto longer = good;
    longer.push_back(0);
    node.deliver(1, longer);
    node.deliver(1, make_packet(0, 0, {}));
    EXPECT_TRUE(node.inbox.messages.empty());
    EXPECT_EQ(node.groups.statistics().dropped_malformed, good.size() + 2);
    node.deliver(1, good);
    EXPECT_EQ(node.inbox.messages.size(), 2u);
}

// Section 8.3: a message interrupted by a change is finished after the synchronisation, whatever went
// through the second list in between.
TEST(AssemblyLists, HalfSentMessageSurvivesAChange) {
    Endpoint node;
    node.groups.synchronized();
    const auto message = for_a(pattern(300));
    node.deliver(1, make_packet(1, 0, {slice(message, 0, 100)}));
    node.configuration(Kind::transitional, {Identity::v3(1)}, {Identity::v3(2)});
    node.deliver(1, make_packet(2, 1, {slice(message, 100, 50)}));  // recovered: still the normal list
    node.configuration(Kind::regular, {Identity::v3(1)});
    node.deliver(1, make_packet(1, 0, {for_a({1}), slice(message, 0, 60)}));
    node.deliver(1, make_packet(0, 1, {slice(message, 60, 245)}));
    node.groups.synchronized();
    node.deliver(1, make_packet(0, 2, {slice(message, 150, 155)}));
    EXPECT_EQ(payloads(node), (Pieces{{1}, pattern(300), pattern(300)}));
}

TEST(AssemblyLists, FragmentsOfALeftNodeAreForgotten) {
    Endpoint node;
    node.groups.synchronized();
    const auto message = for_a(pattern(300));
    node.deliver(2, make_packet(1, 0, {slice(message, 0, 100)}));
    node.configuration(Kind::transitional, {Identity::v3(1)}, {Identity::v3(2)});
    node.configuration(Kind::regular, {Identity::v3(1), Identity::v3(2)});
    node.groups.synchronized();
    node.deliver(2, make_packet(0, 1, {slice(message, 100, 205), for_a({9})}));
    EXPECT_EQ(payloads(node), (Pieces{{9}}));
    EXPECT_EQ(node.listener.configurations, 2);
}

TEST(AssemblyLists, TransitionalFragmentsOfALeftNodeAreForgotten) {
    Endpoint node;
    const auto message = for_a(pattern(300));
    node.deliver(2, make_packet(1, 0, {slice(message, 0, 100)}));
    node.configuration(Kind::transitional, {Identity::v3(1)}, {Identity::v3(2)});
    node.configuration(Kind::regular, {Identity::v3(1), Identity::v3(2)});
    node.deliver(2, make_packet(0, 1, {slice(message, 100, 205)}));
    EXPECT_TRUE(node.inbox.messages.empty());
}

TEST(AssemblyLists, StagedMessagesGoToTheOldQueueBeforeAChange) {
    Endpoint node;
    node.groups.synchronized();
    ASSERT_TRUE(node.send(pattern(20)));
    node.configuration(Kind::transitional, {Identity::v3(1)});
    EXPECT_EQ(node.port.frames.size(), 1u);
}

TEST(AssemblyLists, StagedWholeMessagesWaitForTheNormalQueueAfterSync) {
    Endpoint node;
    ASSERT_TRUE(node.send(pattern(20)));
    node.groups.synchronized();
    EXPECT_TRUE(node.port.frames.empty());
    ASSERT_TRUE(node.send(pattern(1500)));
    ASSERT_EQ(node.port.frames.size(), 1u);
    node.groups.synchronized();
    EXPECT_EQ(node.port.frames.size(), 2u) << "the end of a message follows its beginning";
}

// Any mix of sizes and packet sizes, several senders interleaved packet by packet.
TEST(Assembly, RandomTrafficArrivesWholeAndInOrder) {
    unsigned random = 4711;
    const auto next = [&](unsigned bound) { return (random = random * 1664525 + 1013904223) / 256 % bound; };
    for (int round = 0; round < 8; ++round) {
        std::vector<std::unique_ptr<Endpoint>> senders;
        std::vector<Pieces> expected(3);
        for (unsigned s = 0; s < 3; ++s) {
            senders.push_back(std::make_unique<Endpoint>(pg::PgConfig{Dialect::v3, kNativeOrder, 64 + next(4000)}));
        }
        Endpoint receiver;
        for (int i = 0; i < 60; ++i) {
            const unsigned s = next(3);
            const auto payload = pattern(next(i % 20 == 0 ? 200000 : 3000), next(100));
            if (senders[s]->send(payload)) expected[s].push_back(payload);
            for (unsigned visit = next(20); visit > 0; --visit) {
                const unsigned t = next(3);
                if (next(3) == 0) senders[t]->groups.token_received();
                if (!senders[t]->port.frames.empty()) receiver.deliver(t, senders[t]->port.take());
            }
        }
        for (unsigned s = 0; s < 3; ++s) {
            senders[s]->groups.token_received();
            while (!senders[s]->port.frames.empty())
                receiver.deliver(s, senders[s]->port.take());
        }
        std::vector<Pieces> arrived(3);
        for (const Received& message : receiver.inbox.messages)
            arrived[message.sender].push_back(message.payload);
        EXPECT_EQ(arrived, expected) << "round " << round;
    }
}

// Mutated packets must neither crash nor deliver more than they hold.
TEST(Assembly, MutatedPacketsAreContained) {
    unsigned random = 99;
    const auto next = [&](unsigned bound) { return (random = random * 1664525 + 1013904223) / 256 % bound; };
    Endpoint node;
    std::size_t bytes_in = 0;
    for (int i = 0; i < 20000; ++i) {
        auto packet = make_packet(static_cast<std::uint8_t>(next(3)), static_cast<std::uint8_t>(next(3)),
                                  {for_a(pattern(next(40))), for_a(pattern(next(40)))});
        for (unsigned flips = next(4); flips > 0; --flips) {
            packet[next(static_cast<unsigned>(packet.size()))] = static_cast<std::uint8_t>(next(256));
        }
        packet.erase(packet.end() - static_cast<std::ptrdiff_t>(next(2) * next(5)), packet.end());
        bytes_in += packet.size();
        node.deliver(next(4), packet, next(2) ? ByteOrder::little : ByteOrder::big);
    }
    std::size_t bytes_out = 0;
    for (const Received& message : node.inbox.messages)
        bytes_out += message.payload.size();
    EXPECT_GT(bytes_out, 0u);
    EXPECT_LT(bytes_out, bytes_in);
    EXPECT_GT(node.groups.statistics().dropped_malformed, 0u);
}

}  // namespace
}  // namespace totem::test
