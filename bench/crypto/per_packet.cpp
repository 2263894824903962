#include "bench/crypto/per_packet.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

#include "totem/crypto/key_ring.hpp"

namespace bench {
namespace {

using namespace totem;
using crypto::Reject;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context new_context() {
    return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
}

int length(Bytes bytes) {
    return static_cast<int>(bytes.size());
}

class Secauth final : public crypto::Suite {
public:
    Secauth(const char* cipher, const char* hash, Bytes key)
        : cipher_(cipher != nullptr ? EVP_get_cipherbyname(cipher) : nullptr),
          hash_(EVP_get_digestbyname(hash)),
          hash_size_(static_cast<std::size_t>(EVP_MD_get_size(hash_))),
          key_(key.begin(), key.end()) {}

    std::size_t overhead() const override { return 4 + hash_size_ + (cipher_ != nullptr ? 48 : 0); }

    std::size_t sealed_size(std::size_t message) const override {
        if (cipher_ == nullptr) return 4 + message + hash_size_;
        const auto block = static_cast<std::size_t>(EVP_CIPHER_get_block_size(cipher_));
        return 20 + (message / block + 1) * block + hash_size_;
    }

    std::size_t seal(Bytes message, MutableBytes out) override {
        std::fill_n(out.begin(), 2, std::uint8_t{0xFE});
        std::fill_n(out.begin() + 2, 2, std::uint8_t{0});
        std::size_t size = 4;
        if (cipher_ == nullptr) {
            std::copy(message.begin(), message.end(), out.begin() + 4);
            size += message.size();
        } else {
            const Context context = new_context();
            int head = 0, tail = 0;
            RAND_bytes(out.data() + 4, 16);
            EVP_EncryptInit_ex(context.get(), cipher_, nullptr, key_.data(), out.data() + 4);
            EVP_EncryptUpdate(context.get(), out.data() + 20, &head, message.data(), length(message));
            EVP_EncryptFinal_ex(context.get(), out.data() + 20 + head, &tail);
            size = 20 + static_cast<std::size_t>(head) + static_cast<std::size_t>(tail);
        }
        HMAC(hash_, key_.data(), static_cast<int>(key_.size()), out.data(), size, out.data() + size, nullptr);
        return size + hash_size_;
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> expected;
        const std::size_t size = datagram.size() - hash_size_;
        HMAC(hash_, key_.data(), static_cast<int>(key_.size()), datagram.data(), size, expected.data(), nullptr);
        if (CRYPTO_memcmp(expected.data(), datagram.data() + size, hash_size_) != 0) return Reject::bad_digest;
        if (cipher_ == nullptr) {
            message = datagram.subspan(4, size - 4);
            return Reject::none;
        }
        const Context context = new_context();
        std::uint8_t* data = datagram.data() + 20;
        int head = 0, tail = 0;
        EVP_DecryptInit_ex(context.get(), cipher_, nullptr, key_.data(), datagram.data() + 4);
        EVP_DecryptUpdate(context.get(), data, &head, data, static_cast<int>(size - 20));
        if (EVP_DecryptFinal_ex(context.get(), data + head, &tail) != 1) return Reject::undecipherable;
        message = datagram.subspan(20, static_cast<std::size_t>(head) + static_cast<std::size_t>(tail));
        return Reject::none;
    }

private:
    const EVP_CIPHER* cipher_;
    const EVP_MD* hash_;
    std::size_t hash_size_;
    std::vector<std::uint8_t> key_;
};

class Native final : public crypto::Suite {
public:
    Native(crypto::Aead aead, Bytes key) : aead_(aead), keys_("lab", 0, key) {}

    std::size_t overhead() const override { return kHeader + kTag; }
    std::size_t sealed_size(std::size_t message) const override { return message + overhead(); }

    std::size_t seal(Bytes message, MutableBytes out) override {
        Writer header(out, ByteOrder::big);
        header.u32(0xF5544E31);
        header.u8(static_cast<std::uint8_t>(aead_));
        header.zeros(3);
        header.u32(1);
        header.u64(100);
        header.u64(++counter_);
        const Nonce nonce = nonce_of(out);
        const PacketKey key = key_of(out);
        std::uint8_t* data = out.data() + kHeader;
        if (aead_ == crypto::Aead::xchacha20) {
            crypto_aead_xchacha20poly1305_ietf_encrypt(data, nullptr, message.data(), message.size(), out.data(),
                                                       kHeader, nullptr, nonce.data(), key.data());
        } else {
            const Context context = new_context();
            int size = 0;
            EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data() + 12);
            EVP_EncryptUpdate(context.get(), nullptr, &size, out.data(), kHeader);
            EVP_EncryptUpdate(context.get(), data, &size, message.data(), length(message));
            EVP_EncryptFinal_ex(context.get(), data + size, &size);
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, data + message.size());
        }
        return kHeader + message.size() + kTag;
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        const Nonce nonce = nonce_of(datagram);
        const PacketKey key = key_of(datagram);
        const MutableBytes sealed = datagram.subspan(kHeader), data = sealed.first(sealed.size() - kTag);
        bool authentic = false;
        if (aead_ == crypto::Aead::xchacha20) {
            authentic =
                crypto_aead_xchacha20poly1305_ietf_decrypt(data.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                           datagram.data(), kHeader, nonce.data(), key.data()) == 0;
        } else {
            const Context context = new_context();
            int size = 0;
            EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data() + 12);
            EVP_DecryptUpdate(context.get(), nullptr, &size, datagram.data(), kHeader);
            EVP_DecryptUpdate(context.get(), data.data(), &size, data.data(), length(data));
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, sealed.last(kTag).data());
            authentic = EVP_DecryptFinal_ex(context.get(), data.data() + size, &size) == 1;
        }
        message = data;
        return authentic ? Reject::none : Reject::bad_digest;
    }

private:
    static constexpr std::size_t kHeader = 28, kTag = 16;
    using Nonce = std::array<std::uint8_t, 24>;
    using PacketKey = std::array<std::uint8_t, 32>;

    static Nonce nonce_of(Bytes datagram) {
        Nonce out{};
        std::copy_n(datagram.begin() + 20, 8, out.begin() + 16);
        return out;
    }
    PacketKey key_of(Bytes datagram) const {
        Reader in(datagram, ByteOrder::big);
        in.skip(8);
        const NodeId sender = in.u32();
        PacketKey out;
        crypto::derive_packet_key(keys_.keys()[0].master, static_cast<std::uint8_t>(aead_), 0, sender, in.u64(), out);
        return out;
    }

    crypto::Aead aead_;
    crypto::KeyRing keys_;
    std::uint64_t counter_ = 0;
};

}  // namespace

std::unique_ptr<crypto::Suite> per_packet_secauth(const char* cipher, const char* hash, Bytes key) {
    return std::make_unique<Secauth>(cipher, hash, key);
}

std::unique_ptr<crypto::Suite> per_packet_native(crypto::Aead aead, Bytes key) {
    return std::make_unique<Native>(aead, key);
}

}  // namespace bench
