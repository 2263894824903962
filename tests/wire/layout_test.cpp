// Sizes and limits of totem-wire.md sections 3, 4 and 7.

#include <gtest/gtest.h>

#include <vector>

#include "totem/wire/codec.hpp"
#include "totem/wire/derivation.hpp"

namespace totem::wire {
namespace {

const Codec kV2(Dialect::v2), kV3(Dialect::v3);

std::vector<Identity> many_nodes(Dialect dialect, std::size_t count) {
    std::vector<Identity> out;
    for (std::size_t i = 1; i <= count; ++i) {
        Identity node = Identity::v3(static_cast<NodeId>(i));
        if (dialect == Dialect::v2) {
            node.addr[0] =
                *parse_address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256), node.nodeid);
        }
        out.push_back(node);
    }
    return out;
}

template <typename Packet>
std::size_t encoded_size(const Codec& codec, const Packet& packet, std::size_t room = 100000) {
    std::vector<std::uint8_t> buffer(room);
    return codec.encode(packet, buffer);
}

TEST(Layout, SharedStructures) {
    EXPECT_EQ(layout(Dialect::v2).header, 8u);
    EXPECT_EQ(layout(Dialect::v2).identity, 45u);
    EXPECT_EQ(layout(Dialect::v2).ring_id, 30u);
    EXPECT_EQ(layout(Dialect::v3).header, 13u);
    EXPECT_EQ(layout(Dialect::v3).identity, 4u);
    EXPECT_EQ(layout(Dialect::v3).ring_id, 12u);
}

TEST(Layout, FixedPartsOf2x) {
    const Layout& sizes = layout(Dialect::v2);
    EXPECT_EQ(sizes.mcast, 99u);
    EXPECT_EQ(sizes.token, 70u);
    EXPECT_EQ(sizes.merge_detect, 83u);
    EXPECT_EQ(sizes.join, 69u);
    EXPECT_EQ(sizes.commit_token, 54u);
    EXPECT_EQ(sizes.hold_cancel, 38u);
    EXPECT_EQ(sizes.rtr_item, 34u);
    EXPECT_EQ(sizes.commit_entry, 42u);
}

TEST(Layout, FixedPartsOf3x) {
    const Layout& sizes = layout(Dialect::v3);
    EXPECT_EQ(sizes.mcast, 45u);
    EXPECT_EQ(sizes.token, 57u);
    EXPECT_EQ(sizes.merge_detect, 29u);
    EXPECT_EQ(sizes.join, 33u);
    EXPECT_EQ(sizes.commit_token, 41u);
    EXPECT_EQ(sizes.hold_cancel, 25u);
    EXPECT_EQ(sizes.rtr_item, 16u);
    EXPECT_EQ(sizes.commit_entry, 24u);
}

TEST(Limits, Datagrams) {
    EXPECT_EQ(max_datagram(Dialect::v2), 10000u);
    EXPECT_EQ(max_datagram(Dialect::v3), 136192u);
    EXPECT_EQ(kMaxNodes, 384u);
    EXPECT_EQ(kMaxRtrEntries, 30u);
    EXPECT_EQ(kWindow, 16384u);
    EXPECT_EQ(kMaxMessage, 1048576u);
}

TEST(Limits, LargestToken) {
    Token token;
    token.rtr_count = kMaxRtrEntries;
    EXPECT_EQ(encoded_size(kV2, token), 1090u);
    EXPECT_EQ(encoded_size(kV3, token), 537u);
    token.rtr_count = kMaxRtrEntries + 1;
    EXPECT_EQ(encoded_size(kV2, token), 0u);
}

TEST(Limits, LargestMembershipThatFitsADatagramOf2x) {
    const std::size_t room = max_datagram(Dialect::v2) - 4;  // prefix
    Join join;
    join.proc_list = many_nodes(Dialect::v2, 220);
    EXPECT_EQ(encoded_size(kV2, join, room), 69u + 45 * 220);
    join.proc_list = many_nodes(Dialect::v2, 221);
    EXPECT_EQ(encoded_size(kV2, join, room), 0u);

    CommitToken commit;
    commit.members = many_nodes(Dialect::v2, 114);
    commit.entries.resize(114);
    EXPECT_EQ(encoded_size(kV2, commit, room), 54u + 87 * 114);
    commit.members = many_nodes(Dialect::v2, 115);
    commit.entries.resize(115);
    EXPECT_EQ(encoded_size(kV2, commit, room), 0u);
}

TEST(Limits, FullMembershipRoundTrips) {
    for (const Codec& codec : {kV2, kV3}) {
        std::vector<std::uint8_t> buffer(100000);
        Join join;
        join.system_from = many_nodes(codec.dialect(), 1)[0];
        join.proc_list = many_nodes(codec.dialect(), kMaxNodes);
        join.failed_list = join.proc_list;
        std::size_t size = codec.encode(join, buffer);
        EXPECT_EQ(size, layout(codec.dialect()).join + 2 * kMaxNodes * layout(codec.dialect()).identity);
        Join join_out;
        ASSERT_EQ(codec.decode(Bytes(buffer).first(size), join_out), Drop::none);
        EXPECT_EQ(join_out.proc_list, join.proc_list);
        EXPECT_EQ(join_out.failed_list, join.failed_list);

        CommitToken commit;
        commit.ring.rep = join.system_from.addr[0];
        commit.members = join.proc_list;
        commit.entries.resize(kMaxNodes);
        size = codec.encode(commit, buffer);
        CommitToken commit_out;
        ASSERT_EQ(codec.decode(Bytes(buffer).first(size), commit_out), Drop::none);
        EXPECT_EQ(commit_out.members, commit.members);
    }
}

TEST(Encode, NeedsExactlyThePacketsSize) {
    const auto check = [](const Codec& codec, const auto& packet) {
        const std::size_t size = encoded_size(codec, packet);
        ASSERT_GT(size, 0u);
        EXPECT_EQ(encoded_size(codec, packet, size), size);
        for (std::size_t room = 0; room < size; ++room)
            ASSERT_EQ(encoded_size(codec, packet, room), 0u) << room;
    };
    const std::vector<std::uint8_t> payload(20, 0x55);
    for (const Codec& codec : {kV2, kV3}) {
        Token token;
        token.rtr_count = 3;
        check(codec, token);
        Mcast mcast;
        mcast.payload = payload;
        check(codec, mcast);
        check(codec, MergeDetect{});
        Join join;
        join.proc_list = many_nodes(codec.dialect(), 3);
        join.failed_list = many_nodes(codec.dialect(), 1);
        check(codec, join);
        CommitToken commit;
        commit.members = many_nodes(codec.dialect(), 3);
        commit.entries.resize(3);
        check(codec, commit);
        check(codec, HoldCancel{});
    }
    check(kV2, RingTest{});
}

TEST(Encode, RefusesWhatTheDialectDoesNotHave) {
    EXPECT_EQ(encoded_size(kV3, RingTest{}), 0u);
    CommitToken uneven;
    uneven.members = many_nodes(Dialect::v3, 2);
    uneven.entries.resize(1);
    EXPECT_EQ(encoded_size(kV3, uneven), 0u);
}

TEST(Encode, FixedPartGoesInFrontOfAPayloadInPlace) {
    Mcast mcast;
    mcast.seq = 7;
    const std::vector<std::uint8_t> payload(30, 0x55);
    mcast.payload = payload;
    for (const Codec& codec : {kV2, kV3}) {
        std::vector<std::uint8_t> whole(200, 0xaa), in_place(200, 0xaa);
        const std::size_t size = codec.encode(mcast, whole);
        const std::size_t fixed = codec.encode_fixed(mcast, in_place);
        EXPECT_EQ(fixed, layout(codec.dialect()).mcast);
        EXPECT_EQ(size, fixed + payload.size());
        EXPECT_TRUE(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(fixed), in_place.begin()));
        EXPECT_EQ(in_place[fixed], 0xaa);
        EXPECT_EQ(codec.encode_fixed(mcast, MutableBytes(in_place).first(fixed - 1)), 0u);
    }
}

TEST(RingIds, ReadAndWrittenAsServicesEmbedThem) {
    for (const Codec& codec : {kV2, kV3}) {
        RingId ring;
        ring.rep = codec.dialect() == Dialect::v2 ? *parse_address("10.77.0.1", 1) : NodeAddress{};
        ring.rep.nodeid = 1;
        ring.seq = 0x0102030405060708;
        for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
            std::vector<std::uint8_t> buffer(layout(codec.dialect()).ring_id);
            Writer out(buffer, order);
            codec.write_ring_id(out, ring);
            EXPECT_TRUE(out.ok());
            EXPECT_EQ(out.position(), buffer.size());
            Reader in(buffer, order);
            EXPECT_EQ(codec.read_ring_id(in), ring);
            EXPECT_EQ(in.remaining(), 0u);
            Reader truncated(Bytes(buffer).first(buffer.size() - 1), order);
            (void)codec.read_ring_id(truncated);
            EXPECT_FALSE(truncated.ok());
        }
    }
}

}  // namespace
}  // namespace totem::wire
