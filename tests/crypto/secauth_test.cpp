// The protection of the 2.x dialect against vectors made and checked with upstream's own code, and against captures of
// real rings: totem-crypto.md section 13.

#include "totem/crypto/secauth.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/crypto/secauth_vectors.hpp"
#include "tests/support/any_packet.hpp"
#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"

namespace totem::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;
using nlohmann::json;

Secret key_of(const json& entry) {
    return Secret::copy_of(test::from_hex(vectors()["keys"][entry["key"].get<std::string>()].get<std::string>()));
}

// Draws the same salt again and again.
std::unique_ptr<Suite> suite_of(const json& entry, const std::string& salt = {}) {
    const auto cipher = find_cipher(entry["cipher"].get<std::string>());
    const auto hash = find_hash(entry["hash"].get<std::string>());
    EXPECT_TRUE(cipher && hash) << entry["id"];
    const Buffer bytes = test::from_hex(salt);
    SaltSource source;
    if (!bytes.empty()) {
        source = [bytes](MutableBytes out) {
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = bytes[i % bytes.size()];
            return true;
        };
    }
    return make_secauth_suite(*cipher, *hash, key_of(entry), {.salts = source});
}

std::string sealed(Suite& suite, Bytes message) {
    Buffer out(message.size() + suite.overhead());
    out.resize(suite.seal(message, out));
    return test::to_hex(out);
}

TEST(Secauth, OpensAndSealsAllVectorsToTheSameBytes) {
    std::size_t count = 0;
    for (const char* group : {"vectors", "produced_by_upstream"}) {
        for (const json& entry : vectors()[group]) {
            SCOPED_TRACE(entry["id"]);
            const Buffer plain = test::from_hex(entry["plaintext"].get<std::string>());
            Buffer packet = test::from_hex(entry["packet"].get<std::string>());
            const auto suite = suite_of(entry, entry["salt"].get<std::string>());
            EXPECT_EQ(sealed(*suite, plain), entry["packet"]);
            Bytes message;
            ASSERT_EQ(suite->open(packet, message), Reject::none);
            EXPECT_EQ(Buffer(message.begin(), message.end()), plain);
            ++count;
        }
    }
    EXPECT_EQ(count, 303u + 26u);
}

TEST(Secauth, JudgesAsUpstreamDoes) {
    for (const json& entry : vectors()["negative"]) {
        SCOPED_TRACE(entry["id"]);
        Buffer packet = test::from_hex(entry["packet"].get<std::string>());
        Bytes message;
        const auto verdict = suite_of(entry)->open(packet, message);
        const std::string upstream = entry["upstream"];
        if (upstream == "reject") {
            EXPECT_NE(verdict, Reject::none);
            continue;
        }
        ASSERT_EQ(verdict, Reject::none);
        const std::string payload = upstream.substr(std::string("accept:").size());
        EXPECT_EQ(test::to_hex(message), payload == "-" ? "" : payload);
    }
}

TEST(Secauth, ReservesWhatUpstreamReserves) {
    for (const json& entry : vectors()["reserve"]) {
        const auto suite = make_secauth_suite(*find_cipher(entry["cipher"].get<std::string>()),
                                              *find_hash(entry["hash"].get<std::string>()), Secret(128));
        EXPECT_EQ(suite->overhead(), entry["reserve"]) << entry;
    }
}

TEST(Secauth, OpensAllEncryptedCapturesAndSealsThemAgain) {
    std::size_t datagrams = 0;
    const wire::Codec codec(Dialect::v2);
    for (const test::Capture& capture : test::captures()) {
        if (!capture.encrypted) continue;
        SCOPED_TRACE(capture.name);
        std::ifstream file(test::data_directory() / "captures" / (capture.config + ".authkey"), std::ios::binary);
        const std::string key{std::istreambuf_iterator<char>(file), {}};
        ASSERT_EQ(key.size(), 128u);
        const Secret secret = Secret::copy_of({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
        for (test::Datagram& datagram : capture.datagrams()) {
            Buffer salt(datagram.payload.begin() + 4, datagram.payload.begin() + 20);
            const Buffer original = datagram.payload;
            const auto suite =
                make_secauth_suite(Cipher::aes256, Hash::sha1, secret, {.salts = [&salt](MutableBytes out) {
                                       std::copy(salt.begin(), salt.end(), out.begin());
                                       return true;
                                   }});
            Bytes message;
            ASSERT_EQ(suite->open(datagram.payload, message), Reject::none);
            EXPECT_EQ(sealed(*suite, message), test::to_hex(original));
            test::AnyPacket packet;
            // Ring tests of the redundant ring are no messages of the single ring protocol.
            if (message[0] > 5) continue;
            EXPECT_EQ(test::decode_any(codec, message, packet), wire::Drop::none);
            ++datagrams;
        }
    }
    EXPECT_GT(datagrams, 1000u);
}

// Every bit of a datagram of every combination.
TEST(Secauth, AFlippedBitIsNeverAccepted) {
    const Buffer message(40, 0x5A);
    for (const json& entry : vectors()["reserve"]) {
        if (entry["hash"] == "none") continue;
        const auto suite = make_secauth_suite(*find_cipher(entry["cipher"].get<std::string>()),
                                              *find_hash(entry["hash"].get<std::string>()), Secret(128));
        Buffer good(message.size() + suite->overhead());
        good.resize(suite->seal(message, good));
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            Buffer bent = good;
            bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1u << (bit % 8)));
            Bytes out;
            ASSERT_NE(suite->open(bent, out), Reject::none) << entry << " bit " << bit;
        }
        for (std::size_t size = 0; size < good.size(); ++size) {
            Buffer cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
            Bytes out;
            ASSERT_NE(suite->open(cut, out), Reject::none) << entry << " size " << size;
        }
    }
}

TEST(Secauth, NamesWhyItRefuses) {
    const auto suite = make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128));
    const auto other = make_secauth_suite(Cipher::aes128, Hash::sha1, Secret(128));
    const Buffer message(32, 1);
    Buffer datagram(message.size() + suite->overhead());
    datagram.resize(suite->seal(message, datagram));
    const auto judged = [&](Buffer bytes) {
        Bytes out;
        return suite->open(bytes, out);
    };
    EXPECT_EQ(judged({0xFE, 0xFE, 0, 0}), Reject::too_short);
    EXPECT_EQ(judged(Buffer(60, 0x70)), Reject::unsupported_prefix);
    Buffer bytes = datagram;
    bytes[1] = 1;
    EXPECT_EQ(judged(bytes), Reject::different_hash);
    bytes = datagram;
    bytes.back() ^= 1;
    EXPECT_EQ(judged(bytes), Reject::bad_digest);
    Bytes out;
    bytes = datagram;
    EXPECT_EQ(other->open(bytes, out), Reject::undecipherable);  // section 11, item 3
}

TEST(Secauth, EveryPacketHasItsOwnSalt) {
    const auto suite = make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128));
    const Buffer message(16, 7);
    std::set<std::string> salts;
    for (int i = 0; i < 1000; ++i)
        salts.insert(sealed(*suite, message).substr(8, 32));
    EXPECT_EQ(salts.size(), 1000u);
}

TEST(Secauth, WithoutRandomBytesNothingIsSent) {
    const auto suite =
        make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128), {.salts = [](MutableBytes) { return false; }});
    EXPECT_EQ(sealed(*suite, Buffer(16, 7)), "");
}

TEST(Secauth, ACipherNeedsAHash) {
    EXPECT_THROW(make_secauth_suite(Cipher::aes256, Hash::none, Secret(128)), SuiteError);
    EXPECT_FALSE(find_cipher("aes"));
    EXPECT_FALSE(find_hash(""));
}

TEST(Secret, MovesAndForgets) {
    Secret first = Secret::copy_of(test::from_hex("0102"));
    Secret second = std::move(first);
    EXPECT_EQ(first.size(), 0u);
    EXPECT_EQ(test::to_hex(second.bytes()), "0102");
    first = std::move(second);
    EXPECT_EQ(test::to_hex(first.bytes()), "0102");
    EXPECT_EQ(test::to_hex(Secret(3).bytes()), "000000");
}

}  // namespace
}  // namespace totem::crypto
