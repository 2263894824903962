// Defaults, derivation and what is written back: spec corosync-conf.md sections 3, 4, 6 and 12.

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using totem::Dialect;

std::string totem_v3(const std::string& transport, std::initializer_list<std::string> more = {}) {
    return "totem {\nversion: 2\ncluster_name: testc\ntransport: " + transport + "\n" + lines(more) + "}\n";
}

std::string totem_v2(std::initializer_list<std::string> more = {}) {
    return "totem {\ndialect: 2.x\nversion: 2\ncluster_name: testc\nsecauth: off\n" + lines(more) + "}\n";
}

const FakeHost& first() {
    static const FakeHost host = host_at("10.77.0.1");
    return host;
}

TEST(Defaults, Of3x) {
    const auto outcome = load(totem_v3("udpu") + nodelist(2), first());
    ASSERT_EQ(outcome.error, "");
    const ClusterConfig& config = outcome.config;
    EXPECT_EQ(config.dialect, Dialect::v3);
    EXPECT_EQ(config.transport, Transport::udpu);
    EXPECT_FALSE(config.ipv6);
    EXPECT_EQ(config.cluster_name, "testc");
    EXPECT_EQ(config.config_version, 0U);
    EXPECT_EQ(config.netmtu, 1500U);
    EXPECT_TRUE(config.block_unlisted_ips);
    EXPECT_FALSE(config.clear_node_high_bit);
    EXPECT_EQ(config.parameters.token, 3000U);
    EXPECT_EQ(config.parameters.token_warning, 75U);
    EXPECT_EQ(config.quorum.provider, "");
    EXPECT_EQ(config.ipc_type, "native");
    EXPECT_TRUE(config.sched_rr);
    EXPECT_EQ(config.move_to_root_cgroup, "auto");
    EXPECT_EQ(config.state_dir, "/var/lib/corosync");
    ASSERT_EQ(config.interfaces.size(), 1U);
    EXPECT_EQ(config.interfaces[0].port, 5405);
    EXPECT_EQ(config.interfaces[0].ttl, 1);
    EXPECT_EQ(config.interfaces[0].members.size(), 2U);
    EXPECT_THAT(outcome.warnings, IsEmpty());
}

TEST(Defaults, Of2x) {
    const auto outcome = load(totem_v2() + nodelist(2), first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.dialect, Dialect::v2);
    EXPECT_EQ(outcome.config.transport, Transport::udp);
    EXPECT_EQ(outcome.config.parameters.token, 1000U);
    EXPECT_EQ(outcome.config.parameters.token_warning, 0U);
    EXPECT_EQ(outcome.config.netmtu, 1500U);
    EXPECT_EQ(outcome.config.ipc_type, "native");
    EXPECT_THAT(outcome.warnings, IsEmpty());
}

TEST(Defaults, ZeroMeansDefaultWhereTheTableSaysSo) {
    const auto outcome =
        load(totem_v3("udpu", {"token: 0", "netmtu: 0", "hold: 0", "send_join: 0"}) + nodelist(2), first());
    EXPECT_EQ(outcome.config.parameters.token, 3000U);
    EXPECT_EQ(outcome.config.netmtu, 1500U);
    EXPECT_EQ(outcome.config.parameters.hold, 561U);
}

struct Numbers {
    Dialect dialect;
    unsigned nodes;
    std::uint32_t token, token_retransmit, hold, consensus;
};
class RuntimeConfig : public testing::TestWithParam<Numbers> {};

TEST_P(RuntimeConfig, HasUpstreamsNumbers) {
    const Numbers& expected = GetParam();
    const std::string totem = expected.dialect == Dialect::v3 ? totem_v3("udpu") : totem_v2({"transport: udpu"});
    const auto outcome = load(totem + nodelist(expected.nodes), first());
    ASSERT_EQ(outcome.error, "");
    const auto value = [&](const std::string& key) { return u32(outcome.map, "runtime.config.totem." + key); };
    EXPECT_EQ(value("token"), expected.token);
    EXPECT_EQ(value("token_retransmit"), expected.token_retransmit);
    EXPECT_EQ(value("hold"), expected.hold);
    EXPECT_EQ(value("consensus"), expected.consensus);
    EXPECT_EQ(outcome.config.parameters.token, expected.token);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RuntimeConfig,
    testing::Values(Numbers{Dialect::v2, 2, 1000, 238, 180, 1200}, Numbers{Dialect::v2, 3, 1650, 392, 303, 1980},
                    Numbers{Dialect::v2, 32, 20500, 4880, 3894, 24600}, Numbers{Dialect::v3, 2, 3000, 714, 561, 3600},
                    Numbers{Dialect::v3, 3, 3650, 869, 685, 4380}, Numbers{Dialect::v3, 32, 22500, 5357, 4275, 27000}));

TEST(RuntimeConfig, OtherKeysOf3x) {
    // As corosync 3.1.7 shows them with three nodes and transport udp.
    const std::map<std::string, std::uint32_t> expected = {{"block_unlisted_ips", 1},
                                                           {"cancel_token_hold_on_retransmit", 0},
                                                           {"consensus", 4380},
                                                           {"downcheck", 1000},
                                                           {"fail_recv_const", 2500},
                                                           {"heartbeat_failures_allowed", 0},
                                                           {"hold", 685},
                                                           {"interface.0.knet_ping_interval", 912},
                                                           {"join", 50},
                                                           {"interface.0.knet_ping_timeout", 1825},
                                                           {"knet_mtu", 0},
                                                           {"knet_compression_threshold", 0},
                                                           {"max_messages", 17},
                                                           {"knet_pmtud_interval", 30},
                                                           {"merge", 200},
                                                           {"max_network_delay", 50},
                                                           {"miss_count_const", 5},
                                                           {"seqno_unchanged_const", 30},
                                                           {"send_join", 0},
                                                           {"token", 3650},
                                                           {"token_retransmit", 869},
                                                           {"token_retransmits_before_loss_const", 4},
                                                           {"token_warning", 75},
                                                           {"window_size", 50}};
    const auto outcome = load(totem_v3("udp") + nodelist(3), first());
    ASSERT_EQ(outcome.error, "");
    for (const auto& [key, value] : expected)
        EXPECT_EQ(u32(outcome.map, "runtime.config.totem." + key), value) << key;
    EXPECT_EQ(outcome.map.get_number<std::int32_t>("runtime.config.totem.knet_compression_level"), 0);
    EXPECT_EQ(outcome.map.get_string("runtime.config.totem.knet_compression_model"), "none");
    EXPECT_EQ(outcome.map.keys("runtime.config.totem.").size(), expected.size() + 2);
}

TEST(RuntimeConfig, RrpKeysOf2x) {
    const auto outcome = load(totem_v2() + nodelist(2), first());
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_problem_count_timeout"), 2000U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_problem_count_threshold"), 10U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_problem_count_mcast_threshold"), 100U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_token_expired_timeout"), 47U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_autorecovery_check_timeout"), 1000U);
    EXPECT_FALSE(outcome.map.contains("runtime.config.totem.token_warning"));
    EXPECT_EQ(outcome.config.rrp_mode, totem::rrp::Mode::none);
}

TEST(RuntimeConfig, AMissingTokenIsNotAwaitedLongerThanItWouldBeSentAgain) {
    const auto outcome = load(totem_v2({"token_retransmit: 40", "hold: 30"}) + nodelist(2), first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.rrp_parameters.token_expired_timeout, 40U);
}

TEST(RuntimeConfig, RrpKeysAreTakenOver) {
    const auto outcome =
        load(totem_v2({"rrp_mode: active", "rrp_problem_count_timeout: 3000", "rrp_problem_count_threshold: 7",
                       "rrp_token_expired_timeout: 0", "rrp_autorecovery_check_timeout: 500"}) +
                 nodelist(2),
             first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.rrp_mode, totem::rrp::Mode::active) << "one ring is allowed with any mode";
    EXPECT_EQ(outcome.config.rrp_parameters, (totem::rrp::Parameters{.problem_count_timeout = 3000,
                                                                     .problem_count_threshold = 7,
                                                                     .problem_count_mcast_threshold = 70,
                                                                     .token_expired_timeout = 47,
                                                                     .autorecovery_check_timeout = 500}));
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.rrp_problem_count_mcast_threshold"), 70U);
}

TEST(Settings, ReachParametersAndMap) {
    const auto outcome =
        load(totem_v3("udpu", {"token: 5000", "token_coefficient: 0", "join: 60", "send_join: 5", "window_size: 99",
                               "max_messages: 20", "block_unlisted_ips: no", "cancel_token_hold_on_retransmit: yes"}) +
                 nodelist(5),
             first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.parameters.token, 5000U);
    EXPECT_EQ(outcome.config.parameters.window_size, 99U);
    EXPECT_FALSE(outcome.config.block_unlisted_ips);
    EXPECT_TRUE(outcome.config.parameters.cancel_token_hold_on_retransmit);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.block_unlisted_ips"), 0U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.cancel_token_hold_on_retransmit"), 1U);
    EXPECT_EQ(u32(outcome.map, "runtime.config.totem.join"), 60U);
}

TEST(Multicast, AddressIsDerivedAndWrittenBack) {
    const auto outcome = load(totem_v3("udp") + nodelist(2), first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.mcastaddr"), "239.192.13.140");
    EXPECT_EQ(outcome.map.get_number<std::uint16_t>("totem.interface.0.mcastport"), std::uint16_t{5405});
    EXPECT_EQ(outcome.config.interfaces[0].group.text(), "239.192.13.140");
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.bindnetaddr"), "10.77.0.1");
}

TEST(Multicast, UdpuWritesBackIn2xOnly) {
    EXPECT_FALSE(load(totem_v3("udpu") + nodelist(2), first()).map.contains("totem.interface.0.mcastaddr"));
    EXPECT_FALSE(load(totem_v3("udpu") + nodelist(2), first()).map.contains("totem.interface.0.mcastport"));
    const auto old = load(totem_v2({"transport: udpu"}) + nodelist(2), first());
    EXPECT_EQ(old.map.get_string("totem.interface.0.mcastaddr"), "239.192.13.140");
    EXPECT_EQ(old.map.get_number<std::uint16_t>("totem.interface.0.mcastport"), std::uint16_t{5405});
}

TEST(Multicast, Ipv6GroupFollowsTheBindAddress) {
    const std::string nodes = section("nodelist", {"node {", "nodeid: 1", "ring0_addr: fd00::1", "}"});
    const auto host = FakeHost().with_address("fd00::1", "ffff:ffff:ffff:ffff::");
    const auto outcome = load(totem_v3("udp", {"ip_version: ipv6"}) + nodes, host);
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.mcastaddr"), "ff15::d7f");
    EXPECT_TRUE(outcome.config.ipv6);
}

TEST(Multicast, BroadcastReplacesTheGroup) {
    const auto outcome = load(totem_v3("udp", {"interface {", "broadcast: yes", "}"}) + nodelist(2), first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_TRUE(outcome.config.interfaces[0].broadcast);
    EXPECT_EQ(outcome.config.interfaces[0].group.text(), "255.255.255.255");
}

TEST(NodeIds, AreGeneratedFromTheAddressAndWrittenBackIn3x) {
    const std::string nodes =
        section("nodelist", {"node {", "ring0_addr: 10.77.1.2", "}", "node {", "ring0_addr: 192.168.1.1", "}"});
    const auto outcome = load(totem_v3("udp") + nodes, host_at("10.77.1.2"));
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(u32(outcome.map, "nodelist.node.0.nodeid"), 172818690U);
    EXPECT_EQ(u32(outcome.map, "nodelist.node.1.nodeid"), 3232235777U);
    EXPECT_EQ(outcome.config.local_nodeid, 172818690U);
    EXPECT_EQ(outcome.config.nodes[1].address[0].nodeid, 3232235777U);
    const auto cleared = load(totem_v3("udp", {"clear_node_high_bit: yes"}) + nodes, host_at("10.77.1.2"));
    EXPECT_EQ(u32(cleared.map, "nodelist.node.1.nodeid"), 1084752129U);
}

TEST(NodeIds, ZeroIsReserved) {
    const auto outcome =
        load(totem_v3("udpu") + section("nodelist", {"node {", "ring0_addr: 10.77.0.1", "nodeid: 0", "}"}), first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.local_nodeid, 172818433U);
    EXPECT_THAT(outcome.warnings, Contains("nodeid 0 of node '10.77.0.1' is reserved, an id is generated."));
}

TEST(NodeIds, Of2xComeFromTheListThenTotemThenTheBoundAddress) {
    EXPECT_EQ(load(totem_v2({"nodeid: 9"}) + nodelist(2), first()).config.local_nodeid, 1U);
    EXPECT_THAT(load(totem_v2({"nodeid: 9"}) + nodelist(2), first()).warnings,
                Contains("nodeid appears both in totem section and nodelist. Nodelist one is used."));
    const std::string nodes = section("nodelist", {"node {", "ring0_addr: 10.77.0.1", "}"});
    EXPECT_EQ(load(totem_v2({"nodeid: 9"}) + nodes, first()).config.local_nodeid, 9U);
    const auto automatic = load(totem_v2() + nodes, first());
    EXPECT_EQ(automatic.config.local_nodeid, 0U);
    EXPECT_EQ(automatic.config.nodes[0].nodeid, 172818433U);
    EXPECT_FALSE(automatic.map.contains("nodelist.node.0.nodeid"));
}

TEST(Nodes, KeepWhatTheyWereGiven) {
    const std::string nodes =
        section("nodelist", {"node {", "ring0_addr: one", "nodeid: 7", "name: first", "quorum_votes: 3", "}"});
    const auto host = host_at("10.77.0.1").knowing("one", {"10.77.0.1"});
    const auto outcome = load(totem_v3("udpu") + nodes, host);
    ASSERT_EQ(outcome.error, "");
    const Node& node = outcome.config.nodes.at(0);
    EXPECT_EQ(node.nodeid, 7U);
    EXPECT_EQ(node.name, "first");
    EXPECT_EQ(node.quorum_votes, 3U);
    EXPECT_THAT(node.ring_addr, testing::ElementsAre("one"));
    EXPECT_EQ(node.address.at(0).text(), "10.77.0.1");
    EXPECT_EQ(node.address.at(0).nodeid, 7U);
}

TEST(Quorum, IsTakenOver) {
    const auto outcome =
        load(totem_v3("udpu") + nodelist(2) +
                 section("quorum", {"provider: corosync_votequorum", "two_node: 1", "expected_votes: 5"}),
             first());
    EXPECT_EQ(outcome.config.quorum.provider, "corosync_votequorum");
    EXPECT_TRUE(outcome.config.quorum.keys.two_node);
    EXPECT_FALSE(outcome.config.quorum.keys.wait_for_all);
    EXPECT_EQ(outcome.config.quorum.keys.expected_votes, 5U);
    EXPECT_EQ(outcome.config.quorum.keys.nodelist->votes_sum, 2U);
    const auto without =
        load(totem_v3("udpu") + nodelist(2) + section("quorum", {"two_node: 1", "wait_for_all: 0"}), first());
    EXPECT_EQ(without.config.quorum.keys.wait_for_all, false);
}

TEST(System, IsTakenOverIn3x) {
    const auto outcome = load(totem_v3("udpu") + nodelist(2) +
                                  section("system", {"qb_ipc_type: socket", "sched_rr: no", "priority: min",
                                                     "move_to_root_cgroup: no", "state_dir: /tmp"}),
                              first());
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.ipc_type, "socket");
    EXPECT_FALSE(outcome.config.sched_rr);
    EXPECT_EQ(outcome.config.priority, "min");
    EXPECT_EQ(outcome.config.move_to_root_cgroup, "no");
    EXPECT_EQ(outcome.config.state_dir, "/tmp");
    EXPECT_EQ(load_error(totem_v3("udpu") + nodelist(2) + section("system", {"priority: foo"}), first()),
              "Priority value foo is invalid");
}

std::string with_metrics(std::initializer_list<std::string> statements) {
    return totem_v3("udpu") + nodelist(2) + section("metrics", statements);
}

TEST(Metrics, AreOffUnlessAskedFor) {
    EXPECT_FALSE(load(totem_v3("udpu") + nodelist(2), first()).config.metrics_listen);
    EXPECT_FALSE(load(with_metrics({"allow_remote: yes"}), first()).config.metrics_listen);
    EXPECT_EQ(load(with_metrics({"listen: 127.0.0.1:9105"}), first()).config.metrics_listen->text(), "127.0.0.1:9105");
    EXPECT_EQ(load(with_metrics({"listen: /run/totemd/m.sock"}), first()).config.metrics_listen->path,
              "/run/totemd/m.sock");
    const auto v2 = totem_v2() + nodelist(2) + section("metrics", {"listen: [::1]:9105"});
    EXPECT_EQ(load(v2, first()).config.metrics_listen->address, "::1");
}

TEST(Metrics, AreForThisHostUnlessAllowed) {
    EXPECT_EQ(load_error(with_metrics({"listen: 0.0.0.0:9105"}), first()),
              "parse error in config: metrics.listen '0.0.0.0:9105' can be reached from other hosts, which anybody may "
              "then read: set 'allow_remote: yes' in the metrics section if that is wanted.");
    EXPECT_NE(load_error(with_metrics({"listen: [::]:9105", "allow_remote: no"}), first()), "");
    EXPECT_TRUE(load(with_metrics({"listen: 0.0.0.0:9105", "allow_remote: yes"}), first()).config.metrics_listen);
}

TEST(Metrics, RefuseWhatTheyDoNotKnow) {
    EXPECT_EQ(load_error(with_metrics({"port: 9105"}), first()),
              "parse error in config: metrics.port is not known: the section metrics has listen and allow_remote.");
    EXPECT_EQ(load_error(with_metrics({"allow_remote: maybe"}), first()),
              "parse error in config: Invalid metrics.allow_remote value");
    EXPECT_EQ(
        load_error(with_metrics({"listen: localhost:9105"}), first()),
        "parse error in config: metrics.listen 'localhost:9105' is neither ADDRESS:PORT, with a numeric address and "
        "IPv6 in brackets, nor the absolute path of a socket.");
}

TEST(System, Of2xIsQb) {
    EXPECT_EQ(load(totem_v2() + nodelist(2) + section("qb", {"ipc_type: shm"}), first()).config.ipc_type, "shm");
}

TEST(StateDirectory, ComesFromFileOrEnvironment) {
    cmap::Map map;
    EXPECT_EQ(state_directory(map, Dialect::v3), "/var/lib/corosync");
    const Variable run("COROSYNC_RUN_DIR", "/run-dir");
    const Variable systemd("STATE_DIRECTORY", "/a:/b");
    EXPECT_EQ(state_directory(map, Dialect::v2), "/run-dir");
    EXPECT_EQ(state_directory(map, Dialect::v3), "/a");
    map.set("system.state_dir", "/c");
    EXPECT_EQ(state_directory(map, Dialect::v3), "/c");
}

TEST(Unused, KeysAreWarnedAbout) {
    const auto outcome = load(totem_v3("udpu", {"threads: 2", "knet_mtu: 1400", "rrp_mode: passive", "link_mode: rr",
                                                "ip_dscp: ef", "interface {", "knet_ping_interval: 100", "}"}) +
                                  nodelist(2) + section("pload", {"count: 5"}) + section("qb", {"ipc_type: shm"}),
                              first());
    ASSERT_EQ(outcome.error, "");
    for (const char* key : {"totem.threads", "totem.knet_mtu", "totem.rrp_mode", "totem.link_mode", "totem.ip_dscp",
                            "totem.interface.0.knet_ping_interval", "pload.count", "qb.ipc_type"}) {
        EXPECT_THAT(outcome.warnings, Contains(HasSubstr(std::string(key) + " has no effect"))) << key;
    }
}

TEST(Unused, OddBooleansAreWarnedAbout) {
    const auto outcome = load(totem_v3("udpu", {"block_unlisted_ips: maybe"}) + nodelist(2), first());
    EXPECT_THAT(outcome.warnings, Contains(HasSubstr("totem.block_unlisted_ips is neither yes nor no")));
    EXPECT_TRUE(outcome.config.block_unlisted_ips);
}

TEST(ReadOnly, LocalNodePosition) {
    auto outcome = load(totem_v2() + nodelist(2), host_at("10.77.0.2"));
    EXPECT_EQ(u32(outcome.map, "nodelist.local_node_pos"), 1U);
    EXPECT_TRUE(outcome.map.is_read_only("nodelist.local_node_pos"));
    EXPECT_TRUE(outcome.map.is_read_only("nodelist.node.1.ring0_addr"));
    EXPECT_FALSE(outcome.map.is_read_only("nodelist.node.0.ring0_addr"));
}

}  // namespace
}  // namespace engine::config
