// Which node are we: spec corosync-conf.md section 6.

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const char kV3[] = "totem {\nversion: 2\ncluster_name: c\ntransport: udpu\n}\n";

std::string v2(std::initializer_list<std::string> more = {}) {
    return "totem {\ndialect: 2.x\nversion: 2\ncluster_name: c\nsecauth: off\n" + lines(more) + "}\n";
}

// name, ring0_addr
std::string nodes(std::initializer_list<std::pair<std::string, std::string>> list) {
    std::string text = "nodelist {\n";
    unsigned id = 0;
    for (const auto& [name, addr] : list) {
        text += "node {\nnodeid: " + std::to_string(++id) + "\nring0_addr: " + addr + "\n";
        if (!name.empty()) text += "name: " + name + "\n";
        text += "}\n";
    }
    return text + "}\n";
}

std::optional<std::size_t> local_v3(const std::string& list, const Host& host) {
    return load(kV3 + list, host).config.local_node;
}

FakeHost resolver() {
    return FakeHost()
        .knowing("alpha", {"10.0.0.1"})
        .knowing("beta", {"10.0.0.2"})
        .knowing("beta.example.org", {"10.0.0.2"});
}

TEST(LocalNode3x, ByExactHostName) {
    const auto list = nodes({{"alpha", "10.0.0.1"}, {"beta.example.org", "10.0.0.2"}});
    EXPECT_EQ(local_v3(list, resolver().with_name("beta.example.org")), 1U);
    EXPECT_EQ(local_v3(nodes({{"", "alpha"}, {"", "beta"}}), resolver().with_name("beta")), 1U);
}

TEST(LocalNode3x, ByHostNameWithoutItsDomain) {
    EXPECT_EQ(local_v3(nodes({{"alpha", "10.0.0.1"}, {"beta", "10.0.0.2"}}), resolver().with_name("beta.a.b")), 1U);
}

TEST(LocalNode3x, ByNamesCutAtTheirDomain) {
    const auto list = nodes({{"alpha", "10.0.0.1"}, {"", "beta.example.org"}});
    EXPECT_EQ(local_v3(list, resolver().with_name("beta.other.net")), 1U);
}

TEST(LocalNode3x, NumbersAreNotCutAtTheirDots) {
    EXPECT_EQ(load_error(kV3 + nodes({{"", "10.0.0.1"}}), FakeHost().with_name("10")),
              "parse error in config: No valid name found for local host");
}

TEST(LocalNode3x, ByNumericAddressOfAnInterface) {
    EXPECT_EQ(local_v3(nodes({{"a", "10.0.0.1"}, {"b", "10.0.0.2"}}), host_at("10.0.0.2")), 1U);
}

TEST(LocalNode3x, ByReverseName) {
    const auto list = nodes({{"alpha", "10.0.0.1"}, {"beta", "10.0.0.2"}});
    EXPECT_EQ(local_v3(list, resolver().with_address("10.9.9.9", "255.0.0.0").with_reverse("10.9.9.9", "beta")), 1U);
    EXPECT_EQ(local_v3(list, resolver().with_address("10.9.9.9", "255.0.0.0").with_reverse("10.9.9.9", "beta.x.y")),
              1U);
}

TEST(LocalNode3x, ByResolvingTheNames) {
    EXPECT_EQ(local_v3(nodes({{"", "alpha"}, {"", "beta"}}), resolver().with_address("10.0.0.2", "255.0.0.0")), 1U);
}

TEST(LocalNode3x, WritesItsAddressAndPosition) {
    const auto outcome = load(kV3 + nodes({{"a", "10.0.0.1"}, {"b", "10.0.0.2"}}), host_at("10.0.0.2"));
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.bindnetaddr"), "10.0.0.2");
    EXPECT_EQ(u32(outcome.map, "nodelist.local_node_pos"), 1U);
    EXPECT_EQ(outcome.config.local_nodeid, 2U);
}

TEST(LocalNode3x, MustBeFound) {
    const auto outcome =
        load(kV3 + nodes({{"a", "10.0.0.1"}}) + section("totem", {"interface {", "bindnetaddr: 10.9.0.0", "}"}),
             host_at("10.9.9.9"));
    EXPECT_EQ(outcome.error, "parse error in config: No valid name found for local host");
    EXPECT_EQ(outcome.exit_code, 8);
}

TEST(LocalNode2x, IsTheFirstWhoseAddressIsLocal) {
    const auto outcome = load(v2() + nodes({{"", "10.0.0.1"}, {"", "beta"}}),
                              resolver().with_address("10.0.0.2", "255.0.0.0").with_name("alpha"));
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.local_node, 1U);
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.bindnetaddr"), "beta");
    EXPECT_EQ(outcome.config.interfaces.at(0).bindnetaddr.text(), "10.0.0.2");
}

TEST(LocalNode2x, NodelistWinsOverBindnetaddr) {
    const auto outcome =
        load(v2({"interface {", "bindnetaddr: 10.9.0.0", "}"}) + nodes({{"", "10.0.0.1"}}), host_at("10.0.0.1"));
    EXPECT_EQ(outcome.map.get_string("totem.interface.0.bindnetaddr"), "10.0.0.1");
    EXPECT_THAT(outcome.warnings,
                ElementsAre("interface section bindnetaddr is used together with nodelist. Nodelist one is going to be "
                            "used.",
                            "Please migrate config file to nodelist."));
}

TEST(LocalNode2x, NotBeingInTheListIsNoErrorWithABindnetaddr) {
    const auto outcome =
        load(v2({"interface {", "bindnetaddr: 10.9.0.0", "}"}) + nodes({{"", "10.0.0.1"}}), host_at("10.9.0.9"));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.local_node, std::nullopt);
    EXPECT_FALSE(outcome.map.contains("nodelist.local_node_pos"));
}

TEST(LocalNode2x, WithoutListOrBindnetaddrThereIsNoInterface) {
    EXPECT_EQ(load_error(v2() + nodes({{"", "10.0.0.1"}}), host_at("10.9.9.9")),
              "parse error in config: No interfaces defined");
}

TEST(LocalNode2x, RunsWithoutNodelist) {
    const auto outcome = load(v2({"interface {", "bindnetaddr: 10.77.0.0", "}"}), host_at("10.77.0.3"));
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.interfaces.at(0).bindnetaddr.text(), "10.77.0.0");
    EXPECT_THAT(outcome.config.interfaces.at(0).members, IsEmpty());
}

TEST(LocalNode2x, OldMemberSections) {
    const auto totem = v2({"transport: udpu", "interface {", "bindnetaddr: 10.77.0.0", "member {",
                           "memberaddr: 10.77.0.1", "}", "member {", "memberaddr: 10.77.0.2", "}", "}"});
    const auto outcome = load(totem, host_at("10.77.0.1"));
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.interfaces.at(0).members.size(), 2U);
    EXPECT_THAT(outcome.warnings,
                ElementsAre("member section is deprecated.", "Please migrate config file to nodelist."));
    EXPECT_THAT(load(totem + nodes({{"", "10.77.0.1"}}), host_at("10.77.0.1")).warnings,
                Contains("member section is used together with nodelist. Members ignored."));
}

TEST(LocalNode3x, TotemNodeidIsIgnoredWithAWarning) {
    const auto outcome =
        load(section("totem", {"version: 2", "transport: udpu", "nodeid: 77"}) + nodes({{"", "10.0.0.1"}}),
             host_at("10.0.0.1"));
    EXPECT_EQ(outcome.config.local_nodeid, 1U);
    EXPECT_THAT(outcome.warnings,
                ElementsAre("nodeid in totem section is deprecated and ignored. Nodelist (or autogenerated) nodeid is "
                            "going to be used.",
                            "Please migrate config file to nodelist."));
}

TEST(Resolution, FollowsIpVersion) {
    const auto host = FakeHost().knowing("both", {"10.0.0.1", "fd00::1"}).knowing("four", {"10.0.0.1"});
    const auto text = [&](const char* name, IpVersion version) {
        const auto address = resolve_one(host, name, version);
        return address ? address->text() : "none";
    };
    EXPECT_EQ(text("both", IpVersion::ipv4), "10.0.0.1");
    EXPECT_EQ(text("both", IpVersion::ipv6), "fd00::1");
    EXPECT_EQ(text("both", IpVersion::ipv6_4), "fd00::1");
    EXPECT_EQ(text("both", IpVersion::ipv4_6), "10.0.0.1");
    EXPECT_EQ(text("four", IpVersion::ipv6_4), "10.0.0.1");
    EXPECT_EQ(text("four", IpVersion::ipv6), "none");
}

TEST(BindAddress, ExactMatchBeatsAnEarlierNetwork) {
    const auto host = FakeHost().with_address("10.0.0.1", "255.255.255.0").with_address("10.0.0.2", "255.255.255.0");
    const auto match = [&](const char* bindnetaddr) {
        const auto found = match_bind_address(host.addresses(), totem::wire::parse_address(bindnetaddr).value());
        return found ? found->text() : "none";
    };
    EXPECT_EQ(match("10.0.0.2"), "10.0.0.2");
    EXPECT_EQ(match("10.0.0.0"), "10.0.0.1");
    EXPECT_EQ(match("10.0.0.77"), "10.0.0.1");
    EXPECT_EQ(match("10.0.1.0"), "none");
    EXPECT_EQ(match("fd00::1"), "none");
}

TEST(SystemHost, ResolvesNumbersAndKnowsLoopback) {
    const SystemHost host;
    EXPECT_FALSE(host.name().empty());
    ASSERT_EQ(host.resolve("127.0.0.1", Family::ipv4).size(), 1U);
    EXPECT_EQ(host.resolve("fd00::1", Family::any).at(0).text(), "fd00::1");
    EXPECT_THAT(host.resolve("127.0.0.1", Family::ipv6), IsEmpty());
    EXPECT_THAT(host.resolve("", Family::any), IsEmpty());
    EXPECT_TRUE(is_local(host.addresses(), totem::wire::parse_address("127.0.0.1").value()));
}

}  // namespace
}  // namespace engine::config
