// Types, ranges and the sections with rules of their own: spec corosync-conf.md sections 2 to 9.

#include <filesystem>

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using cmap::Type;

std::string in(const std::string& path_section, const std::string& statement) {
    return section(path_section, {statement});
}

std::string v2(const std::string& text) {
    return section("totem", {"dialect: 2.x"}) + text;
}

Type type_of(const std::string& text, const std::string& key) {
    const auto outcome = read(text);
    EXPECT_EQ(outcome.error, "");
    const cmap::Value* value = outcome.map.get(key);
    EXPECT_NE(value, nullptr) << key;
    return value ? value->type() : Type::binary;
}

TEST(Types, AreThoseOfTheTables) {
    EXPECT_EQ(type_of(in("totem", "version: 2"), "totem.version"), Type::u32);
    EXPECT_EQ(type_of(in("totem", "config_version: 2"), "totem.config_version"), Type::u64);
    EXPECT_EQ(type_of(in("totem", "cluster_name: 2"), "totem.cluster_name"), Type::string);
    EXPECT_EQ(type_of(in("totem", "knet_compression_level: -3"), "totem.knet_compression_level"), Type::i32);
    EXPECT_EQ(type_of(in("quorum", "two_node: 1"), "quorum.two_node"), Type::u8);
    EXPECT_EQ(type_of(in("quorum", "expected_votes: 1"), "quorum.expected_votes"), Type::u32);
    EXPECT_EQ(type_of(section("quorum", {"device {", "votes: 1", "}"}), "quorum.device.votes"), Type::u32);
    EXPECT_EQ(type_of(section("quorum", {"device {", "net {", "host: x", "}", "}"}), "quorum.device.net.host"),
              Type::string);
    EXPECT_EQ(type_of(in("pload", "count: 5"), "pload.count"), Type::string);
    EXPECT_EQ(type_of(in("logging", "debug: on"), "logging.debug"), Type::string);
    EXPECT_EQ(type_of(section("resources", {"system {", "load_15min {", "poll_period: 600", "}", "}"}),
                      "resources.system.load_15min.poll_period"),
              Type::u64);
}

TEST(Types, OfKeysThatOnlyOneDialectKnows) {
    EXPECT_EQ(type_of(in("totem", "token_warning: 5"), "totem.token_warning"), Type::u32);
    EXPECT_EQ(type_of(v2(in("totem", "token_warning: five")), "totem.token_warning"), Type::string);
}

TEST(Integers, AcceptSignsAndCheckRanges) {
    EXPECT_EQ(u32(read(in("totem", "token: +500")).map, "totem.token"), 500U);
    EXPECT_EQ(u32(read(in("totem", "token: 4294967295")).map, "totem.token"), 4294967295U);
    for (const char* bad : {"", "-1", "4294967296", "0x2", "1 2", "+-1", "99999999999999999999999"}) {
        EXPECT_EQ(read_error(in("totem", std::string("token: ") + bad)),
                  std::string("parser error: t.conf:2: Value of key \"totem.token\" is expected to be integer in range "
                              "(0..4294967295), but \"") +
                      bad + "\" was given");
    }
    EXPECT_EQ(read_error(in("quorum", "two_node: 256")),
              "parser error: t.conf:2: Value of key \"quorum.two_node\" is expected to be integer in range (0..255), "
              "but \"256\" was given");
    EXPECT_EQ(read_error(section("totem", {"interface {", "mcastport: 65536", "}"})),
              "parser error: t.conf:3: Value of key \"totem.interface.mcastport\" is expected to be integer in range "
              "(0..65535), but \"65536\" was given");
    EXPECT_EQ(read_error(in("totem", "knet_compression_level: 2147483648")),
              "parser error: t.conf:2: Value of key \"totem.knet_compression_level\" is expected to be integer in "
              "range (-2147483648..2147483647), but \"2147483648\" was given");
}

TEST(Integers, Of64BitsWrapButDoNotCrash) {
    const auto value = [](const std::string& text) {
        return read(in("totem", "config_version: " + text)).map.get_number<std::uint64_t>("totem.config_version");
    };
    EXPECT_EQ(value("18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(value("-1"), 18446744073709551615U);
    EXPECT_EQ(read_error(in("totem", "config_version: 1x")),
              "parser error: t.conf:2: Value of key \"totem.config_version\" is expected to be unsigned integer, but "
              "\"1x\" was given");
    EXPECT_EQ(read_error(v2(in("totem", "config_version: 1x"))),
              "Value of key \"config_version\" is expected to be unsigned integer, but \"1x\" was given");
}

struct Choice {
    std::string section, statement, v3_error, v2_error;
};
class Choices : public testing::TestWithParam<Choice> {};

TEST_P(Choices, AreCheckedWhileReading) {
    const Choice& choice = GetParam();
    const std::string text = in(choice.section, choice.statement);
    EXPECT_EQ(read_error(text + section("totem", {"dialect: 3.x"})),
              choice.v3_error.empty() ? "" : "parser error: t.conf:2: " + choice.v3_error);
    EXPECT_EQ(read_error(v2(text)), choice.v2_error);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Choices,
    testing::Values(
        Choice{"totem", "ip_version: foo", "Invalid ip_version type", "Invalid ip_version type"},
        Choice{"totem", "ip_version: ipv6-4", "", "Invalid ip_version type"},
        Choice{"totem", "crypto_cipher: foo", "Invalid cipher type. Should be none, aes256, aes192 or aes128",
               "Invalid cipher type"},
        Choice{"totem", "crypto_cipher: 3des", "Invalid cipher type. Should be none, aes256, aes192 or aes128", ""},
        Choice{"totem", "crypto_hash: foo", "Invalid hash type. Should be none, md5, sha1, sha256, sha384 or sha512",
               "Invalid hash type"},
        Choice{"totem", "crypto_type: foo", "", "Invalid crypto type"},
        Choice{"totem", "crypto_model: foo", "Invalid crypto model. Should be nss or openssl", ""},
        Choice{"totem", "knet_compression_model: foo",
               "Invalid compression model. Should be zlib, lz4, lz4hc, lzo2, lzma, bzip2 or zstd", ""},
        Choice{"system", "qb_ipc_type: foo", "Invalid system.qb_ipc_type", ""},
        Choice{"system", "sched_rr: foo", "Invalid system.sched_rr value", ""},
        Choice{"system", "move_to_root_cgroup: foo", "Invalid system.move_to_root_cgroup", ""},
        Choice{"system", "allow_knet_handle_fallback: foo", "Invalid system.allow_knet_handle_fallback", ""},
        Choice{"qb", "ipc_type: foo", "", "Invalid qb ipc_type"}));

TEST(Interface, IsStoredUnderItsNumberWhereverThatStands) {
    const auto v3 = read(section("totem", {"interface {", "mcastport: 5", "linknumber: 3", "bindnetaddr: x", "}"}));
    EXPECT_EQ(v3.map.get_number<std::uint16_t>("totem.interface.3.mcastport"), std::uint16_t{5});
    EXPECT_EQ(v3.map.get_string("totem.interface.3.bindnetaddr"), "x");
    EXPECT_FALSE(v3.map.contains("totem.interface.3.linknumber"));
    const auto old = read(v2(section("totem", {"interface {", "ringnumber: 1", "ttl: 7", "}"})));
    EXPECT_EQ(old.map.get_number<std::uint8_t>("totem.interface.1.ttl"), std::uint8_t{7});
}

TEST(Interface, SectionsOfOneNumberMerge) {
    const auto outcome =
        read(section("totem", {"interface {", "mcastport: 5", "ttl: 2", "}", "interface {", "mcastport: 6", "}"}));
    EXPECT_EQ(outcome.map.get_number<std::uint16_t>("totem.interface.0.mcastport"), std::uint16_t{6});
    EXPECT_EQ(outcome.map.get_number<std::uint8_t>("totem.interface.0.ttl"), std::uint8_t{2});
}

TEST(Interface, MembersHoldAnAddressOnly) {
    const auto good = read(
        section("totem", {"interface {", "member {", "memberaddr: a", "}", "member {", "memberaddr: b", "}", "}"}));
    EXPECT_EQ(good.map.get_string("totem.interface.0.member.0"), "a");
    EXPECT_EQ(good.map.get_string("totem.interface.0.member.1"), "b");
    EXPECT_EQ(read_error(section("totem", {"interface {", "member {", "foo: x", "}", "}"})),
              "parser error: t.conf:4: Only memberaddr is allowed in member section");
}

TEST(Nodelist, NumbersNodesInFileOrderAndASecondOneStartsAgain) {
    const auto outcome = read(nodelist(12) + section("nodelist", {"node {", "ring0_addr: z", "foo: bar", "}"}));
    EXPECT_EQ(outcome.map.get_string("nodelist.node.11.ring0_addr"), "10.77.0.12");
    EXPECT_EQ(outcome.map.get_string("nodelist.node.0.ring0_addr"), "z");
    EXPECT_EQ(outcome.map.get_string("nodelist.node.0.foo"), "bar");
    EXPECT_EQ(u32(outcome.map, "nodelist.node.1.nodeid"), 2U);
    EXPECT_EQ(read_error(section("nodelist", {"node {", "nodeid: x", "}"})),
              "parser error: t.conf:3: Value of key \"nodelist.node.0.nodeid\" is expected to be integer in range "
              "(0..4294967295), but \"x\" was given");
}

TEST(Nodelist, NeedsRing0In2x) {
    const std::string text = section("nodelist", {"node {", "nodeid: 1", "}"});
    EXPECT_EQ(read_error(v2(text)), "No ring0_addr specified for node");
    EXPECT_EQ(read_error(text), "");
}

TEST(Logging, SubsystemsAndDaemonsMakeTheirOwnKeys) {
    const auto outcome = read(
        section("logging", {"logger_subsys {", "debug: on", "subsys: TOTEM", "}", "logging_daemon {", "name: corosync",
                            "subsys: CPG", "debug: trace", "}", "logging_daemon {", "name: corosync", "to_stderr: no",
                            "}", "logging_daemon {", "name: qdevice", "subsys: X", "debug: on", "}"}));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("logging.logger_subsys.TOTEM.debug"), "on");
    EXPECT_EQ(outcome.map.get_string("logging.logger_subsys.TOTEM.subsys"), "TOTEM");
    EXPECT_EQ(outcome.map.get_string("logging.logger_subsys.CPG.debug"), "trace");
    EXPECT_EQ(outcome.map.get_string("logging.to_stderr"), "no");
    EXPECT_EQ(outcome.map.get_string("logging.logging_daemon.qdevice.X.debug"), "on");
}

TEST(Logging, SubsystemsAndDaemonsNeedTheirName) {
    EXPECT_EQ(read_error(section("logging", {"logger_subsys {", "foo: x", "}"})),
              "parser error: t.conf:4: No subsys key in logger_subsys directive");
    EXPECT_EQ(read_error(section("logging", {"logging_daemon {", "foo: x", "}"})),
              "parser error: t.conf:4: No name key in logging_daemon directive");
}

TEST(Uidgid, TakesNumbersAndNames) {
    const auto outcome = read("uidgid {\n uid: 4294967295\n gid: 17\n}\nuidgid {\n uid: root\n gid: root\n}\n");
    EXPECT_EQ(outcome.error, "");
    for (const char* key : {"uid.4294967295", "gid.17", "uid.0", "gid.0"}) {
        EXPECT_EQ(outcome.map.get_number<std::uint8_t>(std::string("uidgid.config.") + key), std::uint8_t{1}) << key;
    }
}

TEST(Uidgid, RefusesTheUnknown) {
    EXPECT_EQ(read_error(in("uidgid", "uid: no-such-user")),
              "parser error: t.conf:2: The 'no-such-user' user is not found in /etc/passwd, please read the "
              "documentation.");
    EXPECT_EQ(read_error(in("uidgid", "gid: no-such-group")),
              "parser error: t.conf:2: The 'no-such-group' group is not found in /etc/group, please read the "
              "documentation.");
    EXPECT_EQ(read_error(in("uidgid", "foo: 1")), "parser error: t.conf:2: uidgid: Only uid and gid are allowed items");
    EXPECT_EQ(read_error(v2(in("uidgid", "foo: 1"))), "uidgid: Only uid and gid are allowed items");
}

class UidgidDirectory : public testing::Test {
protected:
    UidgidDirectory() : path_(testing::TempDir() + "uidgid.d-" + std::to_string(getpid())) {
        std::filesystem::create_directory(path_);
    }
    ~UidgidDirectory() override { std::filesystem::remove_all(path_); }
    void add(const std::string& name, const std::string& text) { std::ofstream(path_ + "/" + name) << text; }
    std::string error() {
        try {
            read_uidgid_directory(path_, totem::Dialect::v3, map_, warnings_);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }
    std::string path_;
    cmap::Map map_;
    std::vector<std::string> warnings_;
};

TEST_F(UidgidDirectory, ReadsEveryRegularFile) {
    add("one", "uidgid {\n uid: 1\n}\n");
    add("two~", "uidgid {\n gid: 2\n}\n");
    std::filesystem::create_directory(path_ + "/folder");
    EXPECT_EQ(error(), "");
    EXPECT_TRUE(map_.contains("uidgid.config.uid.1"));
    EXPECT_TRUE(map_.contains("uidgid.config.gid.2"));
}

TEST_F(UidgidDirectory, AllowsUidgidSectionsOnly) {
    add("a", "totem {\n}\n");
    EXPECT_EQ(error(), "parser error: " + path_ + "/a:1: uidgid: Can't add subsection different than uidgid");
    add("a", "uidgid {\n foo: 1\n}\n");
    EXPECT_EQ(error(), "parser error: " + path_ + "/a:2: uidgid: Only uid and gid are allowed items");
}

TEST(UidgidDirectoryPath, DependsOnTheDialect) {
    EXPECT_EQ(uidgid_directory({"/a/b.conf", "", totem::Dialect::v3}), "/a/uidgid.d");
    EXPECT_EQ(uidgid_directory({"/a/b.conf", "", totem::Dialect::v2}), "/etc/corosync/uidgid.d");
    std::vector<std::string> warnings;
    cmap::Map map;
    read_uidgid_directory("/nonexistent", totem::Dialect::v3, map, warnings);
    EXPECT_EQ(map.size(), 0U);
}

}  // namespace
}  // namespace engine::config
