#pragma once
// Packet protection of the 2.x dialect as 2.3 to 2.4.6 speak it: CBC with a random salt, then an HMAC over all of it.
// Spec totem-crypto.md sections 2 to 7.

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "totem/crypto/secret.hpp"
#include "totem/crypto/suite.hpp"

namespace totem::crypto {

enum class Cipher : std::uint8_t { none, aes256, aes192, aes128, des3 };
enum class Hash : std::uint8_t { none, md5, sha1, sha256, sha384, sha512 };

// By the names of totem.crypto_cipher and totem.crypto_hash.
std::optional<Cipher> find_cipher(std::string_view name);
std::optional<Hash> find_hash(std::string_view name);
std::string_view name_of(Cipher cipher);
std::string_view name_of(Hash hash);

// The library has not got an algorithm, or a cipher comes without a hash.
struct SuiteError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Fills its argument with unpredictable bytes; false if it can't.
using SaltSource = std::function<bool(MutableBytes)>;

// The key is the HMAC's as it is and, cut or filled with zero bytes, the cipher's (section 3.3); it is copied.
// overhead() is what upstream reserves (section 7); fewer bytes may be added. `salts`: the
// crypto library's generator unless a test wants known ones. Throws SuiteError.
std::unique_ptr<Suite> make_secauth_suite(Cipher cipher, Hash hash, const Secret& key, SaltSource salts = {});

}  // namespace totem::crypto
