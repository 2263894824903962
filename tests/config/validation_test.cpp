// Every refusal of spec corosync-conf.md section 10, word for word, and totemd's own.

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::HasSubstr;

std::string v3(std::initializer_list<std::string> more, const std::string& transport = "udpu") {
    return "totem {\nversion: 2\ncluster_name: c\ntransport: " + transport + "\n" + lines(more) + "dialect: 3.x\n}\n";
}

std::string v2(std::initializer_list<std::string> more, const std::string& transport = "udp") {
    return "totem {\ndialect: 2.x\nversion: 2\ncluster_name: c\nsecauth: off\ntransport: " + transport + "\n" +
           lines(more) + "}\n";
}

std::string error_of(const std::string& totem) {
    return load_error(totem + nodelist(2), host_at("10.77.0.1"));
}

std::string parse_error(const std::string& text) {
    return "parse error in config: " + text;
}

std::string node(std::initializer_list<std::string> items) {
    return section("node", items);
}

TEST(Validation, NoInterfaces) {
    EXPECT_EQ(load_error(v3({}), FakeHost()), parse_error("No interfaces defined"));
    EXPECT_EQ(load_error(v2({}), FakeHost()), parse_error("No interfaces defined"));
}

TEST(Validation, Version) {
    const auto text = parse_error("This totem parser can only parse version 2 configurations.");
    EXPECT_EQ(error_of("totem {\nversion: 1\ntransport: udpu\n}\n"), text);
    EXPECT_EQ(error_of("totem {\ntransport: udpu\n}\n"), text);
}

TEST(Validation, MulticastAddress) {
    EXPECT_EQ(error_of("totem {\nversion: 2\ntransport: udp\n}\n"),
              parse_error("No multicast address specified for interface 0"));
    EXPECT_EQ(error_of("totem {\ndialect: 2.x\nversion: 2\nsecauth: off\n}\n"),
              parse_error("No multicast address specified"));
    EXPECT_EQ(error_of(v3({"interface {", "mcastaddr: 10.1.1.1", "}"}, "udp")),
              parse_error("mcastaddr is not a correct multicast address for interface 0"));
    EXPECT_EQ(error_of(v2({"interface {", "mcastaddr: 10.1.1.1", "}"})),
              parse_error("mcastaddr is not a correct multicast address."));
    EXPECT_EQ(error_of(v3({"ip_version: ipv4-6", "interface {", "mcastaddr: ff15::1", "}"}, "udp")),
              parse_error("Multicast address family does not match bind address family for interface 0"));
    EXPECT_EQ(error_of(v3({"interface {", "mcastaddr: nowhere.invalid", "}"}, "udp")),
              "failed to parse mcast address 'nowhere.invalid'");
}

TEST(Validation, MulticastPort) {
    EXPECT_EQ(error_of(v3({"interface {", "mcastport: 0", "}"})),
              parse_error("No multicast port specified for interface 0"));
    EXPECT_EQ(error_of(v2({"interface {", "mcastport: 0", "}"})), parse_error("No multicast port specified"));
}

TEST(Validation, Ttl) {
    EXPECT_EQ(error_of(v3({"interface {", "ttl: 2", "}"})),
              parse_error("Can only set ttl on multicast transport types for interface 0"));
    EXPECT_EQ(error_of(v2({"interface {", "ttl: 2", "}"}, "udpu")),
              parse_error("Can only set ttl on multicast transport types"));
    EXPECT_EQ(error_of(v3({"interface {", "ttl: 2", "}"}, "udp")), "");
    EXPECT_EQ(error_of(v3({"interface {", "ttl: 0", "}"}, "udp")), "");
}

TEST(Validation, LinkPriority) {
    EXPECT_EQ(error_of(v3({"interface {", "knet_link_priority: 2", "}"})),
              parse_error("Can only set link priority on knet transport type for interface 0"));
    EXPECT_EQ(error_of(v3({"interface {", "knet_link_priority: 1", "}"})), "");
}

TEST(Validation, Ipv6NeedsNodeIds) {
    const auto host = FakeHost().with_address("fd00::1", "ffff:ffff:ffff:ffff::");
    const std::string nodes = section("nodelist", {"node {", "ring0_addr: fd00::1", "}"});
    EXPECT_EQ(load_error(v3({}) + nodes, host),
              "An IPV6 network requires that a node ID be specified for address 'fd00::1'.");
    EXPECT_EQ(load_error(v2({"ip_version: ipv6"}) + nodes, host),
              parse_error("An IPV6 network requires that a node ID be specified."));
}

TEST(Validation, RingsOf2xMustDiffer) {
    const auto host = host_at("10.77.0.1").with_address("10.78.0.1", "255.255.255.0");
    const auto two_rings = [&](const std::string& second_address, const std::string& port) {
        return load_error(v2({"rrp_mode: passive", "interface {", "ringnumber: 0", "bindnetaddr: 10.77.0.0",
                              "mcastaddr: 239.1.1.1", "mcastport: 5405", "}", "interface {", "ringnumber: 1",
                              "bindnetaddr: 10.78.0.0", "mcastaddr: " + second_address, "mcastport: " + port, "}"}),
                          host);
    };
    const auto differ = parse_error("Interfaces multicast address/port pair must differ");
    EXPECT_EQ(two_rings("239.1.1.1", "5406"), differ);
    EXPECT_EQ(two_rings("239.1.1.1", "5404"), differ);
    EXPECT_EQ(two_rings("239.1.1.1", "5407"), "");
    EXPECT_EQ(two_rings("239.1.1.2", "5405"), "");
}

TEST(Validation, RingNumbersOf2xStartAt0) {
    EXPECT_EQ(load_error(v2({"rrp_mode: passive", "interface {", "ringnumber: 1", "bindnetaddr: 10.77.0.0",
                             "mcastaddr: 239.1.1.1", "}"}),
                         host_at("10.77.0.1")),
              parse_error("Interface 0 has no bind address: ring numbers must start at 0."));
}

struct Timer {
    std::string setting, v3, v2;
};
class Timers : public testing::TestWithParam<Timer> {};

TEST_P(Timers, HaveLowerBounds) {
    const auto expect = [](const std::string& text) { return text.empty() ? "" : parse_error(text); };
    EXPECT_EQ(error_of(v3({GetParam().setting})), expect(GetParam().v3));
    EXPECT_EQ(error_of(v2({GetParam().setting})), expect(GetParam().v2));
}

Timer both(const std::string& setting, const std::string& text) {
    return {setting, text, text};
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Timers,
    testing::Values(
        both("max_network_delay: 29", "The max_network_delay parameter (29 ms) may not be less than (30 ms)."),
        both("token: 10", "The token timeout parameter (10 ms) may not be less than (30 ms)."),
        Timer{"token_warning: 101", "The token warning parameter (101%) must be between 0 (disabled) and 100.", ""},
        both("token_retransmit: 29", "The token retransmit timeout parameter (29 ms) may not be less than (30 ms)."),
        Timer{"token_retransmits_before_loss_const: 200",
              "Not appropriate token or token_retransmits_before_loss_const value set",
              "The token retransmit timeout parameter (4 ms) may not be less than (30 ms)."},
        Timer{"hold: 29", "", "The token hold timeout parameter (29 ms) may not be less than (30 ms)."},
        both("join: 29", "The join timeout parameter (29 ms) may not be less than (30 ms)."),
        both("consensus: 29", "The consensus timeout parameter (29 ms) may not be less than (30 ms)."),
        both("consensus: 49", "The consensus timeout parameter (49 ms) may not be less than join timeout (50 ms)."),
        both("merge: 29", "The merge timeout parameter (29 ms) may not be less than (30 ms)."),
        both("downcheck: 29", "The downcheck timeout parameter (29 ms) may not be less than (30 ms)."),
        Timer{"rrp_problem_count_timeout: 29", "",
              "The RRP problem count timeout parameter (29 ms) may not be less than (30 ms)."},
        Timer{"rrp_problem_count_threshold: 1", "",
              "The RRP problem count threshold (1 problem count) may not be less than (2 problem count)."},
        Timer{"rrp_problem_count_mcast_threshold: 1", "",
              "The RRP multicast problem count threshold (1 problem count) may not be less than (2 problem count)."},
        Timer{"rrp_token_expired_timeout: 29", "",
              "The RRP token expired timeout parameter (29 ms) may not be less than (30 ms)."}));

TEST(Validation, HoldOf3x) {
    EXPECT_EQ(error_of(v3({"hold: 13"})),
              parse_error("The token hold timeout parameter (13 ms) may not be less than (14 ms)."));
}

TEST(Validation, RrpMode) {
    EXPECT_EQ(error_of(v2({"rrp_mode: foo"})),
              parse_error("The RRP mode \"foo\" specified is invalid.  It must be none, active, or passive."));
    EXPECT_EQ(error_of(v2({"rrp_mode: " + std::string(64, 'x')})), "totem.rrp_mode is too long");
    const auto host = host_at("10.77.0.1").with_address("10.78.0.1", "255.255.255.0");
    EXPECT_EQ(load_error(v2({}) + section("nodelist", {"node {", "ring0_addr: 10.77.0.1", "ring1_addr: 10.78.0.1",
                                                       "nodeid: 1", "}"}),
                         host),
              parse_error("2 is too many configured interfaces for the rrp_mode setting none."));
}

TEST(Validation, LinkMode) {
    EXPECT_EQ(error_of(v3({"link_mode: foo"})),
              parse_error("The Knet link mode \"foo\" specified is invalid.  It must be active, passive or rr."));
    EXPECT_EQ(error_of(v3({"link_mode: " + std::string(64, 'x')})), "totem.link_mode is too long");
}

TEST(Validation, LinksOf3x) {
    const auto host = host_at("10.77.0.1");
    const auto list = [](const std::string& nodes) { return "nodelist {\n" + nodes + "}\n"; };
    const auto two = node({"nodeid: 1", "ring0_addr: 10.77.0.1", "ring1_addr: 10.78.0.1"});
    const auto two_named = node({"nodeid: 1", "ring0_addr: 10.77.0.1", "ring1_addr: 10.78.0.1", "name: a"});
    const auto one_named = node({"nodeid: 2", "ring0_addr: 10.77.0.2", "name: b"});
    EXPECT_EQ(load_error(v3({}) + list(two), host),
              parse_error("for a multi-link configuration, all nodes must have a 'name' attribute"));
    EXPECT_EQ(load_error(v3({}) + list(two_named), host),
              parse_error("2 is too many configured interfaces for non-Knet transport."));
    EXPECT_EQ(load_error(v3({}) + list(two_named + one_named), host),
              parse_error("Not all nodes have the same number of links"));
}

TEST(Validation, FamiliesOfALink) {
    const std::string nodes = section("nodelist", {"node {", "nodeid: 1", "ring0_addr: fd00::1", "}", "node {",
                                                   "nodeid: 2", "ring0_addr: 10.77.0.1", "}"});
    const auto host = FakeHost().with_address("fd00::1", "ffff:ffff:ffff:ffff::");
    EXPECT_EQ(load_error(v3({}) + nodes, host),
              parse_error("Nodes for link 0 have different IP families (compared 10.77.0.1 with fd00::1)"));
}

TEST(Validation, NumberOfInterface) {
    EXPECT_EQ(error_of(v3({"interface {", "linknumber: 8", "mcastport: 1", "}"})),
              parse_error("interface ring number 8 is bigger than allowed maximum 7"));
    EXPECT_EQ(error_of(v2({"interface {", "ringnumber: 2", "mcastport: 1", "}"})),
              parse_error("interface ring number 2 is bigger than allowed maximum 1"));
}

TEST(Validation, DuplicateNodeIds) {
    const auto host = host_at("10.77.0.1");
    const auto duplicate = node({"nodeid: 1", "ring0_addr: 10.77.0.1"}) + node({"nodeid: 1", "ring0_addr: 10.77.0.2"});
    EXPECT_EQ(load_error(v3({}) + "nodelist {\n" + duplicate + "}\n", host), "Nodeid 1 appears twice in corosync.conf");
    const auto generated = node({"ring0_addr: 10.77.0.1"}) + node({"nodeid: 172818433", "ring0_addr: 10.77.0.2"});
    EXPECT_EQ(load_error(v3({}) + "nodelist {\n" + generated + "}\n", host),
              "Nodeid 172818433(autogenerated from 10.77.0.1) appears twice in corosync.conf");
}

TEST(Validation, UnresolvableAddresses) {
    const std::string nodes = section("nodelist", {"node {", "nodeid: 1", "ring0_addr: 10.77.0.1", "}", "node {",
                                                   "nodeid: 2", "ring0_addr: nowhere.invalid", "}"});
    const auto host = host_at("10.77.0.1");
    EXPECT_EQ(load_error(v3({}) + nodes, host), "failed to parse node address 'nowhere.invalid'");
    const auto old = load(v2({}) + nodes, host);
    EXPECT_EQ(old.error, "");
    EXPECT_EQ(old.config.nodes.size(), 2U);
    EXPECT_EQ(old.config.interfaces.at(0).members.size(), 1U);
    EXPECT_EQ(load_error(v2({"interface {", "bindnetaddr: nowhere.invalid", "}"}), host),
              "failed to parse bindnet address 'nowhere.invalid'");
}

TEST(Transport, KnetIsRefusedAndTheWayOutNamed) {
    const char text[] =
        "totemd speaks transport udp and udpu, not knet: set 'transport: udpu' (or udp) in the totem section of every "
        "node.";
    EXPECT_EQ(error_of(v3({}, "knet")), text);
    EXPECT_EQ(error_of(v2({}, "knet")), text);
}

TEST(Transport, NoneIsKnetOrAnOlderFile) {
    EXPECT_EQ(error_of("totem {\nversion: 2\n}\n"),
              "totemd speaks transport udp and udpu, not knet, which dialect 3.x takes if nothing is said: set "
              "'transport: udpu' (or udp) in the totem section of every node, or 'dialect: 2.x' if the file is of "
              "corosync 2.");
    EXPECT_EQ(error_of("totem {\nversion: 2\ndialect: 2.x\nsecauth: off\n}\n").find("knet"), std::string::npos);
}

TEST(Transport, Others) {
    EXPECT_EQ(error_of(v3({}, "iba")), "Invalid transport type. Should be udpu, udp or knet");
    EXPECT_THAT(error_of(v2({}, "iba")), HasSubstr("iba"));
    const auto unknown = load(v2({}, "pigeon") + nodelist(2), host_at("10.77.0.1"));
    EXPECT_EQ(unknown.config.transport, Transport::udp);
    EXPECT_THAT(unknown.warnings, testing::ElementsAre("transport 'pigeon' is not known, udp is used."));
}

class Keys : public testing::Test {
protected:
    static std::string with_key_file(const std::string& path, const std::string& dialect = "3.x") {
        return error_of("totem {\nversion: 2\ncluster_name: c\ntransport: udpu\nsecauth: on\ndialect: " + dialect +
                        "\nkeyfile: " + path + "\n}\n");
    }
    static std::string with_key(std::size_t length, const std::string& dialect = "3.x") {
        return error_of("totem {\nversion: 2\ncluster_name: c\ntransport: udpu\nsecauth: on\ndialect: " + dialect +
                        "\nkey: " + std::string(length, 'k') + "\n}\n");
    }
    const std::string no_crypto_v3 = parse_error("crypto_cipher & crypto_hash are only valid for the Knet transport.");
};

TEST_F(Keys, MissingFile) {
    EXPECT_EQ(with_key_file("/nonexistent"), "Could not open /nonexistent: No such file or directory");
    EXPECT_EQ(with_key_file("/nonexistent", "2.x"), "Could not open /nonexistent: No such file or directory");
    EXPECT_EQ(with_key_file("/tmp"), "Could not read /tmp: Is a directory");
}

TEST_F(Keys, FileSize) {
    const TemporaryFile small(std::string(100, 'k')), exact(std::string(128, 'k')), large(std::string(5000, 'k'));
    EXPECT_EQ(with_key_file(small.path()), "Could only read 800 bits of minimum 1024 bits from " + small.path() + ".");
    EXPECT_EQ(with_key_file(small.path(), "2.x"), "Could only read 800 bits of 1024 bits from " + small.path() + ".");
    EXPECT_EQ(with_key_file(exact.path()), no_crypto_v3);
    EXPECT_EQ(with_key_file(large.path()), no_crypto_v3);
    EXPECT_EQ(with_key_file(exact.path(), "2.x"), "");
}

TEST_F(Keys, TextLength) {
    EXPECT_EQ(with_key(126), "key is too short");
    EXPECT_EQ(with_key(127), no_crypto_v3);
    EXPECT_EQ(with_key(128, "2.x"), "key is too long");
    EXPECT_EQ(with_key(3, "2.x"), "");
}

TEST_F(Keys, AreReadBeforeAnythingIsValidated) {
    EXPECT_EQ(error_of("totem {\nversion: 1\ntransport: udpu\nsecauth: on\nkeyfile: /nonexistent\n}\n"),
              "Could not open /nonexistent: No such file or directory");
}

TEST_F(Keys, VariableNamesTheFileIn2xOnly) {
    const Variable variable("COROSYNC_TOTEM_AUTHKEY_FILE", "/nonexistent/variable");
    EXPECT_EQ(error_of("totem {\ndialect: 2.x\nversion: 2\ncluster_name: c\n}\n"),
              "Could not open /nonexistent/variable: No such file or directory");
    EXPECT_THAT(error_of(v3({"secauth: on"})), testing::Not(HasSubstr("variable")));
}

TEST(Crypto, CipherNeedsHash) {
    const char text[] = "crypto_cipher requires crypto_hash with value other than none";
    EXPECT_EQ(error_of(v3({"crypto_cipher: aes256"})), text);
    EXPECT_EQ(error_of(v2({"crypto_cipher: aes256"})), text);
}

TEST(Crypto, AbsentSecauthMeansOnIn2xAndOffIn3x) {
    const auto outcome =
        load("totem {\ndialect: 2.x\nversion: 2\ncluster_name: c\nkey: abc\n}\n" + nodelist(2), host_at("10.77.0.1"));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.protection.cipher, totem::crypto::Cipher::aes256);
    EXPECT_EQ(outcome.config.protection.hash, totem::crypto::Hash::sha1);
    ASSERT_TRUE(outcome.config.protection.key);
    EXPECT_EQ(outcome.config.protection.key->size(), 4u);  // the text and its end, nothing behind it
    EXPECT_EQ(error_of(v3({})), "");
    EXPECT_EQ(error_of("totem {\ndialect: 2.x\nversion: 2\ncluster_name: c\ncrypto_cipher: none\ncrypto_hash: "
                       "none\n}\n"),
              "");
}

TEST(Unsupported, NetmtuThatLeavesNoRoomOrDoesNotFit) {
    const auto text = [](unsigned netmtu, unsigned largest) {
        return parse_error("netmtu " + std::to_string(netmtu) + " is out of range, it must be 576 to " +
                           std::to_string(largest) + ".");
    };
    EXPECT_EQ(error_of(v3({"netmtu: 575"})), text(575, 65000));
    EXPECT_EQ(error_of(v3({"netmtu: 65001"})), text(65001, 65000));
    EXPECT_EQ(error_of(v2({"netmtu: 10001"})), text(10001, 10000));
    EXPECT_EQ(error_of(v3({"netmtu: 576"})), "");
    EXPECT_EQ(error_of(v3({"netmtu: 65000"})), "");
    EXPECT_EQ(error_of(v2({"netmtu: 10000"})), "");
}

TEST(Unsupported, IsRefused) {
    const auto with = [](const std::string& more) {
        return load_error(v3({}) + nodelist(2) + more, host_at("10.77.0.1"));
    };
    EXPECT_THAT(with(section("resources", {"watchdog_device: /dev/watchdog"})), HasSubstr("watchdog"));
    EXPECT_EQ(with(section("resources", {"watchdog_device: off"})), "");
    EXPECT_THAT(with(section("resources", {"system {", "load_15min {", "recovery: reboot", "}", "}"})),
                HasSubstr("does not watch resources"));
}

}  // namespace
}  // namespace engine::config
