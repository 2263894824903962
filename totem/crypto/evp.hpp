#pragma once
// OpenSSL's objects with an owner. Internal to totem/crypto.

#include <openssl/evp.h>

#include <memory>

namespace totem::crypto {

template <typename T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>>;
using CipherAlgorithm = std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER, EVP_CIPHER_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX, EVP_MAC_CTX_free>>;
using MacAlgorithm = std::unique_ptr<EVP_MAC, Freed<EVP_MAC, EVP_MAC_free>>;

}  // namespace totem::crypto
