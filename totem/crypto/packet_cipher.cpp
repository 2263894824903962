#include "totem/crypto/packet_cipher.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <new>

#include "totem/crypto/aead_parts.hpp"
#include "totem/crypto/evp.hpp"
#include "totem/crypto/secauth.hpp"
#include "totem/crypto/secret.hpp"

namespace totem::crypto {
namespace {

constexpr std::string_view kXChaCha20 = "xchacha20", kAes256Gcm = "aes256-gcm";

class XChaCha20 final : public PacketCipher {
    static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == kTagSize);
    static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == std::tuple_size_v<Nonce>);

public:
    bool set_key(Bytes key) override { return make_chacha20_key(key, key_.bytes()); }

    bool seal(std::uint64_t counter, Bytes header, Bytes message, MutableBytes out) override {
        const Nonce nonce = nonce_of(counter);
        return crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, message.data(), message.size(),
                                                         header.data(), header.size(), nullptr, nonce.data(),
                                                         key_.bytes().data()) == 0;
    }

    bool open(std::uint64_t counter, Bytes header, MutableBytes sealed) override {
        const Nonce nonce = nonce_of(counter);
        return crypto_aead_chacha20poly1305_ietf_decrypt(sealed.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                         header.data(), header.size(), nonce.data(),
                                                         key_.bytes().data()) == 0;
    }

private:
    Secret key_{kKeySize};
};

// OpenSSL's, which needs no processor instructions for AES where libsodium's does.
class Aes256Gcm final : public PacketCipher {
public:
    Aes256Gcm() : context_(EVP_CIPHER_CTX_new()) {
        if (!context_) throw std::bad_alloc();
        const CipherAlgorithm algorithm(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
        if (!algorithm || EVP_EncryptInit_ex2(context_.get(), algorithm.get(), nullptr, nullptr, nullptr) != 1) {
            throw SuiteError("the crypto library offers no AES-256-GCM");
        }
    }

    bool set_key(Bytes key) override {
        return EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), nullptr, nullptr) == 1;
    }

    bool seal(std::uint64_t counter, Bytes header, Bytes message, MutableBytes out) override {
        const Nonce nonce = nonce_of(counter);
        EVP_CIPHER_CTX* context = context_.get();
        int size = 0, rest = 0;
        return EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
               EVP_EncryptUpdate(context, nullptr, &size, header.data(), length(header)) == 1 &&
               EVP_EncryptUpdate(context, out.data(), &size, message.data(), length(message)) == 1 &&
               EVP_EncryptFinal_ex(context, out.data() + size, &rest) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, out.data() + message.size()) == 1;
    }

    bool open(std::uint64_t counter, Bytes header, MutableBytes sealed) override {
        const Nonce nonce = nonce_of(counter);
        EVP_CIPHER_CTX* context = context_.get();
        const MutableBytes data = sealed.first(sealed.size() - kTagSize);
        int size = 0, rest = 0;
        return EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
               EVP_DecryptUpdate(context, nullptr, &size, header.data(), length(header)) == 1 &&
               EVP_DecryptUpdate(context, data.data(), &size, data.data(), length(data)) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, sealed.last(kTagSize).data()) == 1 &&
               EVP_DecryptFinal_ex(context, data.data() + size, &rest) == 1;
    }

private:
    static int length(Bytes bytes) { return static_cast<int>(bytes.size()); }

    CipherContext context_;  // wipes its key schedule when it goes
};

}  // namespace

bool make_chacha20_key(Bytes key, MutableBytes out) {
    const std::array<std::uint8_t, crypto_core_hchacha20_INPUTBYTES> zeros{};
    return crypto_core_hchacha20(out.data(), zeros.data(), key.data(), nullptr) == 0;
}

std::optional<Aead> find_aead(std::string_view name) {
    if (name == kXChaCha20) return Aead::xchacha20;
    if (name == kAes256Gcm) return Aead::aes256_gcm;
    return std::nullopt;
}

std::string_view name_of(Aead aead) {
    return aead == Aead::xchacha20 ? kXChaCha20 : kAes256Gcm;
}

std::unique_ptr<PacketCipher> make_packet_cipher(Aead aead, bool vectors) {
    if (auto cipher = vectors ? make_vector_cipher(aead) : nullptr) return cipher;
    if (aead == Aead::xchacha20) return std::make_unique<XChaCha20>();
    return std::make_unique<Aes256Gcm>();
}

}  // namespace totem::crypto
