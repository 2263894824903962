#pragma once
// CBC and HMAC of one packet after the other, by OpenSSL: every combination, on every processor. Internal to
// totem/crypto. Spec totem-crypto.md sections 3 and 4.

#include <cstdint>

#include "totem/base/bytes.hpp"
#include "totem/crypto/algorithms.hpp"
#include "totem/crypto/evp.hpp"
#include "totem/crypto/secret.hpp"

namespace totem::crypto {

// HMAC with the key set once. The constructors here throw SuiteError if the library lacks the algorithm.
class Hmac {
public:
    Hmac(Hash hash, Bytes key);

    std::size_t size() const { return size_; }  // 0 with Hash::none, which computes nothing
    // False only if the library fails.
    bool compute(Bytes over, MutableBytes out);

private:
    std::size_t size_;
    MacContext context_;
};

// The cipher's part of a key that may be longer or shorter: its beginning, filled with zero bytes (section 3.3).
Secret cipher_key(Cipher cipher, Bytes key);

// CBC of whole blocks in place, one context a direction, keyed once.
class Cbc {
public:
    // `key` as cipher_key() takes it.
    Cbc(Cipher cipher, Bytes key);

    std::size_t block() const { return block_; }  // 0 with Cipher::none, which does nothing
    // `iv` has block() bytes. False if `data` is no number of blocks, or if the library fails.
    bool encrypt(const std::uint8_t* iv, MutableBytes data);
    bool decrypt(const std::uint8_t* iv, MutableBytes data);

private:
    bool run(EVP_CIPHER_CTX* context, const std::uint8_t* iv, MutableBytes data) const;

    std::size_t block_;
    CipherContext encrypt_, decrypt_;
};

}  // namespace totem::crypto
