// Finding, losing and regaining the interface; ports that are taken; the options of the sockets.

#include <netinet/in.h>

#include "tests/net/fixture.hpp"
#include "totem/net/sockets.hpp"

namespace testnet {
namespace {

using totem::Dialect;
using totem::Identity;
using totem::net::find_address;
using totem::net::HostAddress;
using totem::net::Mode;

HostAddress host(const std::string& text, unsigned prefix, const std::string& name) {
    HostAddress out;
    out.address = address(text);
    for (unsigned i = 0; i < prefix; ++i)
        out.netmask[i / 8] |= static_cast<std::uint8_t>(0x80 >> (i % 8));
    out.interface = name;
    return out;
}

TEST(FindAddress, ExactAddressWinsOverAnEarlierNetwork) {
    std::vector<HostAddress> hosts{host("127.0.0.1", 8, "lo"), host("10.0.0.1", 24, "first"),
                                   host("10.0.0.2", 24, "second"), host("fd00::1", 64, "six")};
    EXPECT_EQ(find_address(hosts, address("10.0.0.2"))->interface, "second");
    EXPECT_EQ(find_address(hosts, address("10.0.0.0"))->interface, "first");
    EXPECT_EQ(find_address(hosts, address("10.0.0.77"))->interface, "first");
    EXPECT_EQ(find_address(hosts, address("fd00::"))->interface, "six");
    EXPECT_FALSE(find_address(hosts, address("10.0.1.1")));
    EXPECT_FALSE(find_address(hosts, address("fd01::1")));
    EXPECT_FALSE(find_address({}, address("10.0.0.1")));
}

using Interfaces = TransportTest;

TEST_F(Interfaces, NetworkAddressFindsTheInterface) {
    auto settings = config(Side::a, Mode::multicast);
    settings.bindnetaddr = address("10.77.0.0");
    End& a = open(Side::a, settings);
    EXPECT_EQ(a.transport->address().text(), "10.77.0.1");
    EXPECT_TRUE(a.transport->is_up());
}

TEST_F(Interfaces, MissingAddressIsToldOnceAndUsedWhenItComes) {
    auto settings = config(Side::a, Mode::unicast);
    settings.bindnetaddr = address("10.88.0.1");
    End& a = open(Side::a, settings);
    EXPECT_EQ(a.recorder.ups, 0u);
    EXPECT_EQ(a.recorder.downs, 1u);
    a.transport->multicast(frame("lost"), Fanout::all);
    EXPECT_EQ(a.transport->counters().send_no_address, 1u);
    a.transport->check_interface();
    EXPECT_EQ(a.recorder.downs, 1u);
    net_->ip(Side::a, "addr add 10.88.0.1/24 dev cable");
    a.transport->check_interface();
    EXPECT_EQ(a.recorder.ups, 1u);
    EXPECT_EQ(a.transport->address().text(), "10.88.0.1");
}

TEST_F(Interfaces, PeriodicCheckNoticesDownAndUp) {
    auto settings = config(Side::a, Mode::multicast);
    settings.downcheck = std::chrono::milliseconds(5);
    End& a = open(Side::a, settings);
    End& b = open(Side::b, config(Side::b, Mode::multicast));
    net_->ip(Side::a, "link set cable down");
    ASSERT_TRUE(run_until([&] { return a.recorder.downs == 1; }));
    EXPECT_FALSE(a.transport->is_up());
    EXPECT_EQ(a.transport->address().text(), "10.77.0.1") << "who we are does not change";

    a.transport->unicast(frame("own token"), Identity::v3(1));
    a.transport->unicast(frame("lost token"), Identity::v3(2));
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return a.recorder.messages.size() == 1; })) << "alone, a ring goes on";
    EXPECT_EQ(a.transport->counters().send_no_address, 1u);

    net_->ip(Side::a, "link set cable up");
    ASSERT_TRUE(run_until([&] { return a.recorder.ups == 2; }));
    bool heard = false;  // not before the cable has its carrier back
    for (int i = 0; i < 50 && !heard; ++i) {
        b.transport->multicast(frame("again"), Fanout::all);
        b.transport->flush();
        heard = bool(run_until([&] { return a.recorder.messages.back() == "again"; }, std::chrono::milliseconds(100)));
    }
    EXPECT_TRUE(heard) << "the group was joined anew";
}

TEST_F(Interfaces, UnwatchedInterfaceIsLeftAlone) {
    auto settings = config(Side::a, Mode::unicast);
    settings.downcheck = std::chrono::milliseconds(1);
    End& a = open(Side::a, settings);
    a.transport->watch_interface(false);
    net_->ip(Side::a, "link set cable down");
    EXPECT_FALSE(run_until([&] { return a.recorder.downs == 1; }, std::chrono::milliseconds(30)));
    a.transport->check_interface();
    EXPECT_EQ(a.recorder.downs, 1u);
}

TEST_F(Interfaces, PortInUseIsRetriedUntilFree) {
    auto blocker = std::make_unique<PlainSocket>("10.77.0.1", kPort);
    End& a = open(Side::a, config(Side::a, Mode::unicast));
    ASSERT_EQ(a.recorder.troubles.size(), 1u);
    EXPECT_EQ(a.recorder.troubles[0], "Unable to bind the token socket to 10.77.0.1:5405: Address already in use");
    EXPECT_EQ(a.recorder.ups, 0u);
    blocker.reset();
    ASSERT_TRUE(run_until([&] { return a.recorder.ups == 1; }));
    EXPECT_EQ(a.recorder.failure, "");
}

TEST_F(Interfaces, PortInUseForTooLongIsAFailure) {
    PlainSocket blocker("10.77.0.1", kPort);
    End& a = open(Side::a, config(Side::a, Mode::unicast));
    ASSERT_TRUE(run_until([&] { return !a.recorder.failure.empty(); }, std::chrono::seconds(20)));
    EXPECT_EQ(a.recorder.failure, "Unable to bind the token socket to 10.77.0.1:5405: Address already in use");
    EXPECT_EQ(a.recorder.troubles.size(), 9u);
    EXPECT_EQ(a.recorder.ups, 0u);
}

int option(const totem::net::Socket& socket, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    EXPECT_EQ(::getsockopt(socket.fd(), level, name, &value, &size), 0);
    return value;
}

TEST_F(Interfaces, MulticastSocketsHaveTheirOptions) {
    auto settings = config(Side::a, Mode::multicast, false, Dialect::v2);
    settings.ttl = 3;
    auto found = find_address(totem::net::host_addresses(), settings.bindnetaddr);
    ASSERT_TRUE(found);
    totem::net::Sockets sockets = totem::net::open_sockets(settings, *found);
    EXPECT_EQ(option(sockets.multicasts, IPPROTO_IP, IP_MULTICAST_TTL), 3);
    EXPECT_EQ(option(sockets.multicasts, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    EXPECT_EQ(option(sockets.multicasts, SOL_SOCKET, SO_SNDBUF), 2 * 4 * 1024 * 1024);
    EXPECT_EQ(option(sockets.group, SOL_SOCKET, SO_RCVBUF), 2 * 4 * 1024 * 1024);
    EXPECT_EQ(option(sockets.token, SOL_SOCKET, SO_PRIORITY), 6);
    for (const auto* socket : {&sockets.multicasts, &sockets.group, &sockets.token}) {
        EXPECT_EQ(option(*socket, SOL_SOCKET, SO_REUSEADDR), 1);
    }
    EXPECT_EQ(sockets.token_sender(Mode::multicast), sockets.multicasts.fd());
}

TEST_F(Interfaces, UnicastSocketsHaveTheirOptions) {
    auto settings = config(Side::a, Mode::unicast, true, Dialect::v2);
    auto found = find_address(totem::net::host_addresses(), settings.bindnetaddr);
    ASSERT_TRUE(found);
    totem::net::Sockets sockets = totem::net::open_sockets(settings, *found);
    EXPECT_FALSE(sockets.group);
    EXPECT_EQ(option(sockets.token, SOL_SOCKET, SO_PRIORITY), 6);
    EXPECT_EQ(option(sockets.token, SOL_SOCKET, SO_REUSEADDR), 0);
    EXPECT_EQ(option(sockets.token, SOL_SOCKET, SO_RCVBUF), 2 * 4 * 1024 * 1024);
    EXPECT_EQ(option(sockets.multicasts, SOL_SOCKET, SO_SNDBUF), 2 * 4 * 1024 * 1024);
    EXPECT_EQ(sockets.token_sender(Mode::unicast), sockets.token.fd());
}

}  // namespace
}  // namespace testnet
