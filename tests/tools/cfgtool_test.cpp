#include <gtest/gtest.h>

#include <cstring>

#include "tools/cfgtool/rings.hpp"
#include "tools/cfgtool/status.hpp"

namespace tools::cfgtool {
namespace {

corosync_cfg_node_status_v1 node(unsigned id, bool reachable, const char* source, const char* destination = "") {
    corosync_cfg_node_status_v1 result{};
    result.nodeid = id;
    result.reachable = reachable ? 1 : 0;
    auto& link = result.link_status[0];
    link.enabled = 1;
    link.connected = result.reachable;
    link.mtu = 1446;
    std::strncpy(link.src_ipaddr, source, sizeof link.src_ipaddr - 1);
    std::strncpy(link.dst_ipaddr, destination, sizeof link.dst_ipaddr - 1);
    return result;
}

TEST(Links, LongAndBrief) {
    const ClusterStatus status{2, "udp", {}, {node(1, true, "a1"), node(2, true, "a2"), node(3, false, "a3")}};
    EXPECT_EQ(links_text(status, true), "LINK ID 0 \n\taddr\t= a3\n\tstatus\t= 3n1\n");
    EXPECT_EQ(links_text(status, false),
              "LINK ID 0 \n\taddr\t= a3\n\tstatus:\n\t\tnodeid:          1:\tconnected\n\t\tnodeid:          "
              "2:\tlocalhost\n\t\tnodeid:          3:\tdisconnected\n");
}

TEST(Links, AddressIsOfTheLastRemoteNode) {
    const ClusterStatus last{3, "udp", {}, {node(1, true, "a1"), node(2, true, "a2"), node(3, true, "a3")}};
    EXPECT_NE(links_text(last, true).find("addr\t= a2\n"), std::string::npos);
    const ClusterStatus alone{1, "udp", {}, {node(1, true, "a1")}};
    EXPECT_NE(links_text(alone, true).find("addr\t= a1\n"), std::string::npos);
}

TEST(Nodes, OnlyReachableRemoteOnes) {
    const ClusterStatus status{
        1, "knet", {{0, "udp"}}, {node(1, true, "a"), node(2, true, "a", "b"), node(3, false, "a")}};
    EXPECT_EQ(nodes_text(status), "nodeid: 2 reachable\n   LINK: 0 udp (a->b) enabled connected mtu: 1446\n\n");
    EXPECT_EQ(json_of(status)["nodes"][1]["links"][0]["destination"], "b");
}

TEST(Rings, OfAnOlderEngine) {
    const std::vector<Ring> rings = {{0, "10.77.1.1", "ring 0 active with no faults"}};
    EXPECT_EQ(rings_text(1, rings),
              "Printing ring status.\nLocal node ID 1\nRING ID 0\n\tid\t= 10.77.1.1\n\tstatus\t= ring 0 active with no "
              "faults\n");
    EXPECT_FALSE(any_faulty(rings));
    EXPECT_TRUE(any_faulty({{1, "x", "Marking ringid 1 interface x FAULTY"}}));
}

}  // namespace
}  // namespace tools::cfgtool
