// The suites without cipher and hash: totem-wire.md sections 2 and 12, totem-crypto.md section 6.

#include <gtest/gtest.h>

#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"
#include "totem/crypto/suite.hpp"

namespace totem::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;

std::string opened(Dialect dialect, Buffer datagram) {
    Bytes message;
    EXPECT_EQ(make_plain_suite(dialect)->open(datagram, message), Reject::none);
    return test::to_hex(message);
}

Reject reject_of(Dialect dialect, Buffer datagram) {
    Bytes message;
    return make_plain_suite(dialect)->open(datagram, message);
}

std::string_view guess(Dialect ours, std::string_view hex) {
    return guess_sender(ours, test::from_hex(hex));
}

TEST(PlainSuiteV2, AddsThePrefix) {
    const auto suite = make_plain_suite(Dialect::v2);
    EXPECT_EQ(suite->overhead(), 4u);
    Buffer out(6);
    ASSERT_EQ(suite->seal(test::from_hex("0500"), out), 6u);
    EXPECT_EQ(test::to_hex(out), "fefe00000500");
}

TEST(PlainSuiteV2, RemovesThePrefix) {
    EXPECT_EQ(opened(Dialect::v2, test::from_hex("fefe0000 0500")), "0500");
    Buffer datagram = test::from_hex("fefe0000 0500");
    Bytes message;
    ASSERT_EQ(make_plain_suite(Dialect::v2)->open(datagram, message), Reject::none);
    EXPECT_EQ(message.data(), datagram.data() + 4);
}

TEST(PlainSuiteV2, NeedsRoomForThePrefix) {
    const auto suite = make_plain_suite(Dialect::v2);
    for (std::size_t room = 0; room < 6; ++room) {
        Buffer out(room);
        EXPECT_EQ(suite->seal(test::from_hex("0500"), out), 0u);
    }
}

TEST(PlainSuiteV2, RefusesWhatHasNoPrefix) {
    for (const char* datagram : {"", "fe", "fefe", "fefe00", "fefe0000"}) {
        EXPECT_EQ(reject_of(Dialect::v2, test::from_hex(datagram)), Reject::too_short) << datagram;
    }
    for (const char* datagram : {"fffe000005", "70c0030005"}) {
        EXPECT_EQ(reject_of(Dialect::v2, test::from_hex(datagram)), Reject::unsupported_prefix) << datagram;
    }
    EXPECT_EQ(reject_of(Dialect::v2, test::from_hex("feff000005")), Reject::different_hash);
    EXPECT_EQ(reject_of(Dialect::v2, test::from_hex("fefe010005")), Reject::bad_reserved);
    EXPECT_EQ(reject_of(Dialect::v2, test::from_hex("fefe000105")), Reject::bad_reserved);
}

TEST(PlainSuiteV3, AddsNothing) {
    const auto suite = make_plain_suite(Dialect::v3);
    EXPECT_EQ(suite->overhead(), 0u);
    Buffer out(3);
    ASSERT_EQ(suite->seal(test::from_hex("70c003"), out), 3u);
    EXPECT_EQ(test::to_hex(out), "70c003");
    EXPECT_EQ(suite->seal(test::from_hex("70c00300"), out), 0u);
    EXPECT_EQ(opened(Dialect::v3, test::from_hex("70c003")), "70c003");
    // Whether it is a Totem message at all is the codec's to judge.
    EXPECT_EQ(opened(Dialect::v3, {}), "");
}

TEST(PlainSuite, SealsWhatItOpensInTheCaptures) {
    std::size_t datagrams = 0;
    for (const char* name : {"2x-udp-form", "2x-udpu-small", "3x-udp-form", "3x-udpu-small"}) {
        const test::Capture capture = test::capture(name);
        const auto suite = make_plain_suite(capture.dialect);
        for (test::Datagram& datagram : capture.datagrams()) {
            Bytes message;
            ASSERT_EQ(suite->open(datagram.payload, message), Reject::none);
            Buffer sealed(message.size() + suite->overhead());
            ASSERT_EQ(suite->seal(message, sealed), sealed.size());
            ASSERT_EQ(sealed, datagram.payload);
            ++datagrams;
        }
    }
    EXPECT_GT(datagrams, 200u);
}

TEST(GuessSender, ByA2xNode) {
    EXPECT_EQ(guess(Dialect::v2, "c070"), "Corosync 3.x");
    EXPECT_EQ(guess(Dialect::v2, "70c0"), "Corosync 3.x");
    EXPECT_EQ(guess(Dialect::v2, "ff00"), "Corosync 2.2");
    EXPECT_EQ(guess(Dialect::v2, "ff"), "Corosync 2.2");
    EXPECT_EQ(guess(Dialect::v2, "0100"), "unencrypted Kronosnet");
    for (const char* old : {"00", "02", "03", "04", "0500"}) {
        EXPECT_EQ(guess(Dialect::v2, old), "unencrypted Corosync 2.0/2.1/1.x/OpenAIS") << old;
    }
    for (const char* unknown : {"", "06", "70", "c0", "70c1", "fe00"}) {
        EXPECT_EQ(guess(Dialect::v2, unknown), "encrypted Kronosnet/Corosync 2.0/2.1/1.x/OpenAIS or unknown")
            << unknown;
    }
}

TEST(GuessSender, ByA3xNode) {
    EXPECT_EQ(guess(Dialect::v3, "fefe0000"), "Corosync 2.3+");
    EXPECT_EQ(guess(Dialect::v3, "ffff0000"), "Corosync 2.2");
    EXPECT_EQ(guess(Dialect::v3, "0100"), "unencrypted Kronosnet");
    EXPECT_EQ(guess(Dialect::v3, "0022"), "unencrypted Corosync 2.0/2.1/1.x/OpenAIS");
    EXPECT_EQ(guess(Dialect::v3, "0500"), "unencrypted Corosync 2.0/2.1/1.x/OpenAIS");
    for (const char* unknown : {"", "06", "ff", "ff00", "fe00", "fe"}) {
        EXPECT_EQ(guess(Dialect::v3, unknown), "encrypted Kronosnet/Corosync 2.0/2.1/1.x/OpenAIS or unknown")
            << unknown;
    }
}

}  // namespace
}  // namespace totem::crypto
