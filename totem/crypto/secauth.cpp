#include "totem/crypto/secauth.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "totem/crypto/multi_buffer.hpp"
#include "totem/crypto/single_buffer.hpp"

namespace totem::crypto {
namespace {

constexpr std::array<std::uint8_t, 4> kPrefix{0xFE, 0xFE, 0, 0};
constexpr std::size_t kSaltSize = 16;

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

// The message in a decrypted body, whose last byte says how many bytes of padding there are (PKCS#7); nothing if that
// is not so.
std::optional<std::size_t> unpadded(Bytes body, std::size_t block) {
    const std::size_t padding = body.back();
    if (padding == 0 || padding > block) return std::nullopt;
    const Bytes tail = body.last(padding);
    if (std::any_of(tail.begin(), tail.end(), [&](std::uint8_t byte) { return byte != padding; })) return std::nullopt;
    return body.size() - padding;
}

class SecauthSuite final : public Suite {
public:
    SecauthSuite(Cipher cipher, Hash hash, Bytes key, SecauthOptions options)
        : cbc_(cipher, key), hmac_(hash, key), salts_(std::move(options.salts)) {
        if (options.multi_buffer) multi_ = make_multi_buffer(cipher, hash, key);
        if (multi_) packets_.reserve(kAtOnce);
    }

    // Section 7: as upstream reserves.
    std::size_t overhead() const override {
        return kPrefix.size() + hmac_.size() + (cbc_.block() != 0 ? kSaltSize + 2 * cbc_.block() : 0);
    }

    std::size_t sealed_size(std::size_t message) const override { return covered_size(message) + hmac_.size(); }

    std::size_t at_once() const override { return multi_ ? kAtOnce : 1; }

    std::size_t seal(Bytes message, MutableBytes out) override {
        if (!lay_out(message, out)) return 0;
        const MutableBytes covered = out.first(covered_size(message.size()));
        const MutableBytes text = cipher_text(covered);
        const bool sealed = (cbc_.block() == 0 || cbc_.encrypt(text.data() - kSaltSize, text)) &&
                            (hmac_.size() == 0 || hmac_.compute(covered, out.subspan(covered.size(), hmac_.size())));
        return sealed ? covered.size() + hmac_.size() : 0;
    }

    void seal_all(std::span<Sealing> packets) override {
        if (!multi_ || packets.size() < kWorthwhile) return Suite::seal_all(packets);
        in_parts(packets, [this](std::span<Sealing> part) { seal_together(part); });
    }

    // Section 5.2.
    Reject open(MutableBytes datagram, Bytes& message) override {
        if (const Reject reason = misshapen(datagram); reason != Reject::none) return reason;
        const MutableBytes covered = datagram.first(datagram.size() - hmac_.size());
        std::array<std::uint8_t, kLargestDigest> expected;
        if (hmac_.size() != 0 &&
            !(hmac_.compute(covered, MutableBytes(expected).first(hmac_.size())) && authentic(datagram, expected))) {
            return Reject::bad_digest;
        }
        const MutableBytes text = cipher_text(covered);
        const bool decrypted = cbc_.block() == 0 || cbc_.decrypt(text.data() - kSaltSize, text);
        return take(covered, decrypted, message);
    }

    void open_all(std::span<Opening> packets) override {
        if (!multi_ || packets.size() < kWorthwhile) return Suite::open_all(packets);
        in_parts(packets, [this](std::span<Opening> part) { open_together(part); });
    }

private:
    // Packets that side by side fill the vector units twice.
    static constexpr std::size_t kAtOnce = 32;
    // Fewer are sooner done one after the other.
    static constexpr std::size_t kWorthwhile = 3;

    template <typename Packet, typename Work>
    static void in_parts(std::span<Packet> packets, Work work) {
        for (; !packets.empty(); packets = packets.subspan(std::min(packets.size(), kAtOnce)))
            work(packets.first(std::min(packets.size(), kAtOnce)));
    }

    std::size_t covered_size(std::size_t message) const {
        const std::size_t block = cbc_.block();
        return kPrefix.size() + (block != 0 ? kSaltSize + (message / block + 1) * block : message);
    }
    // What is encrypted of what the digest covers, or is the message where there is no cipher.
    MutableBytes cipher_text(MutableBytes covered) const {
        return covered.subspan(kPrefix.size() + (cbc_.block() != 0 ? kSaltSize : 0));
    }
    std::size_t least() const {
        return kPrefix.size() + hmac_.size() + (cbc_.block() != 0 ? kSaltSize + cbc_.block() : 0);
    }

    // Everything but the cryptography; false if there is no room or no salt.
    bool lay_out(Bytes message, MutableBytes out) {
        if (sealed_size(message.size()) > out.size()) return false;
        const MutableBytes text = cipher_text(out.first(covered_size(message.size())));
        std::copy(kPrefix.begin(), kPrefix.end(), out.begin());
        std::copy(message.begin(), message.end(), text.begin());
        if (cbc_.block() == 0) return true;
        const std::uint8_t* salt = salts_.next();
        if (salt == nullptr) return false;
        std::copy_n(salt, kSaltSize, out.begin() + kPrefix.size());
        const MutableBytes padding = text.subspan(message.size());
        std::fill(padding.begin(), padding.end(), static_cast<std::uint8_t>(padding.size()));
        return true;
    }

    void seal_together(std::span<Sealing> packets) {
        packets_.clear();
        for (Sealing& packet : packets) {
            packet.size = lay_out(packet.message, packet.out) ? sealed_size(packet.message.size()) : 0;
            if (packet.size == 0) continue;
            const MutableBytes covered = packet.out.first(packet.size - hmac_.size());
            packets_.push_back({covered, encrypted_of(covered), covered.data() + covered.size()});
        }
        multi_->seal(packets_);
        auto sealed = packets_.begin();
        for (Sealing& packet : packets) {
            if (packet.size != 0 && !(sealed++)->done) packet.size = 0;
        }
    }

    void open_together(std::span<Opening> packets) {
        packets_.clear();
        for (Opening& packet : packets) {
            packet.reject = misshapen(packet.datagram);
            if (packet.reject != Reject::none) continue;
            const MutableBytes covered = packet.datagram.first(packet.datagram.size() - hmac_.size());
            // What is no number of blocks is only authenticated.
            const std::size_t encrypted = encrypted_of(covered);
            packets_.push_back({covered, whole_blocks(encrypted) ? encrypted : 0, expected_[packets_.size()].data()});
        }
        multi_->open(packets_);
        auto opened = packets_.begin();
        for (Opening& packet : packets) {
            if (packet.reject != Reject::none) continue;
            const MultiBuffer::Packet& job = *opened++;
            packet.reject = job.done && authentic(packet.datagram, {job.digest, hmac_.size()})
                                ? take(job.covered, whole_blocks(encrypted_of(job.covered)), packet.message)
                                : Reject::bad_digest;
        }
    }

    std::size_t encrypted_of(MutableBytes covered) const { return cbc_.block() != 0 ? cipher_text(covered).size() : 0; }
    bool whole_blocks(std::size_t encrypted) const { return cbc_.block() == 0 || encrypted % cbc_.block() == 0; }

    // What can be said without cryptography.
    Reject misshapen(Bytes datagram) const {
        if (datagram.size() <= kPrefix.size()) return Reject::too_short;
        if (datagram[0] != kPrefix[0]) return Reject::unsupported_prefix;
        if (datagram[1] != kPrefix[1]) return Reject::different_hash;
        return datagram.size() < least() ? Reject::too_short : Reject::none;
    }

    bool authentic(Bytes datagram, Bytes expected) const {
        return CRYPTO_memcmp(expected.data(), datagram.last(hmac_.size()).data(), hmac_.size()) == 0;
    }

    // The message of a datagram that is authentic.
    Reject take(MutableBytes covered, bool decrypted, Bytes& message) const {
        if (covered[2] != 0 || covered[3] != 0) return Reject::bad_reserved;
        const Bytes text = cipher_text(covered);
        const auto size = cbc_.block() == 0 ? text.size() : decrypted ? unpadded(text, cbc_.block()) : std::nullopt;
        if (!size) return Reject::undecipherable;
        message = text.first(*size);
        return Reject::none;
    }

    Cbc cbc_;
    Hmac hmac_;
    Salts salts_;
    std::unique_ptr<MultiBuffer> multi_;  // null: one after the other
    std::vector<MultiBuffer::Packet> packets_;
    std::array<std::array<std::uint8_t, kLargestDigest>, kAtOnce> expected_;
};

}  // namespace

std::unique_ptr<Suite> make_secauth_suite(Cipher cipher, Hash hash, const Secret& key, SecauthOptions options) {
    if (cipher != Cipher::none && hash == Hash::none) throw SuiteError("a cipher without a hash protects nothing");
    if (!options.salts) options.salts = random_salts;
    return std::make_unique<SecauthSuite>(cipher, hash, key.bytes(), std::move(options));
}

}  // namespace totem::crypto
