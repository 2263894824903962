// What nodes tell each other about themselves (pmxcfs.md sections 11.2 and 13, pmxcfs-wire.md section 6).

#include "cfs/replica/status/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace cfs::replica {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct SentMessages final : Group {
    MemberId self() const override { return {1, 10}; }
    std::uint32_t lowest_node() const override { return 1; }
    void send(Now, std::uint16_t subtype, Bytes payload) override {
        sent.push_back({subtype, {payload.begin(), payload.end()}});
    }
    void send_update(Now, std::uint64_t, Bytes) override { FAIL(); }
    void send_update_complete(Now) override { FAIL(); }
    void report(Severity, std::string_view) override {}
    std::vector<std::pair<std::uint16_t, Buffer>> sent;
};

Buffer bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

class StatusTest : public testing::Test, protected StatusObserver {
protected:
    void report(Severity, std::string_view text) override { log.emplace_back(text); }
    Now now() const { return {1000, time}; }
    void know_cluster() { status.set_cluster({"testcl", 3, {{1, "node1"}, {2, "node2"}, {3, "node3"}}}); }
    void deliver(std::uint16_t subtype, const Buffer& payload, std::uint32_t node = 2) {
        const auto delivered = status.deliver(group, now(), {{node, 20}, 1000, subtype, payload, node == 1});
        EXPECT_EQ(delivered.verdict, Verdict::fine);
    }
    void deliver_key(const std::string& key, std::string_view value, std::uint32_t node = 2) {
        deliver(1, encode(KeyMessage{key, bytes_of(value)}), node);
    }
    int set(const std::string& key, std::string_view value) { return status.set(&group, now(), key, bytes_of(value)); }
    std::string got(std::string_view node, std::string_view key) {
        const auto* const value = status.get(node, key);
        return value == nullptr ? "none" : std::string(value->bytes.begin(), value->bytes.end());
    }

    totem::Instant time{};
    std::vector<std::string> log;
    SentMessages group;
    Status status{{"node1", "10.77.0.1"}, Settings::of(Era::p5), *this};
};

using namespace std::string_view_literals;

TEST_F(StatusTest, MembersWithoutACluster) {
    EXPECT_EQ(status.members_text(), "{\n\"nodename\": \"node1\",\n\"version\": 0\n}\n");
}

TEST_F(StatusTest, Members) {
    know_cluster();
    EXPECT_THAT(log, ElementsAre("update cluster info (cluster name  testcl, version = 3)"));
    const MemberId members[] = {{1, 10}, {2, 20}};
    status.members_changed(group, now(), members);
    status.set_quorate(true);
    deliver_key("nodeip", "10.77.0.2\0"sv);
    EXPECT_EQ(status.members_text(),
              "{\n\"nodename\": \"node1\",\n\"version\": 3,\n"
              "\"cluster\": { \"name\": \"testcl\", \"version\": 3, \"nodes\": 3, \"quorate\": 1 },\n"
              "\"nodelist\": {\n"
              "  \"node1\": { \"id\": 1, \"online\": 1, \"ip\": \"10.77.0.1\"},\n"
              "  \"node2\": { \"id\": 2, \"online\": 1, \"ip\": \"10.77.0.2\"},\n"
              "  \"node3\": { \"id\": 3, \"online\": 0}\n"
              "  }\n}\n");
    deliver_key("nodeip", "10.77.0.2\0"sv);
    EXPECT_EQ(status.info_version(), 3u) << "no change";
}

TEST_F(StatusTest, Quorum) {
    status.set_quorate(true);
    status.set_quorate(true);
    status.set_quorate(false);
    EXPECT_THAT(log, ElementsAre("node has quorum", "node lost quorum"));
}

TEST_F(StatusTest, VersionsOfKeys) {
    ASSERT_EQ(status.key_versions().size(), 1u);
    EXPECT_EQ(status.key_versions()[0].node, "node1");
    EXPECT_TRUE(status.key_versions()[0].keys.empty());
    know_cluster();
    const MemberId members[] = {{1, 10}, {2, 20}};
    status.members_changed(group, now(), members);
    set("tasklist", "[]");
    set("tasklist", "[1]");
    deliver_key("rest", "x"sv);
    const auto versions = status.key_versions();
    ASSERT_EQ(versions.size(), 2u) << "the third node has none";
    EXPECT_EQ(versions[0].keys.at("tasklist"), 1u);
    EXPECT_EQ(versions[1].node, "node2");
    EXPECT_EQ(versions[1].keys.at("rest"), 0u);
}

TEST_F(StatusTest, OwnKeysAreStoredAndSent) {
    EXPECT_EQ(set("tasklist", "[]"), 0);
    EXPECT_EQ(got("", "tasklist"), "[]");
    EXPECT_EQ(got("node1", "tasklist"), "[]");
    ASSERT_EQ(group.sent.size(), 1u);
    EXPECT_EQ(group.sent[0].first, 1u);
    EXPECT_EQ(decode_key(group.sent[0].second)->key, "tasklist");
    EXPECT_EQ(status.get("", "tasklist")->version, 0u);
    set("tasklist", "[1]");
    EXPECT_EQ(status.get("", "tasklist")->version, 1u);
}

TEST_F(StatusTest, ValuesHaveLimits) {
    EXPECT_EQ(set("k", std::string(32768, 'v')), 0);
    EXPECT_EQ(group.sent.size(), 1u);
    EXPECT_EQ(set("k", std::string(32769, 'v')), -EFBIG);
    EXPECT_EQ(group.sent.size(), 1u) << "not sent";
    EXPECT_EQ(set("rrd/x", "no end"), -ENOMEM);
    EXPECT_EQ(set("rrd/x", "\0"sv), -ENOMEM);
    EXPECT_EQ(group.sent.size(), 3u) << "sent all the same";
    EXPECT_EQ(set(std::string(256, 'k'), "v"), -EINVAL);
}

TEST_F(StatusTest, AnEmptyValue) {
    set("k", "v");
    set("k", "");
    EXPECT_EQ(got("", "k"), "");
    Status newer({"node1", ""}, Settings::of(Era::p9), *this);
    newer.set(nullptr, now(), "k", bytes_of("v"));
    newer.set(nullptr, now(), "k", {});
    EXPECT_EQ(newer.get("", "k"), nullptr) << "removes the key in the newer dialect";
}

TEST_F(StatusTest, KeysOfOthers) {
    deliver_key("k", "early");
    EXPECT_EQ(got("node2", "k"), "none") << "no cluster yet";
    know_cluster();
    deliver_key("k", "v");
    deliver_key("k", "stranger's", 9);
    deliver_key("k", "own", 1);
    EXPECT_EQ(got("node2", "k"), "v");
    EXPECT_EQ(got("node1", "k"), "none") << "own ones were applied when they were sent";
    EXPECT_EQ(got("node7", "k"), "none");
    status.set_cluster({"testcl", 4, {{1, "node1"}}});
    know_cluster();
    EXPECT_EQ(got("node2", "k"), "none") << "gone with its node";
}

TEST_F(StatusTest, MeasurementsExpire) {
    know_cluster();
    EXPECT_EQ(set("rrd/pve2-node/node1", "1:2\0"sv), 0);
    time += 200s;
    deliver_key("rrd/pve2-vm/100", "3:4\0"sv);
    EXPECT_EQ(status.rrd_text(now()), "pve2-node/node1:1:2\npve2-vm/100:3:4\n");
    time += 101s;
    EXPECT_EQ(status.rrd_text(now()), "pve2-vm/100:3:4\n");
}

TEST_F(StatusTest, BadMessagesAreOnlyTold) {
    know_cluster();
    log.clear();
    deliver(1, Buffer(255));
    deliver(1, Buffer(256, 'k'));
    deliver(2, {});
    deliver(9, {});
    deliver(3, Buffer(47));
    EXPECT_THAT(log,
                ElementsAre("received short kvstore message (255 < 256)", "cant parse update message",
                            "cant parse update message", "received unknown message type 2",
                            "received unknown message type 9", "received log", "received short log message (47 < 48)"));
}

TEST_F(StatusTest, LogLinesTravel) {
    status.log(&group, now(), {6, 7, "root", "tag", "text"});
    status.log(&group, now(), {8, 7, "root", "tag", "not that important"});
    ASSERT_EQ(group.sent.size(), 1u);
    EXPECT_EQ(group.sent[0].first, 3u);
    EXPECT_EQ(decode_log(group.sent[0].second)->message, "text");
    ClusterLog other("node2");
    const Buffer entry = encode(other.add(1001, {6, 1, "root", "tag", "theirs"}));
    deliver(3, entry);
    deliver(3, entry);
    EXPECT_THAT(log, ElementsAre("received log", "received log", "ignore duplicate"));
    EXPECT_THAT(status.cluster_log().json(), HasSubstr("theirs"));
}

TEST_F(StatusTest, ASyncMergesLogsAndSpreadsOwnKeys) {
    set("k", "v");
    set("rrd/x", "1\0"sv);
    group.sent.clear();
    ClusterLog other("node2");
    other.add(1001, {6, 1, "root", "tag", "theirs"});
    const Buffer own_bytes = *status.state(group, now()), other_bytes = other.state(), bad_bytes(9);
    MemberState states[] = {{{1, 10}, own_bytes, false}, {{2, 20}, other_bytes, false}, {{3, 30}, bad_bytes, false}};
    status.log(nullptr, now(), {6, 7, "root", "tag", "since then"});
    EXPECT_TRUE(status.examine(group, now(), states));
    for (const MemberState& state : states)
        EXPECT_TRUE(state.synced);
    EXPECT_THAT(log, ElementsAre("received log with wrong size 9"));
    EXPECT_THAT(status.cluster_log().json(), HasSubstr("theirs"));
    EXPECT_THAT(status.cluster_log().json(), HasSubstr("since then"));
    ASSERT_EQ(group.sent.size(), 1u) << "keys, but no measurements";
    EXPECT_EQ(decode_key(group.sent[0].second)->key, "k");
    status.synced(group, now());
    const auto address = decode_key(group.sent[1].second);
    EXPECT_EQ(address->key, "nodeip");
    EXPECT_EQ(std::string(address->value.begin(), address->value.end()), "10.77.0.1\0"sv);
}

}  // namespace
}  // namespace cfs::replica
