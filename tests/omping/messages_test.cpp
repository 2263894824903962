// Every message byte by byte. Spec omping.md sections 3 to 5 and 12.
#include "tools/omping/messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/omping/support.hpp"

namespace tools::omping {
namespace {

const Address kGroup6 = address("ff3e::4321:1234");

// Blanks may stand anywhere; the ids stand for themselves.
std::string bytes_of(std::string text) {
    const auto replace = [&](std::string_view what, std::string_view with) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
            text.replace(at, what.size(), with);
    };
    replace("CLIENT", kClientIdHex);
    replace("SESSION", kSessionIdHex);
    std::erase(text, ' ');
    return text;
}

Datagram datagram(const std::string& text) {
    const auto bytes = totem::test::from_hex(bytes_of(text));
    return {bytes.begin(), bytes.end()};
}

std::string hex(Bytes bytes) {
    return totem::test::to_hex(bytes);
}

SessionId session() {
    SessionId id{};
    const Datagram bytes = datagram("SESSION");
    std::copy(bytes.begin(), bytes.end(), id.begin());
    return id;
}

constexpr char kInit[] = "49 0000 0001 02 0001 0018 CLIENT 000a 0007 0001 20 e82bd3ea";
constexpr char kQuery[] =
    "51 0000 0001 02 0001 0018 CLIENT 0002 0004 00000001 0003 0008 6b030cb5 000d428c"
    "0004 0006 0001 e82bd3ea 000b 0010 SESSION";

TEST(Messages, Init) {
    EXPECT_EQ(hex(encode_init(client_id(0), kGroup, false)), bytes_of(kInit));
    EXPECT_EQ(encode_init(client_id(0), kGroup, false).size(), 45u);
    EXPECT_EQ(encode_init(client_id(0), kGroup6, false).size(), 57u);
    EXPECT_EQ(hex(encode_init(client_id(0), kGroup, true)),
              bytes_of("49 0000 0001 02 0001 0018 CLIENT 0005 0002 0006 000a 0007 0001 20 e82bd3ea"));
}

TEST(Messages, Query) {
    const SessionId id = session();
    Query query{client_id(0), 1, {0x6b030cb5, 0x000d428c}, kGroup, id};
    EXPECT_EQ(hex(encode_query(query)), bytes_of(kQuery));
    EXPECT_EQ(encode_query(query).size(), 84u);
    query.group = kGroup6;
    EXPECT_EQ(encode_query(query).size(), 96u);
    const Datagram padding(3, 0xee);
    query.group = kGroup;
    query.ask_time = true;
    query.extra = {{Code::padding, padding}};
    EXPECT_EQ(hex(encode_query(query)),
              bytes_of("51 0000 0001 02 0001 0018 CLIENT 0002 0004 00000001 0003 0008 6b030cb5 000d428c"
                       "0004 0006 0001 e82bd3ea 0005 0002 000c 000b 0010 SESSION fde9 0003 eeeeee"));
}

TEST(Messages, ResponsesOfAServer) {
    const Datagram init = datagram(kInit), query = datagram(kQuery);
    const Message asked = *decode(init);
    EXPECT_EQ(hex(encode_accept(asked, kGroup, session(), "x")),
              bytes_of("53 0000 0001 02 0001 0018 CLIENT 0004 0006 0001 e82bd3ea 000b 0010 SESSION"));
    EXPECT_EQ(encode_accept(asked, kGroup, session(), "x").size(), 64u);
    EXPECT_EQ(encode_accept(asked, kGroup6, session(), "x").size(), 76u);
    EXPECT_EQ(hex(encode_refuse(asked, kGroup, "x")),
              bytes_of("53 0000 0001 02 0001 0018 CLIENT 000a 0007 0001 20 e82bd3ea"));
    EXPECT_EQ(hex(encode_stop(asked, "x")), bytes_of("53 0000 0001 02 0001 0018 CLIENT"));
    EXPECT_EQ(encode_stop(asked, "x").size(), 34u);
    EXPECT_EQ(hex(encode_stop(*decode(query), "x")), bytes_of("53 0000 0001 02 0001 0018 CLIENT 0002 0004 00000001"));
    EXPECT_EQ(encode_stop(*decode(query), "x").size(), 42u);
}

TEST(Messages, InformationGoesToWhoAsksForIt) {
    const Datagram init = encode_init(client_id(0), kGroup, true);
    EXPECT_EQ(hex(encode_accept(*decode(init), kGroup, session(), "om")),
              bytes_of("53 0000 0001 02 0001 0018 CLIENT 0004 0006 0001 e82bd3ea 0006 0002 6f6d 000b 0010 SESSION"));
    EXPECT_EQ(hex(encode_stop(*decode(init), "om")), bytes_of("53 0000 0001 02 0001 0018 CLIENT 0006 0002 6f6d"));
}

TEST(Messages, AnswerCopiesWhatItDoesNotKnow) {
    const Datagram query = datagram(kQuery);
    EXPECT_EQ(hex(encode_answer(*decode(query), 64, {})),
              bytes_of("41 0000 0001 02 0001 0018 CLIENT 0002 0004 00000001 0003 0008 6b030cb5 000d428c"
                       "0004 0006 0001 e82bd3ea 0009 0001 40"));
    EXPECT_EQ(encode_answer(*decode(query), 64, {}).size(), 69u);
    const Datagram rich = datagram(
        "51 0000 0001 02 0006 0001 61 fde9 0003 eeeeee 0009 0001 07 0007 0000 000a 0003 000100 000c 0008"
        "0102030405060708 0005 0002 000c 0001 0002 abcd 000b 0001 00");
    EXPECT_EQ(hex(encode_answer(*decode(rich), 1, {0x11, 0x22})),
              bytes_of("41 0000 0001 02 fde9 0003 eeeeee 0007 0000 0005 0002 000c 0001 0002 abcd 0009 0001 01"
                       "000c 0008 00000011 00000022"));
}

TEST(Messages, AnswerIpv6Size) {
    const SessionId id = session();
    const Datagram query = encode_query({client_id(0), 1, {}, kGroup6, id});
    EXPECT_EQ(encode_answer(*decode(query), 64, {}).size(), 81u);
}

TEST(Messages, Decode) {
    const Datagram query = datagram(kQuery);
    const auto message = decode(query);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->is(Type::query));
    EXPECT_EQ(message->version, 2);
    EXPECT_EQ(message->sequence, 1u);
    EXPECT_EQ(message->client_time, (Timestamp{0x6b030cb5, 0x000d428c}));
    EXPECT_EQ(message->group, kGroup);
    ASSERT_TRUE(message->session);
    EXPECT_EQ(hex(*message->session), kSessionIdHex);
    EXPECT_FALSE(message->ttl);
    EXPECT_FALSE(message->asks_time);
    EXPECT_EQ(message->options.size(), 6u);
}

TEST(Messages, WhatOverrunsIsDropped) {
    const Datagram whole = datagram(kQuery);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto message = decode(Bytes(whole.data(), size));
        // Only between options is what is left a message.
        const bool boundary = size == 1 || size == 6 || size == 34 || size == 42 || size == 54 || size == 64;
        EXPECT_EQ(message.has_value(), boundary) << size;
    }
    EXPECT_FALSE(decode(datagram("49 0000 ffff 02")));
}

TEST(Messages, WrongLengthsCountAsAbsentAndTheLastOfSeveralIsTaken) {
    const Datagram odd = datagram(
        "51 0000 0002 0202 0001 0000 0002 0003 000001 0003 0004 00000000 0004 0006 0002 e82bd3ea 0009 0000 000b 0000"
        "000c 0007 00000000000000 0005 0003 000c00 0005 0000 000a 0002 0001 0006 0000");
    const auto message = decode(odd);
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->version || message->client_id || message->sequence || message->client_time ||
                 message->group || message->ttl || message->session || message->server_time || message->information);
    EXPECT_FALSE(message->asks_time);
    EXPECT_TRUE(message->prefixes.empty());
    const Datagram twice = datagram("51 0002 0004 00000001 0002 0004 00000007 0002 0001 00 0009 0001 01 0009 0001 02");
    EXPECT_EQ(decode(twice)->sequence, 7u);
    EXPECT_EQ(decode(twice)->ttl, 2);
}

struct PrefixCase {
    const char* option;
    bool matches;
};

TEST(Messages, PrefixMatching) {
    for (const auto& [option, matches] : std::initializer_list<PrefixCase>{
             {"0001 20 e82bd3ea", true},
             {"0001 20 e82bd3eb", false},
             {"0001 1f e82bd3eb", true},
             {"0001 08 e8", true},
             {"0001 04 e0", true},
             {"0001 03 e0", false},  // shorter than any network of groups
             {"0001 00", true},      // any group
             {"0002 00", false},     // of the other family
             {"0001 21 e82bd3ea00", false},
             {"0001 18 e82b", false},  // too few bytes
             {"0001 08 e9", false},
             {"0002 08 ff", false},
         }) {
        const Datagram bytes = datagram(option);
        const Prefix prefix{static_cast<std::uint16_t>(bytes[1]), bytes[2], Bytes(bytes).subspan(3)};
        EXPECT_EQ(prefix.matches(kGroup), matches) << option;
    }
    const Datagram six = datagram("ff3e");
    EXPECT_TRUE((Prefix{2, 16, six}.matches(kGroup6)));
    EXPECT_TRUE((Prefix{2, 8, six}.matches(kGroup6)));
    EXPECT_FALSE((Prefix{2, 7, six}.matches(kGroup6)));
}

}  // namespace
}  // namespace tools::omping
