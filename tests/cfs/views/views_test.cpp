#include "cfs/views/views.hpp"

#include <gtest/gtest.h>

namespace cfs::views {
namespace {

// The texts are those of pmxcfs.md 11.1 to 11.3.

TEST(Views, VersionOfTwoNodes) {
    const std::vector<TrackedFiles::File> files = {{"corosync.conf", 1}, {"priv/tfa.cfg", 7}};
    Versions versions{1795362387, 5, 2, files, {}};
    versions.nodes = {{"node1", {{"tasklist", 0}}}, {"node2", {{"rest", 1}, {"tasklist", 3}}}};
    EXPECT_EQ(version(versions),
              "{\n\"starttime\": 1795362387,\n\"clinfo\": 5,\n\"vmlist\": 2,\n"
              "\"corosync.conf\": 1,\n\"priv/tfa.cfg\": 7,\n"
              "\"kvstore\": {\n"
              "\"node1\": {\n\"tasklist\": 0}\n,\n"
              "\"node2\": {\n\"rest\": 1,\n\"tasklist\": 3}\n"
              "}\n}\n");
}

TEST(Views, VersionWithoutKeys) {
    Versions versions{10, 0, 0, {}, {}};
    versions.nodes = {{"node1", {}}};
    EXPECT_EQ(version(versions),
              "{\n\"starttime\": 10,\n\"clinfo\": 0,\n\"vmlist\": 0,\n\"kvstore\": {\n\"node1\": {\n}\n}\n}\n");
}

TEST(Views, VersionHasTheFilesOfItsEra) {
    TrackedFiles tracked(Era::p5);
    tracked.count_all();
    const std::string text = version({0, 0, 0, tracked.all(), {{"n", {}}}});
    EXPECT_NE(text.find("\"vmlist\": 0,\n\"corosync.conf\": 1,\n\"corosync.conf.new\": 1,\n\"storage.cfg\": 1,\n"),
              std::string::npos);
    EXPECT_NE(text.find("\"ceph.conf\": 1,\n\"kvstore\": {\n"), std::string::npos);
}

TEST(Views, MembersWithoutCluster) {
    EXPECT_EQ(members("node1", 0, std::nullopt), "{\n\"nodename\": \"node1\",\n\"version\": 0\n}\n");
}

TEST(Views, MembersOfACluster) {
    Cluster cluster{"testcl", 3, true, {}};
    cluster.members = {{"node1", 1, true, "10.77.0.1"}, {"node2", 2, true, "10.77.0.2"}, {"node3", 3, false, {}}};
    EXPECT_EQ(members("node1", 5, cluster),
              "{\n\"nodename\": \"node1\",\n\"version\": 5,\n"
              "\"cluster\": { \"name\": \"testcl\", \"version\": 3, \"nodes\": 3, \"quorate\": 1 },\n"
              "\"nodelist\": {\n"
              "  \"node1\": { \"id\": 1, \"online\": 1, \"ip\": \"10.77.0.1\"},\n"
              "  \"node2\": { \"id\": 2, \"online\": 1, \"ip\": \"10.77.0.2\"},\n"
              "  \"node3\": { \"id\": 3, \"online\": 0}\n"
              "  }\n}\n");
}

TEST(Views, GuestsNone) {
    EXPECT_EQ(guests(Guests()), "{\n\"version\": 0\n\n}\n");
}

TEST(Views, GuestsOfTwoKinds) {
    Guests list;
    list.set(*guest_path("nodes/node1/lxc/101.conf"));
    list.set(*guest_path("nodes/node1/qemu-server/100.conf"));
    EXPECT_EQ(guests(list),
              "{\n\"version\": 2,\n\"ids\": {\n"
              "\"100\": { \"node\": \"node1\", \"type\": \"qemu\", \"version\": 2 },\n"
              "\"101\": { \"node\": \"node1\", \"type\": \"lxc\", \"version\": 1 }}\n\n}\n");
}

}  // namespace
}  // namespace cfs::views
