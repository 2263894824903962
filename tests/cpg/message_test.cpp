// Layouts and bounds: spec totempg-sync-services.md sections 1 and 10.2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpg/cpg_cluster.hpp"

namespace engine::cpg::test {
namespace {

using totem::kNativeOrder;

std::vector<std::uint8_t> message(std::uint32_t function, Bytes body, Bytes data = {}) {
    std::vector<std::uint8_t> out(kExecHeaderSize);
    out.insert(out.end(), body.begin(), body.end());
    out.insert(out.end(), data.begin(), data.end());
    totem::Writer writer(out, kNativeOrder);
    writer.u32(0x20000 | function);
    writer.u32(0);
    writer.u32(static_cast<std::uint32_t>(out.size()));
    return out;
}

TEST(CpgMessages, ProcjoinLayout) {
    const auto bytes = message(kProcJoin, encode(ProcessMessage{"grp", 0x11223344, 1}, ByteOrder::little));
    ASSERT_EQ(bytes.size(), 168u);
    EXPECT_EQ(bytes[16], 3u);
    EXPECT_EQ(bytes[24], 'g');
    EXPECT_EQ(bytes[152], 0x44u);
    EXPECT_EQ(bytes[155], 0x11u);
    EXPECT_EQ(bytes[160], 1u);
}

TEST(CpgMessages, McastLayout) {
    const std::vector<std::uint8_t> data{1, 2, 3};
    const auto bytes =
        message(kMcast, encode_head(McastMessage{"g", 7, 0x0102030405060708, data}, 9, ByteOrder::little), data);
    ASSERT_EQ(bytes.size(), 187u);
    EXPECT_EQ(bytes[152], 3u);
    EXPECT_EQ(bytes[160], 7u);
    EXPECT_EQ(bytes[168], 9u);
    EXPECT_EQ(bytes[176], 8u);
    EXPECT_EQ(bytes[184], 1u);
}

TEST(CpgMessages, PartialLayout) {
    const std::vector<std::uint8_t> data{1, 2, 3};
    const auto bytes =
        message(kPartialMcast, encode_head(PartialMessage{"g", 7, 50, 2, 1, data}, 9, ByteOrder::little), data);
    ASSERT_EQ(bytes.size(), 203u);
    EXPECT_EQ(bytes[152], 50u);
    EXPECT_EQ(bytes[160], 3u);
    EXPECT_EQ(bytes[168], 7u);
    EXPECT_EQ(bytes[176], 2u);
    EXPECT_EQ(bytes[184], 9u);
    EXPECT_EQ(bytes[192], 1u);
}

TEST(CpgMessages, DownlistLayout) {
    const std::vector<NodeId> left{4, 5};
    const auto bytes = message(kDownList, encode_downlist(3, left, ByteOrder::little));
    ASSERT_EQ(bytes.size(), 1568u);
    EXPECT_EQ(bytes[16], 3u);
    EXPECT_EQ(bytes[24], 2u);
    EXPECT_EQ(bytes[32], 4u);
    EXPECT_EQ(bytes[36], 5u);
}

TEST(CpgMessages, JoinlistLayout) {
    const std::vector<Process> processes{{1, 20, {"g"}}, {1, 21, {"hh"}}};
    const auto bytes = message(kJoinList, encode_joinlist(processes, kNativeOrder));
    ASSERT_EQ(bytes.size(), 24u + 288u);
    EXPECT_EQ(bytes[24], 20u);
    EXPECT_EQ(bytes[32], 1u);
    EXPECT_EQ(bytes[40], 'g');
    EXPECT_EQ(bytes[168], 21u);
    std::vector<std::string> entries;
    EXPECT_TRUE(decode_joinlist(bytes, kNativeOrder, [&](std::uint32_t pid, std::string_view group) {
        entries.push_back(std::to_string(pid) + std::string(group));
    }));
    EXPECT_THAT(entries, ::testing::ElementsAre("20g", "21hh"));
}

TEST(CpgMessages, LengthsBeyondTheMessageAreRefused) {
    const std::vector<std::uint8_t> data(10);
    auto mcast = message(kMcast, encode_head(McastMessage{"g", 7, 0, data}, 9, kNativeOrder), data);
    McastMessage out;
    EXPECT_TRUE(decode(mcast, kNativeOrder, out));
    mcast[152] = 11;
    EXPECT_FALSE(decode(mcast, kNativeOrder, out));
    mcast[152] = 10;
    mcast[16] = 129;  // name length
    EXPECT_FALSE(decode(mcast, kNativeOrder, out));

    auto partial = message(kPartialMcast, encode_head(PartialMessage{"g", 7, 10, 1, 0, data}, 9, kNativeOrder), data);
    PartialMessage part;
    EXPECT_TRUE(decode(partial, kNativeOrder, part));
    partial[160] = 11;
    EXPECT_FALSE(decode(partial, kNativeOrder, part));
    partial[160] = 10;
    partial[152] = 9;  // shorter than its fragment
    EXPECT_FALSE(decode(partial, kNativeOrder, part));

    auto list = message(kJoinList, encode_joinlist(std::vector<Process>{{1, 20, {"g"}}}, kNativeOrder));
    int calls = 0;
    const auto count = [&](std::uint32_t, std::string_view) { ++calls; };
    list[8] = static_cast<std::uint8_t>(list[8] + 1);
    EXPECT_FALSE(decode_joinlist(list, kNativeOrder, count));
    list[8] = static_cast<std::uint8_t>(list[8] - 1);
    list[32] = 200;
    EXPECT_FALSE(decode_joinlist(list, kNativeOrder, count));
    EXPECT_EQ(calls, 0);
}

TEST(CpgMessages, TruncatedAndRandomMessagesAreCountedNotObeyed) {
    Cluster cluster;
    Node& node = cluster.add(1);
    cluster.form({1});
    node.join(1, "g", 7);
    cluster.run({1});
    node.clients.take(1);
    const std::vector<std::uint8_t> data(10);
    const std::vector<std::vector<std::uint8_t>> good{
        message(kProcJoin, encode(ProcessMessage{"g", 9, 1}, kNativeOrder)),
        message(kProcLeave, encode(ProcessMessage{"g", 9, 2}, kNativeOrder)),
        message(kJoinList, encode_joinlist(std::vector<Process>{{1, 20, {"g"}}}, kNativeOrder)),
        message(kMcast, encode_head(McastMessage{"g", 7, 0, data}, 1, kNativeOrder), data),
        message(kPartialMcast, encode_head(PartialMessage{"g", 7, 10, 1, 0, data}, 1, kNativeOrder), data)};
    for (const auto& bytes : good) {
        const std::uint32_t function = bytes[0];
        const std::size_t needed = function <= kProcLeave ? 164 : bytes.size();
        for (std::size_t cut = 0; cut < needed; ++cut) {
            const auto before = node.cpg.dropped_malformed();
            node.cpg.on_exec(function, 1, kNativeOrder, Bytes(bytes).first(cut));
            ASSERT_EQ(node.cpg.dropped_malformed(), before + 1) << function << " at " << cut;
        }
    }
    EXPECT_TRUE(node.clients.take(1).empty());
    unsigned random = 5;
    for (int i = 0; i < 20000; ++i) {
        auto bytes = good[static_cast<std::size_t>(i) % good.size()];
        for (int flips = 0; flips < 3; ++flips) {
            random = random * 1664525 + 1013904223;
            bytes[(random >> 8) % bytes.size()] = static_cast<std::uint8_t>(random >> 24);
        }
        node.cpg.on_exec(bytes[0] % 8, 1 + i % 2, i % 3 ? kNativeOrder : totem::opposite(kNativeOrder), bytes);
    }
    EXPECT_LE(node.clients.largest, kMaxListed);
}

}  // namespace
}  // namespace engine::cpg::test
