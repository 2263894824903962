// Packets protected several at a time are the same packets, and judged in the same way.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "tests/crypto/native_support.hpp"
#include "tests/crypto/secauth_vectors.hpp"
#include "tests/support/hex.hpp"
#include "totem/crypto/secauth.hpp"

namespace totem::crypto {
namespace {

using nlohmann::json;
using test::Buffer;
using Sealing = Suite::Sealing;
using Opening = Suite::Opening;

constexpr Cipher kCiphers[] = {Cipher::none, Cipher::aes256, Cipher::aes192, Cipher::aes128, Cipher::des3};
constexpr Hash kHashes[] = {Hash::md5, Hash::sha1, Hash::sha256, Hash::sha384, Hash::sha512};

Buffer bytes_of(const json& entry, const char* field) {
    return test::from_hex(entry[field].get<std::string>());
}

// What the library needs at least.
bool processor_can() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#else
    return false;
#endif
}

// Draws these salts one after the other.
SaltSource source_of(std::vector<Buffer> salts) {
    return [salts = std::move(salts), drawn = std::size_t{0}](MutableBytes out) mutable {
        for (std::size_t at = 0; at < out.size(); at += 16)
            std::copy_n(salts[drawn++ % salts.size()].begin(), 16, out.begin() + static_cast<std::ptrdiff_t>(at));
        return true;
    };
}
SaltSource counting_salts() {
    return [count = std::uint8_t{0}](MutableBytes out) mutable {
        std::generate(out.begin(), out.end(), [&count] { return count++; });
        return true;
    };
}

std::vector<Buffer> sealed_together(Suite& suite, const std::vector<Buffer>& messages) {
    std::vector<Buffer> out;
    std::vector<Sealing> work;
    for (const Buffer& message : messages)
        out.emplace_back(suite.sealed_size(message.size()));
    for (std::size_t i = 0; i < messages.size(); ++i)
        work.push_back({messages[i], out[i]});
    suite.seal_all(work);
    for (std::size_t i = 0; i < messages.size(); ++i)
        out[i].resize(work[i].size);
    return out;
}

struct Verdict {
    Reject reject;
    Buffer message;  // of what is accepted
    bool operator==(const Verdict&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
    return out << "reject " << int{static_cast<std::uint8_t>(verdict.reject)} << ", " << test::to_hex(verdict.message);
}
Verdict verdict_of(Reject reject, Bytes message) {
    return {reject, reject == Reject::none ? Buffer(message.begin(), message.end()) : Buffer()};
}

std::vector<Verdict> judged_together(Suite& suite, std::vector<Buffer> datagrams) {
    std::vector<Opening> work;
    for (Buffer& datagram : datagrams)
        work.push_back({datagram});
    suite.open_all(work);
    std::vector<Verdict> out;
    for (const Opening& opened : work)
        out.push_back(verdict_of(opened.reject, opened.message));
    return out;
}

std::vector<Verdict> judged_one_by_one(Suite& suite, std::vector<Buffer> datagrams) {
    std::vector<Verdict> out;
    for (Buffer& datagram : datagrams) {
        Bytes message;
        const Reject reject = suite.open(datagram, message);
        out.push_back(verdict_of(reject, message));
    }
    return out;
}

void expect_same_verdicts(Suite& together, Suite& alone, const std::vector<Buffer>& datagrams) {
    const auto got = judged_together(together, datagrams), wanted = judged_one_by_one(alone, datagrams);
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_EQ(got[i], wanted[i]) << "datagram " << i << ": " << test::to_hex(datagrams[i]);
}

TEST(MultiBuffer, IsUsedWhereTheProcessorCan) {
    if (!processor_can()) GTEST_SKIP() << "NOT TESTED: packets together, on a processor without AVX2";
    for (const Cipher cipher : kCiphers) {
        for (const Hash hash : kHashes) {
            const auto suite = make_secauth_suite(cipher, hash, Secret(128));
            EXPECT_EQ(suite->at_once() > 1, cipher != Cipher::des3) << name_of(cipher) << ' ' << name_of(hash);
            EXPECT_EQ(make_secauth_suite(cipher, hash, Secret(128), {.multi_buffer = false})->at_once(), 1u);
        }
    }
}

TEST(MultiBuffer, OpensAndSealsAllVectorsToTheSameBytes) {
    struct Group {
        std::vector<Buffer> salts, messages, packets;
    };
    std::map<std::tuple<std::string, std::string, std::string>, Group> groups;
    for (const char* part : {"vectors", "produced_by_upstream"}) {
        for (const json& entry : vectors()[part]) {
            Group& group = groups[{entry["cipher"], entry["hash"], entry["key"]}];
            const Buffer salt = bytes_of(entry, "salt");
            group.salts.push_back(salt.empty() ? Buffer(16) : salt);
            group.messages.push_back(bytes_of(entry, "plaintext"));
            group.packets.push_back(bytes_of(entry, "packet"));
        }
    }
    std::size_t count = 0;
    for (const auto& [name, group] : groups) {
        const auto& [cipher, hash, key] = name;
        SCOPED_TRACE(cipher + "/" + hash + ", key " + key);
        const Secret secret = Secret::copy_of(bytes_of(vectors()["keys"], key.c_str()));
        const auto suite =
            make_secauth_suite(*find_cipher(cipher), *find_hash(hash), secret, {.salts = source_of(group.salts)});
        EXPECT_EQ(sealed_together(*suite, group.messages), group.packets);
        const auto opened = judged_together(*suite, group.packets);
        for (std::size_t i = 0; i < opened.size(); ++i)
            EXPECT_EQ(opened[i], (Verdict{Reject::none, group.messages[i]}));
        count += group.messages.size();
    }
    EXPECT_EQ(count, 303u + 26u);
}

TEST(MultiBuffer, JudgesAllBadVectorsAsAlone) {
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<Buffer>> groups;
    for (const json& entry : vectors()["negative"])
        groups[{entry["cipher"], entry["hash"], entry["key"]}].push_back(bytes_of(entry, "packet"));
    for (auto& [name, packets] : groups) {
        const auto& [cipher, hash, key] = name;
        SCOPED_TRACE(cipher + "/" + hash + ", key " + key);
        const Secret secret = Secret::copy_of(bytes_of(vectors()["keys"], key.c_str()));
        const auto suite = make_secauth_suite(*find_cipher(cipher), *find_hash(hash), secret);
        // Among good ones.
        for (Buffer& good : sealed_together(*suite, std::vector<Buffer>(5, Buffer(100, 3))))
            packets.push_back(std::move(good));
        expect_same_verdicts(*suite, *suite, packets);
    }
}

TEST(MultiBuffer, AgreesForAllSizesAndNumbers) {
    for (const Cipher cipher : kCiphers) {
        for (const Hash hash : kHashes) {
            SCOPED_TRACE(std::string(name_of(cipher)) + "/" + std::string(name_of(hash)));
            const Secret key = Secret::copy_of(Buffer(128, 9));
            for (const std::size_t number : {1u, 2u, 3u, 7u, 31u, 32u, 33u, 100u}) {
                std::vector<Buffer> messages;
                for (std::size_t i = 0; i < number; ++i)
                    messages.emplace_back((i * 37 + number) % 1500, static_cast<std::uint8_t>(i));
                const auto together = make_secauth_suite(cipher, hash, key, {.salts = counting_salts()});
                const auto alone =
                    make_secauth_suite(cipher, hash, key, {.salts = counting_salts(), .multi_buffer = false});
                const auto packets = sealed_together(*together, messages);
                ASSERT_EQ(packets, sealed_together(*alone, messages));
                expect_same_verdicts(*together, *alone, packets);
            }
        }
    }
}

// Every bit of a datagram, and every length.
TEST(MultiBuffer, AFlippedBitIsNeverAccepted) {
    for (const Cipher cipher : kCiphers) {
        for (const Hash hash : kHashes) {
            SCOPED_TRACE(std::string(name_of(cipher)) + "/" + std::string(name_of(hash)));
            const auto suite = make_secauth_suite(cipher, hash, Secret(128));
            const Buffer good = sealed_together(*suite, {Buffer(40, 0x5A)}).front();
            std::vector<Buffer> bad;
            for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
                bad.push_back(good);
                bad.back()[bit / 8] = static_cast<std::uint8_t>(good[bit / 8] ^ (1u << (bit % 8)));
            }
            for (std::size_t size = 0; size < good.size(); ++size)
                bad.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
            for (const Verdict& verdict : judged_together(*suite, bad))
                ASSERT_NE(verdict.reject, Reject::none);
            expect_same_verdicts(*suite, *suite, bad);
        }
    }
}

// Authentic, but made with another cipher.
TEST(MultiBuffer, RefusesWhatIsAuthenticButUndecipherable) {
    const auto ours = make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128));
    std::vector<Buffer> packets;
    for (const Cipher cipher : {Cipher::aes128, Cipher::none, Cipher::des3}) {
        // Known salts: one in 256 decrypts to what looks like padding.
        const auto other = make_secauth_suite(cipher, Hash::sha1, Secret(128), {.salts = counting_salts()});
        for (const std::size_t size : {33u, 40u, 64u})
            packets.push_back(sealed_together(*other, {Buffer(size, 1)}).front());
    }
    for (const Verdict& verdict : judged_together(*ours, packets))
        EXPECT_EQ(verdict.reject, Reject::undecipherable);
    expect_same_verdicts(*ours, *ours, packets);
}

TEST(MultiBuffer, WithoutRandomBytesNothingMoreIsSent) {
    const auto suite =
        make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128),
                           {.salts = [drawn = false](MutableBytes) mutable { return !std::exchange(drawn, true); }});
    const auto packets = sealed_together(*suite, std::vector<Buffer>(300, Buffer(20, 1)));
    EXPECT_EQ(std::count_if(packets.begin(), packets.end(), [](const Buffer& packet) { return packet.empty(); }), 44);
    EXPECT_TRUE(packets[255].size() > 20 && packets[256].empty());
}

// The AEADs, which are as fast alone: what is changed is who computes them.
TEST(VectorCipher, AgreesWithTheOther) {
    for (const Aead aead : {Aead::xchacha20, Aead::aes256_gcm}) {
        const auto vector = make_packet_cipher(aead), other = make_packet_cipher(aead, false);
        const Buffer key(PacketCipher::kKeySize, 5), header(28, 6);
        ASSERT_TRUE(vector->set_key(key) && other->set_key(key));
        for (std::size_t size = 0; size < 1500; size += 1 + size / 16) {
            SCOPED_TRACE(size);
            const Buffer message(size, 7);
            Buffer first(size + PacketCipher::kTagSize), second = first;
            ASSERT_TRUE(vector->seal(size + 1, header, message, first) &&
                        other->seal(size + 1, header, message, second));
            ASSERT_EQ(first, second);
            for (const std::size_t byte : {std::size_t{0}, size, first.size() - 1}) {
                Buffer bent = first;
                bent[byte] ^= 1;
                EXPECT_FALSE(vector->open(size + 1, header, bent));
            }
            Buffer again = first;
            EXPECT_FALSE(vector->open(size + 2, header, again));
            ASSERT_TRUE(vector->open(size + 1, header, first) && other->open(size + 1, header, second));
            EXPECT_TRUE(std::equal(message.begin(), message.end(), first.begin()));
        }
    }
}

}  // namespace
}  // namespace totem::crypto
