// Sealing and opening take nothing from the heap: neither C++'s nor what OpenSSL asks for.

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>

#include "tests/crypto/native_support.hpp"
#include "tests/support/allocation_count.hpp"
#include "totem/crypto/secauth.hpp"

namespace {

void* ssl_malloc(std::size_t size, const char*, int) {
    test_support::count_allocation();
    return std::malloc(size);
}
void* ssl_realloc(void* memory, std::size_t size, const char*, int) {
    test_support::count_allocation();
    return std::realloc(memory, size);
}
void ssl_free(void* memory, const char*, int) {
    std::free(memory);
}
// Before the library allocates anything.
const int hooked = CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);

}  // namespace

namespace totem::crypto {
namespace {

using test_support::allocations;

void expect_none(Suite& from, Suite& to, int packets) {
    const test::Buffer message(1400, 3);
    test::Buffer datagram(message.size() + from.overhead());
    const auto pass = [&] {
        const std::size_t size = from.seal(message, datagram);
        Bytes out;
        return size != 0 && to.open(MutableBytes(datagram).first(size), out) == Reject::none;
    };
    ASSERT_TRUE(pass());  // the session begins
    const std::size_t before = allocations();
    bool fine = true;
    for (int i = 0; i < packets; ++i)
        fine = pass() && fine;
    EXPECT_TRUE(fine);
    EXPECT_EQ(allocations(), before);
}

TEST(CryptoAllocation, TheCountersCount) {
    ASSERT_EQ(hooked, 1);
    const std::size_t before = allocations();
    test_support::allocate_once();
    EXPECT_EQ(allocations(), before + 1);
    OPENSSL_free(OPENSSL_malloc(3));
    EXPECT_EQ(allocations(), before + 2);
}

TEST(CryptoAllocation, NonePerNativePacket) {
    for (const Aead aead : {Aead::xchacha20, Aead::aes256_gcm}) {
        test::NativeNode a(aead, 1), b(aead, 2);
        expect_none(*a.suite, *b.suite, 3000);
    }
}

// Alone, OpenSSL's HMAC takes some.
TEST(CryptoAllocation, NonePerPacketOfSecauthTogether) {
    const auto suite = make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128));
    if (suite->at_once() == 1) GTEST_SKIP() << "NOT TESTED: packets together, which this processor does not offer";
    const test::Buffer message(1400, 3);
    std::vector<test::Buffer> datagrams(50, test::Buffer(suite->sealed_size(message.size())));
    std::vector<Suite::Sealing> sealing;
    std::vector<Suite::Opening> opening;
    for (test::Buffer& datagram : datagrams) {
        sealing.push_back({message, datagram});
        opening.push_back({datagram});
    }
    suite->seal_all(sealing);  // the first salts are drawn
    const std::size_t before = allocations();
    suite->seal_all(sealing);
    suite->open_all(opening);
    EXPECT_EQ(allocations(), before);
    for (const Suite::Opening& opened : opening)
        EXPECT_EQ(opened.message.size(), message.size());
}

TEST(CryptoAllocation, NoneToBeginASession) {
    for (const Aead aead : {Aead::xchacha20, Aead::aes256_gcm}) {
        test::NativeNode first(aead, 1), again(aead, 1, 0, 200), b(aead, 2);
        const test::Buffer message(100, 3);
        ASSERT_EQ(b.judge(first.sealed(message)), Reject::none);
        test::Buffer packet = again.sealed(message), forged = packet;
        forged.back() ^= 1;
        Bytes out;
        const std::size_t before = allocations();
        const Reject bad = b.suite->open(forged, out), good = b.suite->open(packet, out);
        EXPECT_EQ(allocations(), before);
        EXPECT_EQ(bad, Reject::bad_digest);
        EXPECT_EQ(good, Reject::none);
    }
}

}  // namespace
}  // namespace totem::crypto
