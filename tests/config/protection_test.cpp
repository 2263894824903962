// Packet protection as configured: corosync-conf.md sections 3.2 and 10, totem-crypto.md sections 2, 3 and appendix B.

#include "engine/config/crypto.hpp"
#include "engine/config/reload.hpp"
#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using totem::crypto::Aead;

class ProtectionTest : public testing::TestWithParam<const char*> {
protected:
    // totem with udpu, the given lines and the key file; and a list of three nodes.
    std::string text(std::initializer_list<std::string> more, const std::string& nodes = nodelist(3)) const {
        return std::string("totem {\nversion: 2\ncluster_name: c\ntransport: udpu\ndialect: ") + GetParam() +
               "\nkeyfile: " + key_.path() + "\n" + lines(more) + "}\n" + nodes;
    }
    Outcome loaded(std::initializer_list<std::string> more) const { return load(text(more), host_at("10.77.0.1")); }
    std::string error(std::initializer_list<std::string> more) const { return loaded(more).error; }
    bool v2() const { return GetParam() == std::string("2.x"); }

    TemporaryFile key_{std::string(256, 'a')}, next_{std::string(128, 'b')}, same_{std::string(256, 'a')},
        shorter_{std::string(127, 'c')};
    std::string next_line_ = "next_keyfile: " + next_.path();
};
INSTANTIATE_TEST_SUITE_P(Dialects, ProtectionTest, testing::Values("2.x", "3.x"),
                         [](const auto& each) { return std::string(each.param) == "2.x" ? "v2" : "v3"; });

TEST_P(ProtectionTest, NativeByItsCiphers) {
    for (const auto& [name, aead] :
         {std::pair("xchacha20", Aead::xchacha20), std::pair("aes256-gcm", Aead::aes256_gcm)}) {
        const auto outcome = loaded({std::string("crypto_cipher: ") + name});
        ASSERT_EQ(outcome.error, "");
        const Protection& protection = outcome.config.protection;
        EXPECT_TRUE(protection.enabled());
        EXPECT_EQ(protection.native, aead);
        EXPECT_EQ(protection.cipher, totem::crypto::Cipher::none);
        EXPECT_EQ(protection.key->size(), 256u);
        EXPECT_EQ(protection.key_id, 0);
        EXPECT_FALSE(protection.next_key);
    }
    EXPECT_EQ(error({"crypto_cipher: xchacha20", "crypto_hash: none"}), "");
    EXPECT_EQ(error({"crypto_cipher: xchacha20", "secauth: on"}), "");
}

TEST_P(ProtectionTest, NativeTakesNoHash) {
    EXPECT_EQ(error({"crypto_cipher: aes256-gcm", "crypto_hash: sha256"}),
              "crypto_cipher aes256-gcm authenticates by itself: crypto_hash must be none or absent");
}

TEST_P(ProtectionTest, NeverNativeUnasked) {
    for (const auto* secauth : {"secauth: on", "secauth: off"})
        EXPECT_FALSE(crypto_settings(read(text({secauth})).map, v2() ? totem::Dialect::v2 : totem::Dialect::v3).native);
}

TEST_P(ProtectionTest, KeysHaveNumbers) {
    auto outcome = loaded({"crypto_cipher: xchacha20", "key_id: 255", next_line_});
    ASSERT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.config.protection.key_id, 255);
    EXPECT_EQ(outcome.config.protection.next_key_id, 0);
    EXPECT_EQ(outcome.config.protection.next_key->size(), 128u);
    outcome = loaded({"crypto_cipher: xchacha20", next_line_, "next_key_id: 9"});
    EXPECT_EQ(outcome.config.protection.next_key_id, 9);
}

TEST_P(ProtectionTest, NonsenseIsRefused) {
    const std::string native = "crypto_cipher: xchacha20";
    EXPECT_THAT(error({native, "key_id: 256"}), HasSubstr("key_id"));
    EXPECT_EQ(error({native, "next_key_id: 1"}), "totem.next_key_id is set, but no totem.next_keyfile");
    EXPECT_EQ(error({native, next_line_, "key_id: 3", "next_key_id: 3"}),
              "totem.next_key_id must differ from totem.key_id, which is 3");
    EXPECT_EQ(error({native, "next_keyfile: " + same_.path()}), same_.path() + " holds the same key as the one in use");
    EXPECT_EQ(error({native, "next_keyfile: " + shorter_.path()}),
              "Could only read 1016 bits of minimum 1024 bits from " + shorter_.path() + ".");
    EXPECT_EQ(error({native, "next_keyfile: /nowhere/key"}), "Could not open /nowhere/key: No such file or directory");
    for (const auto* line : {"key_id: 1", "next_key_id: 1", "next_keyfile: /nowhere"}) {
        EXPECT_EQ(error({"secauth: off", line}), "totem." + std::string(line).substr(0, std::string(line).find(':')) +
                                                     " needs totem.crypto_cipher to be xchacha20 or aes256-gcm");
    }
}

TEST_P(ProtectionTest, NativeNeedsANodelist) {
    const auto without = text({"crypto_cipher: xchacha20", "interface {", "bindnetaddr: 10.77.0.0", "member {",
                               "memberaddr: 10.77.0.1", "}", "}"},
                              "");
    EXPECT_EQ(
        load_error(without, host_at("10.77.0.1")),
        v2() ? "parse error in config: crypto_cipher xchacha20 needs a nodelist with a nodeid for every node, this "
               "one among them."
             : "parse error in config: No valid name found for local host");
}

TEST_P(ProtectionTest, OldCiphersOnlyIn2x) {
    EXPECT_EQ(error({"crypto_cipher: aes256", "crypto_hash: sha256"}),
              v2() ? "" : "parse error in config: crypto_cipher & crypto_hash are only valid for the Knet transport.");
}

TEST_P(ProtectionTest, AReloadBringsKeysButNoOtherCipher) {
    const auto running = loaded({"crypto_cipher: xchacha20"});
    ASSERT_EQ(running.error, "");
    const auto reload = [&](std::initializer_list<std::string> more) {
        auto next = std::make_unique<Reload>();
        const TemporaryFile file(text(more));
        read_again(file.path(), running.config.dialect, running.map, *next);
        build_again(running.config, host_at("10.77.0.1"), *next);
        return next;
    };
    auto next = reload({"crypto_cipher: xchacha20", next_line_});
    EXPECT_THAT(next->kept, ElementsAre());
    EXPECT_EQ(next->config.protection.next_key->size(), 128u);
    next = reload({"crypto_cipher: xchacha20", "keyfile: " + next_.path(), "key_id: 1"});
    EXPECT_THAT(next->kept, ElementsAre());
    EXPECT_EQ(next->config.protection.key->size(), 128u);
    next = reload({"crypto_cipher: aes256-gcm"});
    EXPECT_THAT(next->kept, ElementsAre("totem.crypto_cipher"));
    EXPECT_EQ(next->config.protection.native, Aead::xchacha20);
}

}  // namespace
}  // namespace engine::config
