// Sizes, queriers, bridges, and what qualifiers tell each other. Spec omping.md sections 14.2 and 14.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/omping/support.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/omping/qualify/exchange.hpp"
#include "tools/omping/qualify/igmp.hpp"
#include "tools/omping/qualify/mtu.hpp"

namespace tools::omping::qualify {
namespace {

using testing::ElementsAre;
using totem::test::from_hex;

unsigned probes_for(unsigned passing, std::optional<unsigned>& found) {
    SizeSearch search(548, 1472);
    unsigned probes = 0;
    while (const auto size = search.next()) {
        search.result(*size <= passing);
        EXPECT_LE(++probes, 12u);
    }
    found = search.found();
    return probes;
}

TEST(SizeSearch, FindsEveryLimit) {
    std::optional<unsigned> found;
    EXPECT_EQ(probes_for(1472, found), 1u) << "the greatest mostly passes";
    EXPECT_EQ(found, 1472u);
    for (const unsigned passing : {548u, 549u, 1000u, 1252u, 1471u}) {
        probes_for(passing, found);
        EXPECT_EQ(found, passing);
    }
    probes_for(547, found);
    EXPECT_FALSE(found);
}

TEST(Ladder, HasTheSizesOfTheEngine) {
    EXPECT_THAT(ladder_sizes(1500, false), ElementsAre(1400, 1472, 1473, 4000, 8972, 9000));
    EXPECT_THAT(ladder_sizes(1500, true), ElementsAre(1400, 1452, 1472, 1473, 4000, 8972, 9000));
    EXPECT_THAT(ladder_sizes(9000, false), ElementsAre(1400, 1472, 1473, 4000, 8972, 9000));
}

// --- queriers

std::string ip(const std::string& protocol, const std::string& payload, const std::string& total) {
    return "46c0" + total + "000040000 1" + protocol + "0000 0a000001 e0000001 94040000" + payload;
}

TEST(MembershipQueries, OfIgmp) {
    const auto third = parse_membership_query(from_hex(ip("02", "11 64 0000 00000000 027d0000", "0024")));
    ASSERT_TRUE(third);
    EXPECT_EQ(third->querier, address("10.0.0.1"));
    EXPECT_EQ(third->version, 3);
    EXPECT_FALSE(third->group);
    EXPECT_EQ(parse_membership_query(from_hex(ip("02", "11 64 0000 00000000", "0020")))->version, 2);
    EXPECT_EQ(parse_membership_query(from_hex(ip("02", "11 00 0000 00000000", "0020")))->version, 1);
    const auto asked = parse_membership_query(from_hex(ip("02", "11 0a 0000 efff2b15", "0020")));
    EXPECT_EQ(asked->group, address("239.255.43.21"));
    EXPECT_EQ(parse_membership_query(from_hex(ip("02", "11 64 0000 00000000 00000000", "0020")))->version, 2)
        << "what follows is padding of the frame";
    EXPECT_FALSE(parse_membership_query(from_hex(ip("02", "16 00 0000 e0000001", "0020")))) << "a report";
    EXPECT_FALSE(parse_membership_query(from_hex(ip("11", "11 64 0000 00000000", "0020")))) << "not IGMP";
}

TEST(MembershipQueries, OfMld) {
    const std::string header =
        "60000000 0024 00 01 fe800000000000000000000000000001 ff020000000000000000000000000001 3a00 0502 0000 0100";
    const std::string query = "82 00 0000 2710 0000 00000000000000000000000000000000";
    const auto second = parse_membership_query(from_hex(header + query + "027d0000"));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->querier, address("fe80::1"));
    EXPECT_EQ(second->version, 2);
    EXPECT_FALSE(second->group);
    EXPECT_EQ(parse_membership_query(from_hex(header + query))->version, 1);
}

TEST(MembershipQueries, CutAnywhereAreNone) {
    for (const std::string& whole : {ip("02", "11 64 0000 00000000", "0020")}) {
        const auto bytes = from_hex(whole);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            EXPECT_FALSE(parse_membership_query(totem::Bytes(bytes).first(size))) << size;
    }
}

TEST(Queriers, AreKeptByAddress) {
    IgmpResult igmp;
    note_query(igmp, {address("10.0.0.1"), 3, {}}, 1);
    note_query(igmp, {address("10.0.0.1"), 3, {}}, 126);
    note_query(igmp, {address("10.0.0.2"), 2, address("239.1.1.1")}, 2);
    ASSERT_EQ(igmp.queriers.size(), 2u);
    EXPECT_THAT(igmp.queriers[0].general_s, ElementsAre(1, 126));
    EXPECT_EQ(igmp.queriers[1].specific, 1u);
}

TEST(Bridges, OfASystem) {
    const totem::test::TemporaryDirectory root;
    namespace fs = std::filesystem;
    const fs::path net = fs::path(root.path()) / "class/net";
    const auto bridge = [&](const std::string& name, int snooping, int querier) {
        fs::create_directories(net / name / "bridge");
        std::ofstream(net / name / "bridge/multicast_snooping") << snooping << "\n";
        std::ofstream(net / name / "bridge/multicast_querier") << querier << "\n";
    };
    bridge("vmbr0", 1, 0);
    bridge("vmbr1", 1, 1);
    fs::create_directories(net / "eno1");
    fs::create_directory_symlink("../vmbr0", net / "eno1/master");
    const auto found = find_bridges("eno1", root.path());
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].name, "vmbr0");
    EXPECT_TRUE(found[0].snooping && !found[0].querier && found[0].ours);
    EXPECT_TRUE(found[1].snooping && found[1].querier && !found[1].ours);
    EXPECT_TRUE(find_bridges("vmbr1", root.path())[1].ours);
    EXPECT_TRUE(find_bridges("eth0", "/nonexistent").empty());
    IgmpResult igmp;
    igmp.bridges = found;
    ASSERT_NE(igmp.snooping_bridge(), nullptr);
    EXPECT_EQ(igmp.snooping_bridge()->name, "vmbr0");
}

// --- exchange

TEST(Exchange, BackAndForth) {
    for (const char* text : {"10.0.0.2", "fd00::2"}) {
        PairReport report{address(text), 1, 2, 3, 4, 5, 6, 7, 8, 9, 4000000000u};
        EXPECT_EQ(decode_report(encode(report)), report);
        Datagram cut = encode(report);
        cut.pop_back();
        EXPECT_FALSE(decode_report(cut));
        cut[0] = 9;
        EXPECT_FALSE(decode_report(cut));
    }
    EXPECT_TRUE(decode_presence(encode(Presence{true}))->done);
    EXPECT_FALSE(decode_presence(encode(Presence{false}))->done);
    EXPECT_FALSE(decode_presence({}));
    EXPECT_FALSE(decode_report({}));
}

}  // namespace
}  // namespace tools::omping::qualify
