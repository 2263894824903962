// The native suite: totem-crypto.md appendix B, and vectors of a second implementation of it (make_native.py).

#include "totem/crypto/native.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/crypto/native_support.hpp"
#include "tests/support/captures.hpp"
#include "tests/support/hex.hpp"
#include "totem/crypto/replay_window.hpp"
#include "totem/crypto/secauth.hpp"

namespace totem::crypto {
namespace {

using nlohmann::json;
using test::Buffer;
using test::from_hex;
using test::key_ring;
using Node = test::NativeNode;

TEST(NativeVectors, AreSealedAndOpenedByteForByte) {
    const json vectors = json::parse(std::ifstream(test::data_directory() / "vectors/native.json"))["vectors"];
    for (const json& entry : vectors) {
        SCOPED_TRACE(entry.dump().substr(0, 80));
        const auto aead = find_aead(entry["cipher"].get<std::string>());
        ASSERT_TRUE(aead);
        const NodeId sender = entry["sender"];
        const Buffer key = from_hex(entry["key"].get<std::string>());
        const auto keys = [&] {
            auto made = std::make_shared<KeyRing>(entry["cluster"].get<std::string>(), entry["key_id"], key);
            made->set_senders({sender, 77});
            return made;
        };
        Node from(*aead, sender, entry["ring"], entry["session"], keys(), entry["counter"]);
        Node to(*aead, 77, entry["ring"], 1, keys());
        const Buffer plain = from_hex(entry["plaintext"].get<std::string>());
        const Buffer packet = from_hex(entry["packet"].get<std::string>());
        EXPECT_EQ(from.sealed(plain), packet);
        ASSERT_EQ(to.judge(packet), Reject::none);
        EXPECT_EQ(to.opened, plain);
    }
    EXPECT_EQ(vectors.size(), 18u);
}

class Native : public testing::TestWithParam<Aead> {
protected:
    const Buffer message_ = Buffer(60, 0x5A);
    Node a_{GetParam(), 1}, b_{GetParam(), 2};
};
INSTANTIATE_TEST_SUITE_P(Aeads, Native, testing::Values(Aead::xchacha20, Aead::aes256_gcm),
                         [](const auto& each) { return each.param == Aead::xchacha20 ? "xchacha20" : "aes256gcm"; });

TEST_P(Native, MessagesOfAllSizesArrive) {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1400u, 9999u, 10000u}) {
        const Buffer message(size, static_cast<std::uint8_t>(size));
        const Buffer packet = a_.sealed(message);
        EXPECT_EQ(packet.size(), size + 44);
        ASSERT_EQ(b_.judge(packet), Reject::none) << size;
        EXPECT_EQ(b_.opened, message);
    }
    EXPECT_TRUE(a_.sealed(Buffer(10001)).empty());
    Buffer out(message_.size() + 43);
    EXPECT_EQ(a_.suite->seal(message_, out), 0u);
}

TEST_P(Native, AFlippedBitIsNeverAcceptedAndChangesNothing) {
    const Buffer first = a_.sealed(message_), second = a_.sealed(message_);
    ASSERT_EQ(b_.judge(first), Reject::none);
    for (std::size_t bit = 0; bit < second.size() * 8; ++bit) {
        Buffer bent = second;
        bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1u << (bit % 8)));
        ASSERT_NE(b_.judge(bent), Reject::none) << bit;
    }
    for (std::size_t size = 0; size < second.size(); ++size) {
        const Buffer cut(second.begin(), second.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_NE(b_.judge(cut), Reject::none) << size;
    }
    Buffer longer = second;
    longer.push_back(0);
    EXPECT_EQ(b_.judge(longer), Reject::bad_digest);
    EXPECT_EQ(b_.judge(second), Reject::none);
    EXPECT_EQ(b_.opened, message_);
}

TEST_P(Native, AnyOrderWithinTheWindowAndEachPacketOnce) {
    std::vector<Buffer> packets;
    for (std::size_t i = 0; i < 1 + ReplayWindow::kSize; ++i)
        packets.push_back(a_.sealed(message_));
    for (std::size_t i = packets.size(); i-- > 1;)
        ASSERT_EQ(b_.judge(packets[i]), Reject::none) << i;
    // One below the window, and all of it again.
    for (const Buffer& packet : packets)
        ASSERT_EQ(b_.judge(packet), Reject::replayed);
    EXPECT_EQ(b_.judge(a_.sealed(message_)), Reject::none);
}

TEST_P(Native, ALaterSessionEndsTheEarlierOne) {
    const Buffer kept = a_.sealed(message_), used = a_.sealed(message_);
    ASSERT_EQ(b_.judge(used), Reject::none);
    Node again(GetParam(), 1, 0, 101);
    const Buffer first = again.sealed(message_);
    Buffer forged = first;
    forged.back() ^= 1;
    EXPECT_EQ(b_.judge(forged), Reject::bad_digest);  // and does not begin the session
    EXPECT_EQ(b_.judge(kept), Reject::none);
    EXPECT_EQ(b_.judge(first), Reject::none);
    EXPECT_EQ(b_.judge(first), Reject::replayed);
    EXPECT_EQ(b_.judge(a_.sealed(message_)), Reject::old_session);
    EXPECT_EQ(b_.judge(again.sealed(message_)), Reject::none);
}

TEST_P(Native, NamesWhatItRefuses) {
    const Buffer packet = a_.sealed(message_);
    const auto with = [&](std::size_t offset, std::uint8_t value) {
        Buffer out = packet;
        out[offset] = value;
        return b_.judge(out);
    };
    EXPECT_EQ(with(0, 0xFE), Reject::unsupported_prefix);
    EXPECT_EQ(with(3, 0x32), Reject::unsupported_prefix);
    EXPECT_EQ(with(4, 3), Reject::other_suite);
    EXPECT_EQ(with(5, 9), Reject::unknown_key);
    EXPECT_EQ(with(6, 1), Reject::other_ring);
    EXPECT_EQ(with(7, 1), Reject::bad_reserved);
    EXPECT_EQ(with(11, 4), Reject::unknown_sender);
    EXPECT_EQ(with(11, 3), Reject::bad_digest);  // in the name of another member
    EXPECT_EQ(a_.judge(packet), Reject::own_packet);
    EXPECT_EQ(b_.judge(Buffer(10045, 0)), Reject::unsupported_prefix);
    Buffer large(10045, 0);
    std::copy(packet.begin(), packet.end(), large.begin());
    EXPECT_EQ(b_.judge(large), Reject::too_short);
    EXPECT_EQ(b_.judge({0xF5, 0x54, 0x4E}), Reject::too_short);
    EXPECT_EQ(b_.judge(from_hex("fefe000005")), Reject::unsupported_prefix);
    Buffer zero = packet;
    std::fill(zero.begin() + 20, zero.begin() + 28, std::uint8_t{0});
    EXPECT_EQ(b_.judge(zero), Reject::replayed);
    std::fill(zero.begin() + 12, zero.begin() + 20, std::uint8_t{0});
    EXPECT_EQ(b_.judge(zero), Reject::old_session);
    EXPECT_EQ(b_.judge(packet), Reject::none);
}

TEST_P(Native, AnotherKeyOrClusterNameIsAnotherKey) {
    Node stranger(GetParam(), 3, 0, 100, key_ring(8));
    EXPECT_EQ(b_.judge(stranger.sealed(message_)), Reject::bad_digest);
    auto keys = std::make_shared<KeyRing>("other", 0, Buffer(128, 7));
    Node elsewhere(GetParam(), 3, 0, 100, keys);
    EXPECT_EQ(b_.judge(elsewhere.sealed(message_)), Reject::bad_digest);
    const Aead other = GetParam() == Aead::xchacha20 ? Aead::aes256_gcm : Aead::xchacha20;
    Node otherwise(other, 3);
    EXPECT_EQ(b_.judge(otherwise.sealed(message_)), Reject::other_suite);
}

TEST_P(Native, RingsAreSeparate) {
    Node a1(GetParam(), 1, 1), b1(GetParam(), 2, 1);
    const Buffer on0 = a_.sealed(message_), on1 = a1.sealed(message_);
    EXPECT_EQ(b1.judge(on0), Reject::other_ring);
    Buffer moved = on0;
    moved[6] = 1;
    EXPECT_EQ(b1.judge(moved), Reject::bad_digest);
    EXPECT_EQ(b_.judge(on0), Reject::none);
    EXPECT_EQ(b1.judge(on1), Reject::none);  // the same counter
}

TEST_P(Native, NothingIsSentWhenTheCountersAreUsedUp) {
    Node last(GetParam(), 1, 0, 100, key_ring(), UINT64_MAX);
    EXPECT_FALSE(last.sealed(message_).empty());
    EXPECT_TRUE(last.sealed(message_).empty());
    EXPECT_TRUE(last.sealed(message_).empty());
    EXPECT_THROW(Node(GetParam(), 1, 0, 0), SuiteError);
}

TEST_P(Native, SendersMayComeAndGo) {
    Node fourth(GetParam(), 4, 0, 100, key_ring(7, 0, {1, 2, 3, 4}));
    EXPECT_EQ(b_.judge(fourth.sealed(message_)), Reject::unknown_sender);
    const Buffer known = a_.sealed(message_);
    EXPECT_EQ(b_.judge(known), Reject::none);
    b_.keys->set_senders({4, 2, 1, 1});
    EXPECT_EQ(b_.judge(fourth.sealed(message_)), Reject::none);
    EXPECT_EQ(b_.judge(known), Reject::replayed);  // who stays keeps his window
    b_.keys->set_senders({2, 4});
    EXPECT_EQ(b_.judge(a_.sealed(message_)), Reject::unknown_sender);
}

TEST_P(Native, KeysAreExchangedWhilePacketsFlow) {
    const Buffer next(64, 9);
    const auto both = [&](Node& from, Node& to) { return to.judge(from.sealed(message_)); };
    ASSERT_EQ(b_.keys->install(1, next), KeyRing::Installed::done);
    ASSERT_EQ(a_.keys->install(1, next), KeyRing::Installed::done);
    EXPECT_EQ(both(a_, b_), Reject::none);
    ASSERT_TRUE(a_.keys->transmit(1));
    const Buffer late = b_.sealed(message_);  // still with the first
    std::vector<int> heard;
    b_.keys->on_other_key_heard = [&](KeyRing::KeyId id) { heard.push_back(id); };
    EXPECT_EQ(both(a_, b_), Reject::none);
    EXPECT_EQ(heard, std::vector<int>{1});
    EXPECT_EQ(a_.judge(late), Reject::none);
    ASSERT_TRUE(b_.keys->transmit(1));
    EXPECT_EQ(b_.sealed(message_)[5], 1);
    EXPECT_EQ(both(b_, a_), Reject::none);
    EXPECT_EQ(both(a_, b_), Reject::none);
    const Buffer captured = [&] {
        Node old(GetParam(), 3);
        return old.sealed(message_);
    }();
    ASSERT_TRUE(b_.keys->remove(0));
    EXPECT_EQ(b_.judge(captured), Reject::unknown_key);
    EXPECT_EQ(both(a_, b_), Reject::none);
    EXPECT_EQ(heard.size(), 1u);
}

TEST(NativeOutside, OthersSayWhoSentIt) {
    Node node(Aead::xchacha20);
    const Buffer packet = node.sealed(Buffer(60, 1));
    for (const Dialect dialect : {Dialect::v2, Dialect::v3})
        EXPECT_EQ(guess_sender(dialect, packet), "totemd with a crypto_cipher of its own");
    Buffer copy = packet;
    Bytes message;
    EXPECT_EQ(make_plain_suite(Dialect::v2)->open(copy, message), Reject::unsupported_prefix);
    EXPECT_EQ(make_secauth_suite(Cipher::aes256, Hash::sha1, Secret(128))->open(copy, message),
              Reject::unsupported_prefix);
    EXPECT_EQ(guess_sender(Dialect::v2, from_hex("fefe0000")), "Corosync 2.3+");
    EXPECT_EQ(guess_sender(Dialect::v3, from_hex("70c00305")), "Corosync 3.x");
}

TEST(NativeOutside, CiphersByName) {
    EXPECT_EQ(find_aead("xchacha20"), Aead::xchacha20);
    EXPECT_EQ(find_aead("aes256-gcm"), Aead::aes256_gcm);
    EXPECT_FALSE(find_aead("aes256"));
    EXPECT_FALSE(find_cipher("xchacha20") || find_cipher("aes256-gcm"));
}

}  // namespace
}  // namespace totem::crypto
