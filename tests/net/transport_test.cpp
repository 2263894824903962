// Two transports at the ends of a cable: who hears what, in every mode and family.

#include <thread>

#include "tests/net/fixture.hpp"
#include "totem/crypto/secauth.hpp"

namespace testnet {
namespace {

using ::testing::Test;
using totem::Dialect;
using totem::Identity;
using totem::net::Mode;
using totem::net::Refusal;

struct Setting {
    const char* name;
    Mode mode;
    bool ipv6;
    Dialect dialect;
    bool secauth = false;
};

std::unique_ptr<totem::crypto::Suite> secauth(totem::crypto::SecauthOptions options = {}) {
    using totem::crypto::Cipher, totem::crypto::Hash;
    return make_secauth_suite(Cipher::aes256, Hash::sha1, totem::crypto::Secret(128), std::move(options));
}

class EveryMode : public TransportTest, public ::testing::WithParamInterface<Setting> {
protected:
    totem::net::TransportConfig configured(Side side) const {
        return config(side, GetParam().mode, GetParam().ipv6, GetParam().dialect);
    }
    End& open(Side side, const totem::net::TransportConfig& config) {
        if (!GetParam().secauth) return TransportTest::open(side, config);
        return TransportTest::open(side, config, secauth());
    }
    Identity peer(Side side) const {
        if (GetParam().dialect == Dialect::v3) return Identity::v3(side == Side::a ? 1 : 2);
        return identity(std::string(GetParam().ipv6 ? "fd77::" : "10.77.0.") + (side == Side::a ? "1" : "2"));
    }
};

TEST_P(EveryMode, MulticastsAndTokensArriveInOrderAndOnlyAtTheOther) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    ASSERT_EQ(a.recorder.ups, 1u);
    ASSERT_EQ(b.recorder.ups, 1u);
    EXPECT_EQ(a.recorder.bound.interface, "cable");

    a.transport->multicast(frame("first"), Fanout::all);
    a.transport->multicast(frame("second"), Fanout::all);
    a.transport->unicast(frame("token"), peer(Side::b));
    EXPECT_EQ(a.transport->counters().send_calls, 0u) << "nothing leaves before flush()";
    a.transport->flush();

    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 3; }));
    EXPECT_EQ(b.recorder.messages, (std::vector<std::string>{"first", "second", "token"}));
    EXPECT_EQ(b.recorder.senders.back(), a.transport->address().text());

    b.transport->multicast(frame("back"), Fanout::all);
    b.transport->flush();
    ASSERT_TRUE(run_until([&] { return !a.recorder.messages.empty() && a.recorder.messages.back() == "back"; }));
    std::size_t own = GetParam().mode == Mode::broadcast ? 2 : 0;  // the kernel loops broadcasts back
    EXPECT_EQ(a.recorder.messages.size(), 1 + own);
    EXPECT_EQ(a.transport->counters().datagrams_out, 3u);
    EXPECT_EQ(a.transport->counters().send_failed + a.transport->counters().send_no_buffer, 0u);
}

TEST_P(EveryMode, TokenToOurselvesIsDeferred) {
    End& a = open(Side::a, configured(Side::a));
    a.transport->unicast(frame("token"), peer(Side::a));
    a.transport->flush();
    EXPECT_TRUE(a.recorder.messages.empty());
    ASSERT_TRUE(run_until([&] { return !a.recorder.messages.empty(); }));
    EXPECT_EQ(a.recorder.messages, std::vector<std::string>{"token"});
    EXPECT_EQ(a.transport->counters().looped_back, 1u);
    EXPECT_EQ(a.transport->counters().send_calls, 0u);
}

TEST_P(EveryMode, AVisitTakesAsFewCallsAsThereAreSockets) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    std::string payload(1400, 'x');
    for (int i = 0; i < 17; ++i)
        a.transport->multicast(frame(payload), Fanout::all);
    a.transport->unicast(frame("token"), peer(Side::b));
    a.transport->flush();
    EXPECT_EQ(a.transport->counters().send_calls, GetParam().mode == Mode::unicast ? 2u : 1u);
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 18; }));
    EXPECT_EQ(b.recorder.messages.back(), "token");
}

TEST_P(EveryMode, APortThatNobodyHasOpenIsTold) {
    End& a = open(Side::a, configured(Side::a));
    a.transport->unicast(frame("token"), peer(Side::b));
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return !a.recorder.closed_ports.empty(); }));
    EXPECT_TRUE(a.recorder.closed_ports.front().same_address(configured(Side::b).bindnetaddr));
    EXPECT_EQ(a.transport->counters().ports_closed, 1u);
    // What is sent next meets the error first, and leaves all the same.
    a.transport->unicast(frame("again"), peer(Side::b));
    a.transport->flush();
    End& b = open(Side::b, configured(Side::b));
    a.transport->unicast(frame("at last"), peer(Side::b));
    a.transport->multicast(frame("and this"), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 2; }));
    EXPECT_EQ(a.transport->counters().unsent(), 0u);
}

TEST_P(EveryMode, BatchLargerThanOneCallTakesArrivesWhole) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    // More entries than one sendmmsg takes, more bytes than the arena holds; read in between so that the
    // receive buffer, not the batch, is never the limit.
    std::size_t sent = 0;
    for (int round = 0; round < 30; ++round) {
        for (int i = 0; i < 50; ++i, ++sent)
            a.transport->multicast(frame(std::to_string(sent)), Fanout::all);
        if (round % 3 == 2) {
            a.transport->flush();
            ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == sent; }));
        }
    }
    for (std::size_t i = 0; i < sent; ++i)
        ASSERT_EQ(b.recorder.messages[i], std::to_string(i));
}

TEST_P(EveryMode, PendingInputCanBeReadWithoutAWakeUp) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    a.transport->multicast(frame("first"), Fanout::all);
    a.transport->multicast(frame("second"), Fanout::all);
    a.transport->flush();
    const auto read = [&] {
        b.transport->read_pending();
        return b.recorder.messages.size() == 2;
    };
    for (int i = 0; i < 200 && !read(); ++i)
        std::this_thread::yield();
    EXPECT_EQ(b.recorder.messages, (std::vector<std::string>{"first", "second"}));
    settle();
    EXPECT_EQ(b.recorder.messages.size(), 2u) << "read once";
    b.transport->close();
    b.transport->read_pending();
}

TEST_P(EveryMode, PendingInputCanBeDiscarded) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    EXPECT_FALSE(b.transport->discard_pending_input());
    bool any = false;
    b.recorder.on_message = [&](const std::string&) { any = b.transport->discard_pending_input(); };
    for (int i = 0; i < 40; ++i)
        a.transport->multicast(frame("join"), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return !b.recorder.messages.empty(); }));
    EXPECT_TRUE(any);
    settle();
    EXPECT_EQ(b.recorder.messages.size(), 1u);
    EXPECT_EQ(b.transport->counters().discarded, 39u);

    b.recorder.on_message = nullptr;  // and the sockets go on
    a.transport->multicast(frame("later"), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.back() == "later"; }));
}

TEST_P(EveryMode, ClosingFromInsideACallbackEndsTheHandOver) {
    End& a = open(Side::a, configured(Side::a));
    End& b = open(Side::b, configured(Side::b));
    b.recorder.on_message = [&](const std::string&) { b.transport->close(); };
    for (int i = 0; i < 5; ++i)
        a.transport->multicast(frame("m"), Fanout::all);
    a.transport->unicast(frame("token"), peer(Side::b));
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return !b.recorder.messages.empty(); }));
    settle();
    EXPECT_EQ(b.recorder.messages.size(), 1u);
    b.transport->multicast(frame("late"), Fanout::all);
    b.transport->flush();
    EXPECT_EQ(b.transport->counters().datagrams_out, 0u);
}

INSTANTIATE_TEST_SUITE_P(Modes, EveryMode,
                         ::testing::Values(Setting{"Multicast4", Mode::multicast, false, Dialect::v3},
                                           Setting{"Multicast6", Mode::multicast, true, Dialect::v3},
                                           Setting{"Multicast4Old", Mode::multicast, false, Dialect::v2},
                                           Setting{"Multicast6Old", Mode::multicast, true, Dialect::v2},
                                           Setting{"Broadcast", Mode::broadcast, false, Dialect::v3},
                                           Setting{"Unicast4", Mode::unicast, false, Dialect::v3},
                                           Setting{"Unicast6", Mode::unicast, true, Dialect::v3},
                                           Setting{"Unicast4Old", Mode::unicast, false, Dialect::v2},
                                           Setting{"Multicast4Secauth", Mode::multicast, false, Dialect::v2, true},
                                           Setting{"Unicast4Secauth", Mode::unicast, false, Dialect::v2, true}),
                         [](const auto& test) { return std::string(test.param.name); });

using Multicast = TransportTest;
using Unicast = TransportTest;

TEST_F(Multicast, DatagramsCarryTtlAndTheSourcePortBelow) {
    auto settings = config(Side::a, Mode::multicast);
    settings.ttl = 7;
    End& b = open(Side::b, config(Side::b, Mode::multicast));  // joins the group on this side
    PlainSocket onlooker("239.192.77.1", kPort);
    PlainSocket token_onlooker("10.77.0.2", kPort);  // the newer of two sockets gets the unicasts
    End& a = open(Side::a, settings);
    a.transport->multicast(frame("mcast"), Fanout::all);
    a.transport->unicast(frame("token"), Identity::v3(2));
    a.transport->flush();
    PlainSocket::Seen seen = onlooker.receive();
    EXPECT_EQ(seen.size, 5u);
    EXPECT_EQ(seen.ttl, 7);
    EXPECT_EQ(seen.port, kPort - 1);
    seen = token_onlooker.receive();
    EXPECT_EQ(seen.size, 5u);
    EXPECT_EQ(seen.ttl, 64) << "unicasts have the ordinary TTL";
    EXPECT_EQ(seen.port, kPort - 1);
    ASSERT_TRUE(run_until([&] { return !b.recorder.messages.empty(); }));
}

TEST_F(Multicast, WhatWaitsInTheGroupSocketIsSeenBeforeTheToken) {
    End& a = open(Side::a, config(Side::a, Mode::multicast));
    End& b = open(Side::b, config(Side::b, Mode::multicast));
    a.transport->unicast(frame("token"), Identity::v3(2));  // becomes readable first
    a.transport->flush();
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        expected.push_back("message " + std::to_string(i));
        a.transport->multicast(frame(expected.back()), Fanout::members);
    }
    a.transport->flush();
    expected.push_back("token");
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == expected.size(); }));
    EXPECT_EQ(b.recorder.messages, expected);
}

// Packets are sealed and opened many together. Those that can't be sealed are told and leave a gap, no more.
TEST_F(Multicast, WhatCannotBeSealedIsToldAndTheOthersArrive) {
    const auto some_salts = [draws = 0](totem::MutableBytes) mutable { return ++draws == 1; };
    End& a = open(Side::a, config(Side::a, Mode::multicast, false, Dialect::v2), secauth({.salts = some_salts}));
    End& b = open(Side::b, config(Side::b, Mode::multicast, false, Dialect::v2), secauth());
    constexpr std::size_t kSent = 300, kSalts = 256;
    for (std::size_t i = 0; i < kSent; ++i)
        a.transport->multicast(frame(std::to_string(i)), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == kSalts; }));
    settle();
    for (std::size_t i = 0; i < kSalts; ++i)
        EXPECT_EQ(b.recorder.messages[i], std::to_string(i));
    EXPECT_EQ(a.transport->counters().send_too_big, kSent - kSalts);
    EXPECT_EQ(a.recorder.troubles.size(), kSent - kSalts);
    EXPECT_EQ(a.transport->counters().datagrams_out, kSalts);
    EXPECT_EQ(b.transport->counters().refused(), 0u);
}

// Among good ones, some of which are opened together with it.
TEST_F(Multicast, ForgedPacketsAreRefusedWhereTheyCame) {
    End& b = open(Side::b, config(Side::b, Mode::multicast, false, Dialect::v2), secauth());
    net_->enter(Side::a);
    PlainSocket stranger("10.77.0.1");
    const auto suite = secauth();
    for (int i = 0; i < 40; ++i) {
        const std::string text = std::to_string(i);
        std::vector<std::uint8_t> datagram(suite->sealed_size(text.size()));
        ASSERT_EQ(suite->seal(bytes_of(text), datagram), datagram.size());
        if (i % 10 == 3) datagram[30] ^= 1;
        stranger.send("239.192.77.1", kPort, datagram);
    }
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 36; }));
    EXPECT_EQ(b.recorder.refusals, std::vector<Refusal>(4, Refusal::bad_digest));
    EXPECT_EQ(b.recorder.messages[3], "4");
    EXPECT_EQ(b.transport->counters().drop_bad_digest, 4u);
}

TEST_F(Multicast, UnlistedSourcesAreWelcome) {
    End& b = open(Side::b, config(Side::b, Mode::multicast));
    net_->enter(Side::a);
    PlainSocket stranger("10.77.0.9");
    stranger.send("10.77.0.2", kPort, 20);
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 1; }));
}

TEST_F(Unicast, TokensComeFromThePortAndMulticastsFromAnother) {
    PlainSocket onlooker("10.77.0.1", kPort);
    End& b = open(Side::b, config(Side::b, Mode::unicast));
    b.transport->multicast(frame("mcast"), Fanout::all);
    b.transport->unicast(frame("token"), Identity::v3(1));
    b.transport->flush();
    PlainSocket::Seen mcast = onlooker.receive(), token = onlooker.receive();
    EXPECT_EQ(mcast.size, 5u);
    EXPECT_NE(mcast.port, kPort);
    EXPECT_EQ(token.port, kPort);

    b.transport->check_interface();  // nothing changed: the sockets stay
    b.transport->multicast(frame("mcast"), Fanout::all);
    b.transport->flush();
    EXPECT_EQ(onlooker.receive().port, mcast.port);
    EXPECT_EQ(b.recorder.ups, 1u);
    EXPECT_EQ(b.recorder.downs, 0u);
}

TEST_F(Unicast, UnlistedSourcesAreRefused) {
    End& b = open(Side::b, config(Side::b, Mode::unicast));
    net_->enter(Side::a);
    PlainSocket stranger("10.77.0.9"), member("10.77.0.1");
    stranger.send("10.77.0.2", kPort, 20);
    member.send("10.77.0.2", kPort, 20);
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 1; }));
    EXPECT_EQ(b.recorder.refusals, std::vector<Refusal>{Refusal::unlisted});
    EXPECT_EQ(b.transport->counters().drop_unlisted, 1u);

    b.transport->set_members({address("10.77.0.2", 2), address("10.77.0.9", 9)});
    stranger.send("10.77.0.2", kPort, 20);
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 2; })) << "a member now";
}

TEST_F(Unicast, UnlistedSourcesPassIfSoConfigured) {
    auto settings = config(Side::b, Mode::unicast);
    settings.block_unlisted_ips = false;
    End& b = open(Side::b, settings);
    net_->enter(Side::a);
    PlainSocket stranger("10.77.0.9");
    stranger.send("10.77.0.2", kPort, 20);
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 1; }));
}

TEST_F(Unicast, OldDialectSendsOrderedMessagesToActiveMembersOnly) {
    auto settings = config(Side::a, Mode::unicast, false, Dialect::v2);
    settings.widen_after = std::chrono::hours(1);
    End& a = open(Side::a, settings);
    End& b = open(Side::b, config(Side::b, Mode::unicast, false, Dialect::v2));
    a.transport->multicast(frame("join"), Fanout::all);
    a.transport->multicast(frame("not for b"), Fanout::members);
    a.transport->flush();
    EXPECT_EQ(a.transport->counters().datagrams_out, 1u);
    std::vector<Identity> both{identity("10.77.0.1"), identity("10.77.0.2")};
    a.transport->set_active(both);
    a.transport->multicast(frame("for b"), Fanout::members);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 2; }));
    EXPECT_EQ(b.recorder.messages, (std::vector<std::string>{"join", "for b"}));
}

TEST_F(Unicast, OldDialectWidensWhenNothingWentToAllForLong) {
    auto settings = config(Side::a, Mode::unicast, false, Dialect::v2);
    settings.widen_after = {};
    End& a = open(Side::a, settings);
    End& b = open(Side::b, config(Side::b, Mode::unicast, false, Dialect::v2));
    a.transport->multicast(frame("for everybody"), Fanout::members);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 1; }));
}

// 2.x announces its loopback address while its interface is gone; a token there would come to ourselves.
TEST_F(Unicast, OldDialectSendsNothingToAPeersLoopback) {
    End& a = open(Side::a, config(Side::a, Mode::unicast, false, Dialect::v2));
    a.transport->unicast(frame("token"), identity("127.0.0.1"));
    a.transport->flush();
    settle();
    EXPECT_EQ(a.transport->counters().send_no_address, 1u);
    EXPECT_TRUE(a.recorder.messages.empty());
}

TEST_F(Unicast, UnknownTargetsAreCounted) {
    End& a = open(Side::a, config(Side::a, Mode::unicast));
    a.transport->unicast(frame("token"), Identity::v3(99));
    a.transport->flush();
    EXPECT_EQ(a.transport->counters().send_no_address, 1u);
}

TEST_F(Unicast, ForeignDialectIsRefusedAndTold) {
    End& b = open(Side::b, config(Side::b, Mode::unicast, false, Dialect::v2));
    End& a = open(Side::a, config(Side::a, Mode::unicast));
    a.transport->multicast(frame(std::string("\x70\xc0\x03\x01\x00", 5) + "from another age"), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return !b.recorder.refusals.empty(); }));
    EXPECT_EQ(b.recorder.refusals, std::vector<Refusal>{Refusal::unsupported_prefix});
    EXPECT_EQ(b.transport->counters().drop_unsupported_prefix, 1u);

    net_->enter(Side::a);
    PlainSocket peer("10.77.0.1");
    const std::uint8_t reserved[] = {0xfe, 0xfe, 0x01, 0x00, 1, 2, 3};
    peer.send("10.77.0.2", kPort, Bytes(reserved));
    ASSERT_TRUE(run_until([&] { return b.recorder.refusals.size() == 2; }));
    EXPECT_EQ(b.recorder.refusals.back(), Refusal::bad_reserved);
    EXPECT_TRUE(b.recorder.messages.empty());
}

TEST_F(Unicast, OldDialectBoundsDatagramsAtTenThousandBytes) {
    End& a = open(Side::a, config(Side::a, Mode::unicast, false, Dialect::v2));
    End& b = open(Side::b, config(Side::b, Mode::unicast, false, Dialect::v2));
    a.transport->multicast(frame(std::string(9997, 'x')), Fanout::all);  // and four bytes of prefix
    a.transport->flush();
    EXPECT_EQ(a.transport->counters().send_too_big, 1u);
    EXPECT_EQ(a.recorder.troubles, std::vector<std::string>{"UDPU message for mcast is too big. Ignoring message"});
    a.transport->multicast(frame(std::string(9996, 'x')), Fanout::all);
    a.transport->flush();
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 1; }));

    net_->enter(Side::a);
    PlainSocket peer("10.77.0.1");
    peer.send("10.77.0.2", kPort, 10001, 0xfe);
    ASSERT_TRUE(run_until([&] { return !b.recorder.refusals.empty(); }));
    EXPECT_EQ(b.recorder.refusals, std::vector<Refusal>{Refusal::truncated});
    EXPECT_EQ(b.transport->counters().drop_truncated, 1u);
}

TEST_F(Unicast, NewDialectTakesTheLargestDatagramUdpHas) {
    End& b = open(Side::b, config(Side::b, Mode::unicast));
    net_->enter(Side::a);
    PlainSocket peer("10.77.0.1");
    peer.send("10.77.0.2", kPort, 65507);
    peer.send("10.77.0.2", kPort, std::size_t{0});
    ASSERT_TRUE(run_until([&] { return b.recorder.messages.size() == 2; }));
    EXPECT_EQ(b.recorder.messages[0].size(), 65507u);
    EXPECT_EQ(b.recorder.messages[1].size(), 0u) << "the ring's codec says no to it";
}

}  // namespace
}  // namespace testnet
