// Identities, ring ids and their text forms, totem-wire.md sections 3.1 to 3.3.

#include "totem/wire/types.hpp"

#include <gtest/gtest.h>

#include "totem/wire/derivation.hpp"

namespace totem {
namespace {

NodeAddress address(const char* text, NodeId nodeid = 0) {
    return *wire::parse_address(text, nodeid);
}
Identity node(const char* text, NodeId nodeid = 0) {
    return {nodeid, {address(text, nodeid), {}}};
}

TEST(NodeAddress, ComparesWithoutTheNodeId) {
    EXPECT_TRUE(address("10.77.0.1", 1).same_address(address("10.77.0.1", 2)));
    EXPECT_FALSE(address("10.77.0.1", 1).same_address(address("10.77.0.2", 1)));
    EXPECT_FALSE(address("10.77.0.1") == address("10.77.0.1", 1));
}

TEST(NodeAddress, ComparesSignificantBytesOnly) {
    NodeAddress padded = address("10.77.0.1");
    padded.bytes[4] = 1;
    EXPECT_TRUE(padded.same_address(address("10.77.0.1")));
    NodeAddress six = address("fd00::1");
    six.bytes[15] = 2;
    EXPECT_FALSE(six.same_address(address("fd00::1")));
}

TEST(NodeAddress, FamiliesDiffer) {
    NodeAddress four = address("10.77.0.1");
    NodeAddress six = four;
    six.family = NodeAddress::kIpv6;
    EXPECT_FALSE(four.same_address(six));
    EXPECT_TRUE(NodeAddress{}.same_address(NodeAddress{}));
}

TEST(NodeAddress, Text) {
    EXPECT_EQ(address("10.77.0.1").text(), "10.77.0.1");
    EXPECT_EQ(address("fd00:0:0::0:1").text(), "fd00::1");
    EXPECT_EQ(NodeAddress{}.text(), "");
}

TEST(Identity, V2IsTheRingZeroAddress) {
    EXPECT_EQ(node("10.77.0.1", 1), node("10.77.0.1", 0));
    EXPECT_NE(node("10.77.0.1", 1), node("10.77.0.2", 1));
    Identity two_rings = node("10.77.0.1");
    two_rings.addr[1] = address("10.78.0.1");
    EXPECT_EQ(two_rings, node("10.77.0.1"));
}

TEST(Identity, V2OrdersByAddressNotByNodeId) {
    EXPECT_LT(node("10.77.0.1", 9), node("10.77.0.2", 1));
    // Numerically by the big-endian value, so the first byte weighs most and is unsigned.
    EXPECT_LT(node("10.77.0.200"), node("10.78.0.1"));
    EXPECT_LT(node("10.0.0.1"), node("192.168.0.1"));
    EXPECT_LT(node("fd00::1"), node("fd00::2"));
    EXPECT_LT(node("fd00::ffff"), node("fe80::1"));
}

TEST(Identity, V3IsTheNodeId) {
    EXPECT_EQ(Identity::v3(5), Identity::v3(5));
    EXPECT_LT(Identity::v3(5), Identity::v3(0x80000000u));
}

TEST(Identity, Text) {
    EXPECT_EQ(node("10.77.0.1", 1).text(), "10.77.0.1");
    EXPECT_EQ(Identity::v3(4000000000u).text(), "4000000000");
}

TEST(RingId, EqualOnlyWithAllBytes) {
    const RingId ring{address("10.77.0.1", 1), 9};
    EXPECT_EQ(ring, (RingId{address("10.77.0.1", 1), 9}));
    EXPECT_NE(ring, (RingId{address("10.77.0.1", 2), 9}));
    EXPECT_NE(ring, (RingId{address("10.77.0.1", 1), 10}));
    RingId padded = ring;
    padded.rep.bytes[15] = 1;
    EXPECT_NE(ring, padded);
    EXPECT_FALSE(ring.is_zero());
    EXPECT_TRUE(RingId{}.is_zero());
}

TEST(RingId, Text) {
    EXPECT_EQ((RingId{address("10.77.0.1", 1), 13}).text(Dialect::v2), "10.77.0.1:13");
    RingId ring;
    ring.rep.nodeid = 1;
    ring.seq = 13;
    EXPECT_EQ(ring.text(Dialect::v3), "1.d");
    ring.rep.nodeid = 0xAC100509;
    ring.seq = 0x123456789abcdef0;
    EXPECT_EQ(ring.text(Dialect::v3), "ac100509.123456789abcdef0");
}

TEST(CommitEntry, Unfilled) {
    wire::CommitEntry entry;
    EXPECT_TRUE(entry.unfilled());
    entry.ring.rep.nodeid = 1;
    EXPECT_FALSE(entry.unfilled());
    entry.ring.rep = address("10.77.0.1");
    EXPECT_FALSE(entry.unfilled());
}

}  // namespace
}  // namespace totem
