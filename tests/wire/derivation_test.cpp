// The vectors of totem-wire.md sections 8, 10 and 11.

#include "totem/wire/derivation.hpp"

#include <gtest/gtest.h>

namespace totem::wire {
namespace {

struct GroupVector {
    const char* cluster_name;
    unsigned ring;
    std::uint16_t id;
    const char* ipv4;
    const char* ipv6;
};

constexpr GroupVector kGroups[] = {
    {"a", 0, 0x0061, "239.192.0.97", "ff15::61"},
    {"pve", 0, 0x0311, "239.192.3.20", "ff15::311"},
    {"pve", 1, 0x0312, "239.192.3.21", "ff15::312"},
    {"pmx", 0, 0x0312, "239.192.3.21", "ff15::312"},
    {"debian", 0, 0x18b4, "239.192.24.204", "ff15::18b4"},
    {"wiretg", 0, 0x1be3, "239.192.27.254", "ff15::1be3"},
    {"cluster", 0, 0x3434, "239.192.52.104", "ff15::3434"},
    {"Cluster-01", 0, 0x62e5, "239.192.98.72", "ff15::62e5"},
    {"corosync", 0, 0x692b, "239.192.105.148", "ff15::692b"},
    {"testcluster", 0, 0x7b34, "239.192.123.175", "ff15::7b34"},
    {"mycluster", 0, 0xddb4, "239.192.221.146", "ff15::ddb4"},
    {"abcdefghijklmnopqrstuvwxyz", 0, 0xff84, "239.192.255.132", "ff15::ff84"},
};

TEST(Derivation, MulticastGroups) {
    for (const GroupVector& vector : kGroups) {
        EXPECT_EQ(cluster_id(vector.cluster_name, vector.ring), vector.id) << vector.cluster_name;
        EXPECT_EQ(multicast_ipv4(vector.cluster_name, vector.ring), vector.ipv4) << vector.cluster_name;
        EXPECT_EQ(multicast_ipv6(vector.cluster_name, vector.ring), vector.ipv6) << vector.cluster_name;
    }
}

TEST(Derivation, ClusterIdWrapsAndIsSigned) {
    EXPECT_EQ(cluster_id("", 0), 0);
    // 0xff is -1 on x86, so "\xff" is 0xffff, and the next ring wraps to 0.
    EXPECT_EQ(cluster_id("\xff", 0), 0xffff);
    EXPECT_EQ(cluster_id("\xff", 1), 0);
    EXPECT_EQ(cluster_id(std::string(1000, 'z'), 0), cluster_id(std::string(1001, 'z'), 0));
}

TEST(Derivation, DefaultPorts) {
    EXPECT_EQ(default_port(Dialect::v2, 0, false), 5405);
    EXPECT_EQ(default_port(Dialect::v2, 1, false), 5405);
    EXPECT_EQ(default_port(Dialect::v2, 1, true), 5407);
    EXPECT_EQ(default_port(Dialect::v3, 0, false), 5405);
    EXPECT_EQ(default_port(Dialect::v3, 1, false), 5406);
    EXPECT_EQ(default_port(Dialect::v3, 1, true), 5407);
}

TEST(Derivation, AutomaticNodeIds) {
    struct {
        const char* address;
        NodeId plain, cleared;
    } const vectors[] = {
        {"10.0.0.1", 167772161, 167772161},        {"10.77.0.1", 172818433, 172818433},
        {"172.16.5.9", 2886731017, 739247369},     {"192.168.1.1", 3232235777, 1084752129},
        {"203.0.113.254", 3405804030, 1258320382},
    };
    for (const auto& vector : vectors) {
        const auto address = parse_address(vector.address);
        ASSERT_TRUE(address) << vector.address;
        EXPECT_EQ(automatic_nodeid(*address, false), vector.plain) << vector.address;
        EXPECT_EQ(automatic_nodeid(*address, true), vector.cleared) << vector.address;
    }
    EXPECT_EQ(automatic_nodeid(*parse_address("fd00::1"), false), std::nullopt);
    EXPECT_EQ(automatic_nodeid(NodeAddress{}, false), std::nullopt);
}

TEST(Derivation, ParsesAddresses) {
    const auto v4 = parse_address("10.77.0.1", 7);
    ASSERT_TRUE(v4);
    EXPECT_EQ(v4->nodeid, 7u);
    EXPECT_EQ(v4->family, NodeAddress::kIpv4);
    EXPECT_EQ(v4->bytes, (std::array<std::uint8_t, 16>{10, 77, 0, 1}));
    const auto v6 = parse_address("fd00::1");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->family, NodeAddress::kIpv6);
    EXPECT_EQ(v6->bytes[0], 0xfd);
    EXPECT_EQ(v6->bytes[15], 1);
    for (const std::string_view bad :
         {"", "node1", "10.77.0", "10.77.0.256", "10.77.0.1 ", "fd00::1%eth0", "::ffff::1", "1.2.3.4.5"}) {
        EXPECT_FALSE(parse_address(bad)) << bad;
    }
    EXPECT_FALSE(parse_address(std::string_view("10.77.0.1\0x", 11)));
}

TEST(Derivation, LargestPgPacketOf3x) {
    FrameBudget budget{.dialect = Dialect::v3, .crypto_overhead = 0};
    EXPECT_EQ(max_pg_packet(budget), 1410u);
    // Neither addresses nor rings matter: upstream subtracts no IP header there.
    budget.rings = 2;
    budget.ipv6 = true;
    EXPECT_EQ(max_pg_packet(budget), 1410u);
    budget.netmtu = 9000;
    EXPECT_EQ(max_pg_packet(budget), 8910u);
    // With a protection of ours the whole datagram fits the network.
    EXPECT_EQ(max_pg_packet({.dialect = Dialect::v3, .crypto_overhead = 44}), 1500u - 90 - 44 - 28);
}

TEST(Derivation, LargestPgPacketOf2x) {
    struct {
        std::size_t overhead, ipv4, ipv6, two_rings;
    } const vectors[] = {
        {4, 1270, 1250, 1238},  {24, 1250, 1230, 1198}, {36, 1238, 1218, 1174},  {68, 1206, 1186, 1110},
        {72, 1202, 1182, 1102}, {84, 1190, 1170, 1078}, {116, 1158, 1138, 1014},
    };
    for (const auto& vector : vectors) {
        FrameBudget budget{.dialect = Dialect::v2, .crypto_overhead = vector.overhead};
        EXPECT_EQ(max_pg_packet(budget), vector.ipv4) << vector.overhead;
        budget.rings = 2;
        EXPECT_EQ(max_pg_packet(budget), vector.two_rings) << vector.overhead;
        budget.rings = 1;
        budget.ipv6 = true;
        EXPECT_EQ(max_pg_packet(budget), vector.ipv6) << vector.overhead;
    }
}

TEST(Derivation, AnMtuWithoutRoomLeavesNothing) {
    EXPECT_EQ(max_pg_packet({.dialect = Dialect::v2, .netmtu = 230}), 0u);
    EXPECT_EQ(max_pg_packet({.dialect = Dialect::v2, .netmtu = 231}), 1u);
    EXPECT_EQ(max_pg_packet({.dialect = Dialect::v3, .netmtu = 0}), 0u);
}

}  // namespace
}  // namespace totem::wire
