#include <openssl/crypto.h>

#include <algorithm>

#include "totem/crypto/aead_parts.hpp"
#include "totem/crypto/ipsec_mb.hpp"

namespace totem::crypto {
namespace {

using Tag = std::array<std::uint8_t, PacketCipher::kTagSize>;

// In constant time.
bool equal(const Tag& computed, Bytes received) {
    return CRYPTO_memcmp(computed.data(), received.data(), computed.size()) == 0;
}

class VectorGcm final : public PacketCipher {
public:
    bool set_key(Bytes key) override {
        IMB_AES256_GCM_PRE(mb_manager(), key.data(), keys_.get());
        return true;
    }

    bool seal(std::uint64_t counter, Bytes header, Bytes message, MutableBytes out) override {
        const Nonce nonce = nonce_of(counter);
        IMB_AES256_GCM_ENC(mb_manager(), keys_.get(), work_.get(), out.data(), message.data(), message.size(),
                           nonce.data(), header.data(), header.size(), out.data() + message.size(), kTagSize);
        return true;
    }

    bool open(std::uint64_t counter, Bytes header, MutableBytes sealed) override {
        const Nonce nonce = nonce_of(counter);
        const MutableBytes data = sealed.first(sealed.size() - kTagSize);
        Tag tag;
        IMB_AES256_GCM_DEC(mb_manager(), keys_.get(), work_.get(), data.data(), data.data(), data.size(), nonce.data(),
                           header.data(), header.size(), tag.data(), tag.size());
        return equal(tag, sealed.last(kTagSize));
    }

private:
    SecretStruct<gcm_key_data> keys_;
    SecretStruct<gcm_context_data> work_;
};

class VectorChaCha20 final : public PacketCipher {
public:
    bool set_key(Bytes key) override { return make_chacha20_key(key, key_.bytes()); }

    bool seal(std::uint64_t counter, Bytes header, Bytes message, MutableBytes out) override {
        begin(counter, header);
        IMB_CHACHA20_POLY1305_ENC_UPDATE(mb_manager(), key_.bytes().data(), work_.get(), out.data(), message.data(),
                                         message.size());
        IMB_CHACHA20_POLY1305_ENC_FINALIZE(mb_manager(), work_.get(), out.data() + message.size(), kTagSize);
        return true;
    }

    bool open(std::uint64_t counter, Bytes header, MutableBytes sealed) override {
        const MutableBytes data = sealed.first(sealed.size() - kTagSize);
        Tag tag;
        begin(counter, header);
        IMB_CHACHA20_POLY1305_DEC_UPDATE(mb_manager(), key_.bytes().data(), work_.get(), data.data(), data.data(),
                                         data.size());
        IMB_CHACHA20_POLY1305_DEC_FINALIZE(mb_manager(), work_.get(), tag.data(), tag.size());
        return equal(tag, sealed.last(kTagSize));
    }

private:
    void begin(std::uint64_t counter, Bytes header) {
        const Nonce nonce = nonce_of(counter);
        IMB_CHACHA20_POLY1305_INIT(mb_manager(), key_.bytes().data(), work_.get(), nonce.data(), header.data(),
                                   header.size());
    }

    Secret key_{kKeySize};
    SecretStruct<chacha20_poly1305_context_data> work_;
};

}  // namespace

std::unique_ptr<PacketCipher> make_vector_cipher(Aead aead) {
    if (mb_manager() == nullptr) return nullptr;
    if (aead == Aead::aes256_gcm) return std::make_unique<VectorGcm>();
    return std::make_unique<VectorChaCha20>();
}

}  // namespace totem::crypto
