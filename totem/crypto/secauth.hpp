#pragma once
// Packet protection of the 2.x dialect as 2.3 to 2.4.6 speak it: CBC with a random salt, then an HMAC over all of it.
// Spec totem-crypto.md sections 2 to 7.

#include <functional>
#include <memory>
#include <stdexcept>

#include "totem/crypto/algorithms.hpp"
#include "totem/crypto/secret.hpp"
#include "totem/crypto/suite.hpp"

namespace totem::crypto {

// The library has not got an algorithm, or a cipher comes without a hash.
struct SuiteError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Fills its argument with unpredictable bytes; false if it can't.
using SaltSource = std::function<bool(MutableBytes)>;

struct SecauthOptions {
    SaltSource salts = {};     // the crypto library's generator unless a test wants known ones
    bool multi_buffer = true;  // several packets at once where the processor can (totem.vector_crypto)
};

// The key is the HMAC's as it is and, cut or filled with zero bytes, the cipher's (section 3.3); it is copied.
// overhead() is what upstream reserves (section 7); fewer bytes may be added. Throws SuiteError.
std::unique_ptr<Suite> make_secauth_suite(Cipher cipher, Hash hash, const Secret& key, SecauthOptions options = {});

}  // namespace totem::crypto
