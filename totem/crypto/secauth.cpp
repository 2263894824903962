#include "totem/crypto/secauth.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "totem/crypto/evp.hpp"

namespace totem::crypto {
namespace {

constexpr std::array<std::uint8_t, 4> kPrefix{0xFE, 0xFE, 0, 0};
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kMaxHashSize = 64;

struct CipherTraits {
    const char* algorithm;
    std::size_t key_size, block_size;
};
struct HashTraits {
    const char* algorithm;
    std::size_t size;
};
constexpr std::array<CipherTraits, 5> kCiphers{{{nullptr, 0, 0},
                                                {"AES-256-CBC", 32, 16},
                                                {"AES-192-CBC", 24, 16},
                                                {"AES-128-CBC", 16, 16},
                                                {"DES-EDE3-CBC", 24, 8}}};
constexpr std::array<HashTraits, 6> kHashes{
    {{nullptr, 0}, {"MD5", 16}, {"SHA1", 20}, {"SHA256", 32}, {"SHA384", 48}, {"SHA512", 64}}};
constexpr std::array<std::string_view, 5> kCipherNames{"none", "aes256", "aes192", "aes128", "3des"};
constexpr std::array<std::string_view, 6> kHashNames{"none", "md5", "sha1", "sha256", "sha384", "sha512"};

template <typename Enum, std::size_t Count>
std::optional<Enum> find(const std::array<std::string_view, Count>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

// HMAC with the key set once.
class Digest {
public:
    Digest(const HashTraits& traits, Bytes key) : size_(traits.size) {
        if (size_ == 0) return;
        const MacAlgorithm algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
        if (algorithm) context_.reset(EVP_MAC_CTX_new(algorithm.get()));
        std::string name(traits.algorithm);
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
        if (!context_ || EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) != 1) {
            throw SuiteError(std::string("the crypto library offers no HMAC with ") + traits.algorithm);
        }
    }

    std::size_t size() const { return size_; }
    // False only if the library fails.
    bool compute(Bytes over, MutableBytes out) {
        std::size_t written = 0;
        return EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
               EVP_MAC_update(context_.get(), over.data(), over.size()) == 1 &&
               EVP_MAC_final(context_.get(), out.data(), &written, out.size()) == 1 && written == size_;
    }

private:
    std::size_t size_;
    MacContext context_;
};

// CBC with PKCS#7 padding, one context a direction, keyed once.
class BlockCipher {
public:
    BlockCipher(const CipherTraits& traits, Bytes key) : block_(traits.block_size) {
        if (block_ == 0) return;
        Secret own(traits.key_size);
        std::copy_n(key.begin(), std::min(key.size(), own.size()), own.bytes().begin());
        const CipherAlgorithm algorithm(EVP_CIPHER_fetch(nullptr, traits.algorithm, nullptr));
        encrypt_.reset(EVP_CIPHER_CTX_new());
        decrypt_.reset(EVP_CIPHER_CTX_new());
        if (!algorithm || !encrypt_ || !decrypt_ ||
            EVP_EncryptInit_ex2(encrypt_.get(), algorithm.get(), own.bytes().data(), nullptr, nullptr) != 1 ||
            EVP_DecryptInit_ex2(decrypt_.get(), algorithm.get(), own.bytes().data(), nullptr, nullptr) != 1) {
            throw SuiteError(std::string("the crypto library offers no ") + traits.algorithm);
        }
    }

    bool used() const { return block_ != 0; }
    std::size_t block() const { return block_; }
    std::size_t padded(std::size_t size) const { return (size / block_ + 1) * block_; }

    // `out` holds padded(in.size()) bytes and does not overlap `in`.
    bool encrypt(const std::uint8_t* iv, Bytes in, std::uint8_t* out) {
        int head = 0, tail = 0;
        return EVP_EncryptInit_ex2(encrypt_.get(), nullptr, nullptr, iv, nullptr) == 1 &&
               EVP_EncryptUpdate(encrypt_.get(), out, &head, in.data(), static_cast<int>(in.size())) == 1 &&
               EVP_EncryptFinal_ex(encrypt_.get(), out + head, &tail) == 1;
    }
    // In place; the length of the plain text, nothing if it is none.
    std::optional<std::size_t> decrypt(const std::uint8_t* iv, MutableBytes data) {
        int head = 0, tail = 0;
        if (data.empty() || data.size() % block_ != 0 ||
            EVP_DecryptInit_ex2(decrypt_.get(), nullptr, nullptr, iv, nullptr) != 1 ||
            EVP_DecryptUpdate(decrypt_.get(), data.data(), &head, data.data(), static_cast<int>(data.size())) != 1 ||
            EVP_DecryptFinal_ex(decrypt_.get(), data.data() + head, &tail) != 1) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(head + tail);
    }

private:
    std::size_t block_;
    CipherContext encrypt_, decrypt_;
};

// Salts are drawn many at a time: a call per packet costs more than the packet's digest.
class Salts {
public:
    explicit Salts(SaltSource source) : source_(std::move(source)) {}

    // Null if there are none.
    const std::uint8_t* next() {
        if (used_ == pool_.size()) {
            if (!source_(pool_)) return nullptr;
            used_ = 0;
        }
        const std::uint8_t* salt = pool_.data() + used_;
        used_ += kSaltSize;
        return salt;
    }

private:
    SaltSource source_;
    std::array<std::uint8_t, 256 * kSaltSize> pool_;
    std::size_t used_ = pool_.size();
};

bool random_salts(MutableBytes out) {
    return RAND_bytes(out.data(), static_cast<int>(out.size())) == 1;
}

class SecauthSuite final : public Suite {
public:
    SecauthSuite(Cipher cipher, Hash hash, Bytes key, SaltSource salts)
        : cipher_(kCiphers[static_cast<std::size_t>(cipher)], key),
          digest_(kHashes[static_cast<std::size_t>(hash)], key),
          salts_(std::move(salts)) {}

    // Section 7: as upstream reserves.
    std::size_t overhead() const override {
        return kPrefix.size() + digest_.size() + (cipher_.used() ? kSaltSize + 2 * cipher_.block() : 0);
    }

    std::size_t seal(Bytes message, MutableBytes out) override {
        const std::size_t data = cipher_.used() ? kSaltSize + cipher_.padded(message.size()) : message.size();
        const std::size_t signed_size = kPrefix.size() + data;
        if (signed_size + digest_.size() > out.size()) return 0;
        std::copy(kPrefix.begin(), kPrefix.end(), out.begin());
        const MutableBytes body = out.subspan(kPrefix.size());
        if (!cipher_.used()) {
            std::copy(message.begin(), message.end(), body.begin());
        } else {
            const std::uint8_t* salt = salts_.next();
            if (salt == nullptr) return 0;
            std::copy_n(salt, kSaltSize, body.begin());
            if (!cipher_.encrypt(salt, message, body.data() + kSaltSize)) return 0;
        }
        if (digest_.size() != 0 && !digest_.compute(out.first(signed_size), out.subspan(signed_size, digest_.size()))) {
            return 0;
        }
        return signed_size + digest_.size();
    }

    // Section 5.2.
    Reject open(MutableBytes datagram, Bytes& message) override {
        if (datagram.size() <= kPrefix.size()) return Reject::too_short;
        if (datagram[0] != kPrefix[0]) return Reject::unsupported_prefix;
        if (datagram[1] != kPrefix[1]) return Reject::different_hash;
        if (digest_.size() != 0) {
            if (datagram.size() < least()) return Reject::too_short;
            if (!authentic(datagram)) return Reject::bad_digest;
        }
        if (datagram[2] != 0 || datagram[3] != 0) return Reject::bad_reserved;
        const MutableBytes body = datagram.subspan(kPrefix.size(), datagram.size() - kPrefix.size() - digest_.size());
        if (!cipher_.used()) {
            message = body;
            return Reject::none;
        }
        const auto size = cipher_.decrypt(body.data(), body.subspan(kSaltSize));
        if (!size) return Reject::undecipherable;
        message = body.subspan(kSaltSize, *size);
        return Reject::none;
    }

private:
    std::size_t least() const {
        return kPrefix.size() + digest_.size() + (cipher_.used() ? kSaltSize + cipher_.block() : 0);
    }
    bool authentic(MutableBytes datagram) {
        std::array<std::uint8_t, kMaxHashSize> expected;
        const std::size_t signed_size = datagram.size() - digest_.size();
        return digest_.compute(datagram.first(signed_size), MutableBytes(expected).first(digest_.size())) &&
               CRYPTO_memcmp(expected.data(), datagram.data() + signed_size, digest_.size()) == 0;
    }

    BlockCipher cipher_;
    Digest digest_;
    Salts salts_;
};

}  // namespace

std::optional<Cipher> find_cipher(std::string_view name) {
    return find<Cipher>(kCipherNames, name);
}

std::optional<Hash> find_hash(std::string_view name) {
    return find<Hash>(kHashNames, name);
}

std::string_view name_of(Cipher cipher) {
    return kCipherNames[static_cast<std::size_t>(cipher)];
}

std::string_view name_of(Hash hash) {
    return kHashNames[static_cast<std::size_t>(hash)];
}

std::unique_ptr<Suite> make_secauth_suite(Cipher cipher, Hash hash, const Secret& key, SaltSource salts) {
    if (cipher != Cipher::none && hash == Hash::none) throw SuiteError("a cipher without a hash protects nothing");
    return std::make_unique<SecauthSuite>(cipher, hash, key.bytes(), salts ? std::move(salts) : random_salts);
}

}  // namespace totem::crypto
