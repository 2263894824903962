// Which host is this one, which IP version is spoken, which group. Spec omping.md sections 2 and 9.
#include "tools/omping/hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/omping/support.hpp"

namespace tools::omping {
namespace {

Interface interface(const std::string& name, const std::string& own, unsigned prefix) {
    Interface out;
    out.name = name;
    out.index = 2;
    out.address = address(own);
    out.prefix = prefix;
    out.up = out.multicast = out.broadcast = true;
    return out;
}

std::vector<Interface> interfaces() {
    Interface lo = interface("lo", "127.0.0.1", 8);
    lo.loopback = true;
    Interface eth0 = interface("eth0", "10.0.0.1", 24);
    eth0.broadcast_address = address("10.0.0.255");
    return {lo, eth0, interface("eth0", "fd00::1", 64), interface("eth1", "10.1.0.1", 24)};
}

Argument host(const std::string& name, const std::vector<std::string>& texts) {
    Argument out{name, {}};
    for (const auto& text : texts)
        out.addresses.push_back(address(text));
    return out;
}

Argument host(const std::string& text) {
    return host(text, {text});
}

std::string refusal(const Options& options, const std::vector<Argument>& hosts,
                    const std::optional<Argument>& group = {}, std::vector<Interface> own = interfaces()) {
    try {
        select_hosts(options, hosts, group, own);
    } catch (const Failure& failure) {
        return failure.what() + std::string(failure.usage() ? "+" : "");
    }
    return "taken";
}

TEST(Hosts, TheOwnIsTakenOutAndDuplicatesAre) {
    const auto found = select_hosts(
        {}, {host("10.0.0.2"), host("me", {"10.0.0.1"}), host("10.0.0.3"), host("10.0.0.2")}, {}, interfaces());
    EXPECT_EQ(found.local.name, "eth0");
    EXPECT_EQ(found.local_name, "me");
    EXPECT_EQ(found.position, 1u);
    ASSERT_EQ(found.remotes.size(), 2u);
    EXPECT_EQ(found.remotes[1].name, "10.0.0.3");
    EXPECT_FALSE(found.single);
    EXPECT_EQ(found.group, address("232.43.211.234"));
}

TEST(Hosts, AloneItPingsItself) {
    const auto found = select_hosts({}, {host("fd00::1")}, {}, interfaces());
    EXPECT_TRUE(found.single);
    ASSERT_EQ(found.remotes.size(), 1u);
    EXPECT_EQ(found.group, address("ff3e::4321:1234"));
}

TEST(Hosts, Version6IsPreferredWhereAllHaveBoth) {
    const std::vector<Argument> both = {host("a", {"10.0.0.1", "fd00::1"}), host("b", {"10.0.0.2", "fd00::2"})};
    EXPECT_EQ(select_hosts({}, both, {}, interfaces()).remotes[0].address, address("fd00::2"));
    EXPECT_EQ(select_hosts({}, both, host("239.1.1.1"), interfaces()).remotes[0].address, address("10.0.0.2"));
    std::vector<Argument> mixed = both;
    mixed.push_back(host("10.0.0.3"));
    EXPECT_EQ(select_hosts({}, mixed, {}, interfaces()).remotes[0].address, address("10.0.0.2"));
    Options broadcast;
    broadcast.method = Method::broadcast;
    EXPECT_EQ(select_hosts(broadcast, both, {}, interfaces()).group, address("10.0.0.255"));
}

TEST(Hosts, Refusals) {
    EXPECT_EQ(refusal({}, {host("127.0.0.1")}),
              "Address 127.0.0.1 looks like loopback. Loopback ping is not supported");
    EXPECT_EQ(refusal({}, {host("224.1.1.1")}),
              "Address 224.1.1.1 looks like multicast. To set multicast address use -m parameter");
    EXPECT_EQ(refusal({}, {host("10.0.0.2")}), "Can't find local address in arguments");
    EXPECT_EQ(refusal({}, {host("10.0.0.1"), host("10.1.0.1")}),
              "Multiple local interfaces (eth0 and eth1) match parameters.");
    EXPECT_EQ(refusal({}, {host("10.0.0.1"), host("10.0.0.2")}, host("10.0.0.1")),
              "Given address 10.0.0.1 is not valid multicast address");
    EXPECT_EQ(refusal({}, {host("10.0.0.1")}, host("ff3e::1")),
              "Multicast address is ipv6 but host 10.0.0.1 supports only ipv4");
    EXPECT_EQ(refusal({}, {host("10.0.0.1"), host("fd00::2")}), "Host fd00::2 doesn't support IP version 4");
    Options six;
    six.ip_version = 6;
    EXPECT_EQ(refusal(six, {host("10.0.0.1")}), "Host 10.0.0.1 doesn't support IP version 6");
}

TEST(Hosts, InterfacesThatAreNotUpOrDoNoMulticastAreNoCandidates) {
    auto own = interfaces();
    own[1].up = false;
    EXPECT_EQ(refusal({}, {host("10.0.0.1")}, {}, own), "Can't find local address in arguments");
    own[1].up = true;
    own[1].multicast = false;
    EXPECT_EQ(refusal({}, {host("10.0.0.1")}, {}, own), "Can't find local address in arguments");
}

TEST(Hosts, Broadcast) {
    Options options;
    options.method = Method::broadcast;
    EXPECT_EQ(refusal(options, {host("10.0.0.1")}, host("10.0.0.254")),
              "illegal broadcast address, -M argument doesn't match with local broadcast address+");
    EXPECT_EQ(refusal(options, {host("10.0.0.1")}, host("10.0.0.255")), "taken");
    EXPECT_EQ(refusal(options, {host("10.1.0.1")}), "interface eth1 has no broadcast address");
    auto own = interfaces();
    own[1].broadcast = false;
    EXPECT_EQ(refusal(options, {host("10.0.0.1")}, {}, own), "selected local interface isn't broadcast aware");
}

}  // namespace
}  // namespace tools::omping
