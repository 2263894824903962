// What a receiver must refuse: totem-wire.md section 12 and the holes it lists. Each case starts
// from a valid packet and breaks one thing.

#include <gtest/gtest.h>

#include <map>

#include "tests/support/any_packet.hpp"
#include "tests/support/captures.hpp"
#include "totem/crypto/suite.hpp"
#include "totem/wire/derivation.hpp"

namespace totem::wire {
namespace {

using test::AnyPacket, test::decode_any, test::encode_any, test::header_of, test::same_values;
using Buffer = std::vector<std::uint8_t>;

Identity node(Dialect dialect, NodeId id) {
    Identity out = Identity::v3(id);
    if (dialect == Dialect::v2) out.addr[0] = *parse_address("10.77.0." + std::to_string(id), id);
    return out;
}

RingId ring(Dialect dialect, std::uint64_t seq) {
    RingId out{node(dialect, 1).addr[0], seq};
    out.rep.nodeid = 1;
    return out;
}

// One test body for both dialects.
class Malformed : public testing::TestWithParam<Dialect> {
protected:
    Dialect dialect() const { return GetParam(); }
    bool v2() const { return dialect() == Dialect::v2; }
    const Layout& sizes() const { return layout(dialect()); }
    Codec codec() const { return Codec(GetParam()); }

    Buffer token(std::uint32_t requests) const {
        Token out;
        out.ring = ring(dialect(), 9);
        out.rtr_count = requests;
        for (std::uint32_t i = 0; i < requests; ++i)
            out.rtr[i] = {ring(dialect(), 9), i + 1};
        return encode_any(codec(), out);
    }
    Buffer join(std::vector<NodeId> proc, std::vector<NodeId> failed) const {
        Join out;
        out.system_from = node(dialect(), 1);
        for (const NodeId id : proc)
            out.proc_list.push_back(node(dialect(), id));
        for (const NodeId id : failed)
            out.failed_list.push_back(node(dialect(), id));
        return encode_any(codec(), out);
    }
    Buffer commit(std::vector<NodeId> members) const {
        CommitToken out;
        out.ring = ring(dialect(), 9);
        for (const NodeId id : members)
            out.members.push_back(node(dialect(), id));
        out.entries.resize(members.size());
        if (!members.empty()) out.entries[0].ring = ring(dialect(), 5);
        return encode_any(codec(), out);
    }

    std::size_t rtr_count_offset() const { return sizes().token - 4; }
    std::size_t proc_count_offset() const { return sizes().header + sizes().identity; }
    std::size_t failed_count_offset() const { return proc_count_offset() + 4; }
    std::size_t member_count_offset() const { return sizes().commit_token - 4; }
    std::size_t memb_index_offset() const { return sizes().commit_token - 8; }

    static void put32(Buffer& packet, std::size_t offset, std::uint32_t value) {
        Writer(MutableBytes(packet).subspan(offset), kNativeOrder).u32(value);
    }

    Drop drop_of(Bytes packet) const {
        AnyPacket out;
        return decode_any(codec(), packet, out);
    }
};

INSTANTIATE_TEST_SUITE_P(Dialects, Malformed, testing::Values(Dialect::v2, Dialect::v3),
                         [](const auto& instance) { return instance.param == Dialect::v2 ? "v2" : "v3"; });

// The cut packet lies at the end of an allocation, so that the sanitizers see a read past it.
TEST_P(Malformed, TruncatedPacketsOfEveryTypeAtEveryLength) {
    std::map<PacketType, Buffer> longest;
    for (const test::Capture& capture : test::plain_captures()) {
        if (capture.dialect != dialect()) continue;
        for (test::Datagram& datagram : capture.datagrams()) {
            Bytes message;
            Header header;
            ASSERT_EQ(crypto::make_plain_suite(dialect())->open(datagram.payload, message), crypto::Reject::none);
            ASSERT_EQ(codec().decode(message, header), Drop::none);
            Buffer& kept = longest[header.type];
            if (message.size() > kept.size()) kept.assign(message.begin(), message.end());
        }
    }
    ASSERT_EQ(longest.size(), v2() ? 8u : 6u);
    for (const auto& [type, packet] : longest) {
        ASSERT_EQ(drop_of(packet), Drop::none);
        // An mcast has no length of its own beyond the fixed part.
        const std::size_t least = type == PacketType::mcast ? sizes().mcast : packet.size();
        for (std::size_t length = 0; length < least; ++length) {
            const Buffer cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length));
            const Drop expected = length < sizes().header ? Drop::too_short_header : Drop::too_short;
            ASSERT_EQ(drop_of(cut), expected) << "type " << static_cast<int>(type) << " length " << length;
        }
    }
}

// Upstream bug class: a commit token below its fixed part passed the length check.
TEST_P(Malformed, CommitTokenShorterThanItsFixedPart) {
    const Buffer whole = commit({});
    ASSERT_EQ(whole.size(), sizes().commit_token);
    for (std::size_t length = sizes().header; length < sizes().commit_token; ++length) {
        EXPECT_EQ(drop_of(Bytes(whole).first(length)), Drop::too_short) << length;
    }
    EXPECT_EQ(drop_of(whole), Drop::none);
}

TEST_P(Malformed, JoinListCountsThatWrapWhenAdded) {
    Buffer packet = join({1, 2}, {});
    put32(packet, proc_count_offset(), 0xFFFFFFFF);
    put32(packet, failed_count_offset(), 3);  // sum modulo 2^32: 2
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
    put32(packet, proc_count_offset(), 3);
    put32(packet, failed_count_offset(), 0xFFFFFFFF);
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
    put32(packet, proc_count_offset(), 0x80000000);
    put32(packet, failed_count_offset(), 0x80000002);
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
}

// N such that N * sizeof(identity) is small modulo 2^32.
TEST_P(Malformed, JoinListCountThatWrapsWhenMultiplied) {
    Buffer packet = join({1, 2}, {});
    const auto wrapping = static_cast<std::uint32_t>((std::uint64_t{1} << 32) / sizes().identity + 1);
    put32(packet, proc_count_offset(), wrapping);
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
    put32(packet, proc_count_offset(), 0);
    put32(packet, failed_count_offset(), wrapping);
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
}

TEST_P(Malformed, CommitTokenCountThatWrapsWhenMultiplied) {
    Buffer packet = commit({1, 2});
    const std::size_t per_member = sizes().identity + sizes().commit_entry;
    put32(packet, member_count_offset(), static_cast<std::uint32_t>((std::uint64_t{1} << 32) / per_member + 1));
    EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
}

TEST_P(Malformed, CommitTokenNegativeMemberCount) {
    Buffer packet = commit({1, 2});
    for (const std::uint32_t count : {0xFFFFFFFFu, 0x80000000u}) {
        put32(packet, member_count_offset(), count);
        EXPECT_EQ(drop_of(packet), Drop::too_many_nodes);
    }
}

TEST_P(Malformed, MoreNodesThanTheLimit) {
    const auto list_of = [&](std::size_t first, std::size_t count) {
        std::vector<Identity> out;
        for (std::size_t i = first; i < first + count; ++i) {
            Identity id = Identity::v3(static_cast<NodeId>(i));
            if (v2()) id.addr[0] = *parse_address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
            out.push_back(id);
        }
        return out;
    };
    Join packet;
    packet.system_from = node(dialect(), 1);
    packet.proc_list = list_of(1, kMaxNodes + 1);
    EXPECT_EQ(drop_of(encode_any(codec(), packet)), Drop::too_many_nodes);
    // The limit holds for the nodes named, not for each list.
    packet.proc_list = list_of(1, kMaxNodes);
    packet.failed_list = list_of(1, kMaxNodes);
    EXPECT_EQ(drop_of(encode_any(codec(), packet)), Drop::none);
    packet.failed_list = list_of(kMaxNodes + 1, 1);
    EXPECT_EQ(drop_of(encode_any(codec(), packet)), Drop::too_many_nodes);

    CommitToken token;
    token.ring = ring(dialect(), 9);
    token.members = list_of(1, kMaxNodes + 1);
    token.entries.resize(kMaxNodes + 1);
    EXPECT_EQ(drop_of(encode_any(codec(), token)), Drop::too_many_nodes);
}

// Counts announce more than the datagram holds.
TEST_P(Malformed, ListsLongerThanThePacket) {
    Buffer packet = join({1, 2}, {3});
    put32(packet, failed_count_offset(), 2);
    EXPECT_EQ(drop_of(packet), Drop::too_short);
    packet = join({1, 2}, {3});
    put32(packet, proc_count_offset(), 384);
    EXPECT_EQ(drop_of(packet), Drop::too_short);
    packet = commit({1, 2});
    put32(packet, member_count_offset(), 3);
    EXPECT_EQ(drop_of(packet), Drop::too_short);
    packet = token(2);
    put32(packet, rtr_count_offset(), 3);
    EXPECT_EQ(drop_of(packet), Drop::too_short);
}

TEST_P(Malformed, OversizedRetransmitList) {
    EXPECT_EQ(drop_of(token(30)), Drop::none);
    Buffer packet = token(30);
    packet.resize(packet.size() + 1000 * sizes().rtr_item, 0);  // all entries present
    for (const std::uint32_t count : {31u, 1000u, 0x10000000u, 0x7FFFFFFFu}) {
        put32(packet, rtr_count_offset(), count);
        EXPECT_EQ(drop_of(packet), Drop::bad_rtr_count) << count;
    }
}

TEST_P(Malformed, NegativeRetransmitCount) {
    Buffer packet = token(0);
    for (const std::uint32_t count : {0xFFFFFFFFu, 0x80000000u, 0xF0000000u}) {
        put32(packet, rtr_count_offset(), count);
        EXPECT_EQ(drop_of(packet), Drop::bad_rtr_count) << count;
    }
}

TEST_P(Malformed, CommitTokenIndexOutsideTheMembers) {
    Buffer packet = commit({1, 2});
    for (const std::uint32_t index : {0u, 1u, 2u}) {
        put32(packet, memb_index_offset(), index);
        EXPECT_EQ(drop_of(packet), Drop::none) << index;
    }
    for (const std::uint32_t index : {3u, 0xFFFFFFFFu, 0x80000000u, 0x7FFFFFFFu}) {
        put32(packet, memb_index_offset(), index);
        EXPECT_EQ(drop_of(packet), Drop::bad_index) << index;
    }
}

TEST_P(Malformed, NodeNamedTwice) {
    EXPECT_EQ(drop_of(join({1, 2, 3}, {3, 1})), Drop::none);  // once in each list is the rule
    EXPECT_EQ(drop_of(join({1, 2, 1}, {})), Drop::duplicate_node);
    EXPECT_EQ(drop_of(join({1, 2}, {3, 4, 3})), Drop::duplicate_node);
    EXPECT_EQ(drop_of(commit({2, 1, 2})), Drop::duplicate_node);
    EXPECT_EQ(drop_of(commit({3, 2, 1})), Drop::none);
}

// Other layers add a digest, and a configuration without digest must then still read the message.
TEST_P(Malformed, TrailingBytesAreAccepted) {
    for (Buffer packet : {token(2), join({1}, {2}), commit({1, 2})}) {
        AnyPacket plain, padded;
        ASSERT_EQ(decode_any(codec(), packet, plain), Drop::none);
        packet.resize(packet.size() + 20, 0xee);
        ASSERT_EQ(decode_any(codec(), packet, padded), Drop::none);
        EXPECT_TRUE(same_values(plain, padded));
    }
}

TEST_P(Malformed, UnknownType) {
    Buffer packet = token(0);
    for (unsigned type = v2() ? 8 : 6; type < 256; ++type) {
        packet[v2() ? 0 : 3] = static_cast<std::uint8_t>(type);
        EXPECT_EQ(drop_of(packet), Drop::wrong_type) << type;
    }
}

TEST_P(Malformed, DecoderOfAnotherType) {
    Join out;
    EXPECT_EQ(codec().decode(token(0), out), Drop::wrong_type);
    Token token_out;
    EXPECT_EQ(codec().decode(join({1}, {}), token_out), Drop::wrong_type);
    RingTest test_out;
    EXPECT_EQ(codec().decode(token(0), test_out), Drop::wrong_type);
}

TEST_P(Malformed, UnfilledCommitEntriesAreZero) {
    Buffer packet = commit({1, 2});
    const std::size_t second = packet.size() - sizes().commit_entry;
    // Garbage everywhere but in what says that nobody filled the entry.
    for (std::size_t i = second + (v2() ? 6 : 4); i < packet.size(); ++i)
        packet[i] = 0x5a;
    if (v2()) put32(packet, second, 77);
    CommitToken out;
    ASSERT_EQ(codec().decode(packet, out), Drop::none);
    EXPECT_FALSE(out.entries[0].unfilled());
    EXPECT_EQ(out.entries[1], CommitEntry{});
}

TEST(MalformedV3, MagicAndVersion) {
    const Codec codec(Dialect::v3);
    HoldCancel cancel, out;
    Buffer packet = encode_any(codec, cancel);
    ASSERT_EQ(codec.decode(packet, out), Drop::none);
    packet[2] = 2;
    EXPECT_EQ(codec.decode(packet, out), Drop::unsupported_version);
    packet[2] = 4;
    EXPECT_EQ(codec.decode(packet, out), Drop::unsupported_version);
    packet[0] ^= 1;
    EXPECT_EQ(codec.decode(packet, out), Drop::bad_magic);
}

// Section 6: whatever is not the own order's mark counts as the other order.
TEST(MalformedV2, AnyOtherEndianDetectorMeansTheOtherOrder) {
    const Codec codec(Dialect::v2);
    Header out;
    const Buffer packet{3, 0, 0x12, 0x34, 0, 0, 0, 5};
    ASSERT_EQ(codec.decode(packet, out), Drop::none);
    EXPECT_EQ(out.order, opposite(kNativeOrder));
    EXPECT_EQ(out.nodeid, kNativeOrder == ByteOrder::little ? 5u : 0x05000000u);
}

class MalformedAddress : public testing::Test {
protected:
    static constexpr std::size_t kIdentity = 8;  // of system_from, right behind the header
    static constexpr std::size_t kFamily0 = 1 + 4, kFamily1 = 1 + 22 + 4;

    Drop drop_of(Buffer packet, std::size_t offset, std::uint16_t family) const {
        Writer(MutableBytes(packet).subspan(offset), kNativeOrder).u16(family);
        AnyPacket out;
        return decode_any(codec_, packet, out);
    }
    // Families a ring id or first address may have, and those only.
    void expect_ip_only(const Buffer& packet, std::size_t offset) const {
        EXPECT_EQ(drop_of(packet, offset, 2), Drop::none) << offset;
        EXPECT_EQ(drop_of(packet, offset, 10), Drop::none) << offset;
        for (const int family : {0, 1, 3, 9, 11, 0x0200, 0x0a00, 0xffff}) {
            EXPECT_EQ(drop_of(packet, offset, static_cast<std::uint16_t>(family)), Drop::corrupted_address)
                << offset << " family " << family;
        }
    }
    void expect_identity_checked(const Buffer& packet, std::size_t offset) const {
        expect_ip_only(packet, offset + kFamily0);
        EXPECT_EQ(drop_of(packet, offset + kFamily1, 0), Drop::none);
        EXPECT_EQ(drop_of(packet, offset + kFamily1, 10), Drop::none);
        EXPECT_EQ(drop_of(packet, offset + kFamily1, 1), Drop::corrupted_address);
        AnyPacket out;
        for (const int count : {0, 3, 255}) {
            Buffer broken = packet;
            broken[offset] = static_cast<std::uint8_t>(count);
            EXPECT_EQ(decode_any(codec_, broken, out), Drop::corrupted_address) << "no_addrs " << count;
        }
    }

    Codec codec_{Dialect::v2};
};

TEST_F(MalformedAddress, InAToken) {
    Token token;
    token.ring = ring(Dialect::v2, 9);
    token.rtr_count = 2;
    token.rtr[0] = token.rtr[1] = {token.ring, 1};
    const Buffer packet = encode_any(codec_, token);
    expect_ip_only(packet, 24 + 4);
    expect_ip_only(packet, 70 + 4);
    expect_ip_only(packet, 70 + 34 + 4);
}

TEST_F(MalformedAddress, InAnMcast) {
    Mcast mcast;
    mcast.system_from = node(Dialect::v2, 1);
    mcast.ring = ring(Dialect::v2, 9);
    const Buffer packet = encode_any(codec_, mcast);
    expect_identity_checked(packet, kIdentity);
    expect_ip_only(packet, 61 + 4);
}

TEST_F(MalformedAddress, InAMergeDetect) {
    MergeDetect merge;
    merge.system_from = node(Dialect::v2, 1);
    merge.ring = ring(Dialect::v2, 9);
    const Buffer packet = encode_any(codec_, merge);
    expect_identity_checked(packet, kIdentity);
    expect_ip_only(packet, 53 + 4);
}

TEST_F(MalformedAddress, InAJoin) {
    Join join;
    join.system_from = node(Dialect::v2, 1);
    join.proc_list = {node(Dialect::v2, 1), node(Dialect::v2, 2)};
    join.failed_list = {node(Dialect::v2, 3)};
    const Buffer packet = encode_any(codec_, join);
    expect_identity_checked(packet, kIdentity);
    for (std::size_t i = 0; i < 3; ++i)
        expect_identity_checked(packet, 69 + 45 * i);
}

TEST_F(MalformedAddress, InACommitToken) {
    CommitToken commit;
    commit.ring = ring(Dialect::v2, 9);
    commit.members = {node(Dialect::v2, 1), node(Dialect::v2, 2)};
    commit.entries = {{ring(Dialect::v2, 5), 1, 1, 1}, {ring(Dialect::v2, 6), 1, 1, 1}};
    const Buffer packet = encode_any(codec_, commit);
    expect_ip_only(packet, 12 + 4);
    for (std::size_t i = 0; i < 2; ++i)
        expect_identity_checked(packet, 54 + 45 * i);
    const std::size_t entry_family = 54 + 90 + 42 + 4;
    EXPECT_EQ(drop_of(packet, entry_family, 0), Drop::none);  // not filled yet
    EXPECT_EQ(drop_of(packet, entry_family, 10), Drop::none);
    EXPECT_EQ(drop_of(packet, entry_family, 1), Drop::corrupted_address);
}

TEST_F(MalformedAddress, InAHoldCancel) {
    HoldCancel cancel;
    cancel.ring = ring(Dialect::v2, 9);
    expect_ip_only(encode_any(codec_, cancel), 8 + 4);
}

// no_addrs 1 is legal; what stands in the second slot then means nothing.
TEST_F(MalformedAddress, SecondSlotIgnoredWhenOnlyOneAddressIsAnnounced) {
    MergeDetect merge, out;
    merge.system_from = node(Dialect::v2, 1);
    merge.ring = ring(Dialect::v2, 9);
    Buffer packet = encode_any(codec_, merge);
    packet[kIdentity] = 1;
    for (std::size_t i = 0; i < 22; ++i)
        packet[kIdentity + 23 + i] = 0x5a;
    ASSERT_EQ(codec_.decode(packet, out), Drop::none);
    EXPECT_EQ(out.system_from.addr[1], NodeAddress{});
    EXPECT_EQ(encode_any(codec_, out)[kIdentity], 2);
}

TEST(MalformedV2, RingTest) {
    const Codec codec(Dialect::v2);
    RingTest test, out;
    const Buffer packet = encode_any(codec, test);
    ASSERT_EQ(packet.size(), 12u);
    for (std::size_t length = 8; length < 12; ++length) {
        EXPECT_EQ(codec.decode(Bytes(packet).first(length), out), Drop::too_short);
    }
    EXPECT_EQ(codec.decode(packet, out), Drop::none);
}

TEST(Drops, HaveTexts) {
    EXPECT_EQ(describe(Drop::none), "");
    std::vector<std::string_view> texts;
    for (int i = 1; i <= static_cast<int>(Drop::bad_index); ++i) {
        const std::string_view text = describe(static_cast<Drop>(i));
        EXPECT_FALSE(text.empty());
        for (const std::string_view other : texts)
            EXPECT_NE(text, other);
        texts.push_back(text);
    }
}

}  // namespace
}  // namespace totem::wire
