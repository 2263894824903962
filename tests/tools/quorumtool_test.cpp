#include "tools/quorumtool/text.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace tools::quorumtool {
namespace {

votequorum_info info(unsigned votes, unsigned flags) {
    votequorum_info result{};
    result.node_votes = votes;
    result.node_expected_votes = result.highest_expected = 3;
    result.total_votes = 2;
    result.quorum = 2;
    result.flags = flags;
    result.qdevice_votes = 1;
    std::strcpy(result.qdevice_name, "QDEVICE");
    return result;
}

Picture picture(unsigned flags) {
    Picture result;
    result.provider = "corosync_votequorum";
    result.votequorum = true;
    result.quorate = (flags & VOTEQUORUM_INFO_QUORATE) != 0;
    result.own = 1;
    result.ring_node = 1;
    result.ring_seq = 12;
    result.info = info(1, flags);
    result.rows = {{1, "alpha", true, info(1, flags)}, {2, "beta", false, info(1, flags & 63U)}};
    return result;
}

TEST(Status, OfBothDialects) {
    Picture shown = picture(VOTEQUORUM_INFO_QUORATE | VOTEQUORUM_INFO_TWONODE);
    const std::string text = status_text(shown, {}, 0);
    EXPECT_NE(text.find("Ring ID:          1.c\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Quorum:           2  \nFlags:            2Node Quorate \n\nMembership"), std::string::npos);
    EXPECT_NE(text.find("    Nodeid      Votes Name\n         1          1 alpha (local)\n"), std::string::npos);
    shown.dialect_2x = true;
    EXPECT_NE(status_text(shown, {}, 0).find("Ring ID:          1/12\n"), std::string::npos);
}

TEST(Status, BlockedAndHexadecimal) {
    const std::string text = status_text(picture(0), {.hexadecimal = true}, 0);
    EXPECT_NE(text.find("Quorum:           2 Activity blocked\nFlags:            \n"), std::string::npos) << text;
    EXPECT_NE(text.find("Node ID:          0x00000001\n"), std::string::npos);
    EXPECT_NE(text.find("0x00000002          1 beta\n"), std::string::npos);
}

TEST(Nodes, WithADevice) {
    const unsigned device = VOTEQUORUM_INFO_QDEVICE_REGISTERED | VOTEQUORUM_INFO_QDEVICE_ALIVE;
    EXPECT_EQ(nodes_text(picture(device | VOTEQUORUM_INFO_QDEVICE_CAST_VOTE), {}),
              "Membership information\n----------------------\n    Nodeid      Votes    Qdevice Name\n"
              "         1          1    A,V,NMW alpha (local)\n         2          1         NR beta\n"
              "         0          1            QDEVICE\n");
    EXPECT_NE(nodes_text(picture(device), {}).find("         0          0            QDEVICE (votes 1)\n"),
              std::string::npos);
}

TEST(Json, WithoutVotequorum) {
    Picture shown;
    shown.quorate = true;
    shown.rows = {{1, "alpha", true, std::nullopt}};
    const auto json = json_of(shown, 0);
    EXPECT_TRUE(json["provider"].is_null());
    EXPECT_TRUE(json["votequorum"].is_null());
    EXPECT_TRUE(json["nodes"][0]["votes"].is_null());
    EXPECT_NE(status_text(shown, {}, 0).find("Quorum provider:  Not configured\n"), std::string::npos);
}

}  // namespace
}  // namespace tools::quorumtool
