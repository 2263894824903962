#include "totem/crypto/single_buffer.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <string>

#include "totem/crypto/secauth.hpp"

namespace totem::crypto {
namespace {

// OpenSSL's names, in the order of the enumerations.
constexpr std::array<const char*, 5> kOpensslCiphers{nullptr, "AES-256-CBC", "AES-192-CBC", "AES-128-CBC",
                                                     "DES-EDE3-CBC"};
constexpr std::array<const char*, 6> kOpensslHashes{nullptr, "MD5", "SHA1", "SHA256", "SHA384", "SHA512"};

}  // namespace

Hmac::Hmac(Hash hash, Bytes key) : size_(digest_size(hash)) {
    if (hash == Hash::none) return;
    const MacAlgorithm algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    if (algorithm) context_.reset(EVP_MAC_CTX_new(algorithm.get()));
    std::string name(kOpensslHashes[static_cast<std::size_t>(hash)]);
    const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                               OSSL_PARAM_construct_end()};
    if (!context_ || EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) != 1) {
        throw SuiteError("the crypto library offers no HMAC with " + name);
    }
}

bool Hmac::compute(Bytes over, MutableBytes out) {
    std::size_t written = 0;
    return EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
           EVP_MAC_update(context_.get(), over.data(), over.size()) == 1 &&
           EVP_MAC_final(context_.get(), out.data(), &written, out.size()) == 1 && written == size_;
}

Secret cipher_key(Cipher cipher, Bytes key) {
    Secret out(key_size(cipher));
    std::copy_n(key.begin(), std::min(key.size(), out.size()), out.bytes().begin());
    return out;
}

Cbc::Cbc(Cipher cipher, Bytes key) : block_(block_size(cipher)) {
    if (cipher == Cipher::none) return;
    const char* const name = kOpensslCiphers[static_cast<std::size_t>(cipher)];
    const Secret own = cipher_key(cipher, key);
    const CipherAlgorithm algorithm(EVP_CIPHER_fetch(nullptr, name, nullptr));
    encrypt_.reset(EVP_CIPHER_CTX_new());
    decrypt_.reset(EVP_CIPHER_CTX_new());
    if (!algorithm || !encrypt_ || !decrypt_ ||
        EVP_EncryptInit_ex2(encrypt_.get(), algorithm.get(), own.bytes().data(), nullptr, nullptr) != 1 ||
        EVP_DecryptInit_ex2(decrypt_.get(), algorithm.get(), own.bytes().data(), nullptr, nullptr) != 1) {
        throw SuiteError(std::string("the crypto library offers no ") + name);
    }
    EVP_CIPHER_CTX_set_padding(encrypt_.get(), 0);
    EVP_CIPHER_CTX_set_padding(decrypt_.get(), 0);
}

bool Cbc::encrypt(const std::uint8_t* iv, MutableBytes data) {
    return run(encrypt_.get(), iv, data);
}
bool Cbc::decrypt(const std::uint8_t* iv, MutableBytes data) {
    return run(decrypt_.get(), iv, data);
}

bool Cbc::run(EVP_CIPHER_CTX* context, const std::uint8_t* iv, MutableBytes data) const {
    int done = 0;
    return data.size() % block_ == 0 && EVP_CipherInit_ex2(context, nullptr, nullptr, iv, -1, nullptr) == 1 &&
           EVP_CipherUpdate(context, data.data(), &done, data.data(), static_cast<int>(data.size())) == 1 &&
           static_cast<std::size_t>(done) == data.size();
}

}  // namespace totem::crypto
