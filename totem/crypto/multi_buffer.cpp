#include "totem/crypto/multi_buffer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "totem/crypto/evp.hpp"
#include "totem/crypto/ipsec_mb.hpp"
#include "totem/crypto/single_buffer.hpp"

namespace totem::crypto {
namespace {

// The state of a hash after one block, which HMAC's two keys are turned into.
struct HashTraits {
    IMB_HASH_ALG algorithm;
    std::size_t block;
    hash_one_block_t IMB_MGR::*one_block;
    const EVP_MD* (*whole)();
};

std::optional<HashTraits> traits(Hash hash) {
    switch (hash) {
        case Hash::none:
            return std::nullopt;
        case Hash::md5:
            return HashTraits{IMB_AUTH_MD5, 64, &IMB_MGR::md5_one_block, EVP_md5};
        case Hash::sha1:
            return HashTraits{IMB_AUTH_HMAC_SHA_1, 64, &IMB_MGR::sha1_one_block, EVP_sha1};
        case Hash::sha256:
            return HashTraits{IMB_AUTH_HMAC_SHA_256, 64, &IMB_MGR::sha256_one_block, EVP_sha256};
        case Hash::sha384:
            return HashTraits{IMB_AUTH_HMAC_SHA_384, 128, &IMB_MGR::sha384_one_block, EVP_sha384};
        case Hash::sha512:
            return HashTraits{IMB_AUTH_HMAC_SHA_512, 128, &IMB_MGR::sha512_one_block, EVP_sha512};
    }
    return std::nullopt;
}

constexpr std::size_t kAesBlock = 16;  // and its initialization vector

struct alignas(64) Keys {
    std::array<std::uint8_t, kAesBlock * 15> encrypting, decrypting;
    alignas(64) std::array<std::uint8_t, kLargestDigest> inner, outer;
};

class IpsecMb final : public MultiBuffer {
public:
    IpsecMb(const IMB_MGR& manager, Cipher cipher, Hash hash, const HashTraits& of_hash, Bytes key)
        : cipher_key_(key_size(cipher)), digest_(digest_size(hash)), algorithm_(of_hash.algorithm) {
        expand(manager, cipher, key);
        prepare_hmac(manager, of_hash, key);
    }

    void seal(std::span<Packet> packets) override { run(packets, IMB_DIR_ENCRYPT, IMB_ORDER_CIPHER_HASH); }
    void open(std::span<Packet> packets) override { run(packets, IMB_DIR_DECRYPT, IMB_ORDER_HASH_CIPHER); }

private:
    void expand(const IMB_MGR& manager, Cipher cipher, Bytes key) {
        const Secret own = cipher_key(cipher, key);
        const void* const raw = own.bytes().data();
        void* const encrypting = keys_->encrypting.data();
        void* const decrypting = keys_->decrypting.data();
        if (cipher == Cipher::aes128) IMB_AES_KEYEXP_128(&manager, raw, encrypting, decrypting);
        if (cipher == Cipher::aes192) IMB_AES_KEYEXP_192(&manager, raw, encrypting, decrypting);
        if (cipher == Cipher::aes256) IMB_AES_KEYEXP_256(&manager, raw, encrypting, decrypting);
    }

    // RFC 2104: a key longer than a block is hashed first.
    void prepare_hmac(const IMB_MGR& manager, const HashTraits& hash, Bytes key) {
        Secret block(hash.block), padded(hash.block);
        if (key.size() <= block.size()) {
            std::copy(key.begin(), key.end(), block.bytes().begin());
        } else if (EVP_Digest(key.data(), key.size(), block.bytes().data(), nullptr, hash.whole(), nullptr) != 1) {
            throw std::bad_alloc();
        }
        const auto state = [&](std::uint8_t pad, std::uint8_t* out) {
            for (std::size_t i = 0; i < block.size(); ++i)
                padded.bytes()[i] = static_cast<std::uint8_t>(block.bytes()[i] ^ pad);
            (manager.*hash.one_block)(padded.bytes().data(), out);
        };
        state(0x36, keys_->inner.data());
        state(0x5C, keys_->outer.data());
    }

    void run(std::span<Packet> packets, IMB_CIPHER_DIRECTION direction, IMB_CHAIN_ORDER order) {
        IMB_MGR* const manager = mb_manager();
        for (Packet& packet : packets) {
            IMB_JOB* const job = IMB_GET_NEXT_JOB(manager);
            fill(*job, packet);
            job->cipher_direction = direction;
            job->chain_order = order;
            finish(IMB_SUBMIT_JOB(manager));
            while (IMB_JOB* const other = IMB_GET_COMPLETED_JOB(manager))
                finish(other);
        }
        while (IMB_JOB* const job = IMB_FLUSH_JOB(manager))
            finish(job);
    }

    static void finish(const IMB_JOB* job) {
        if (job != nullptr) static_cast<Packet*>(job->user_data)->done = job->status == IMB_STATUS_COMPLETED;
    }

    void fill(IMB_JOB& job, Packet& packet) {
        const std::size_t plain = packet.covered.size() - packet.encrypted;
        job = {};
        job.user_data = &packet;
        job.src = packet.covered.data();
        job.dst = packet.covered.data() + plain;
        job.cipher_mode = packet.encrypted != 0 ? IMB_CIPHER_CBC : IMB_CIPHER_NULL;
        job.enc_keys = keys_->encrypting.data();
        job.dec_keys = keys_->decrypting.data();
        job.key_len_in_bytes = cipher_key_;
        if (packet.encrypted != 0) {
            job.iv = job.dst - kAesBlock;
            job.iv_len_in_bytes = kAesBlock;
        }
        job.cipher_start_src_offset_in_bytes = plain;
        job.msg_len_to_cipher_in_bytes = packet.encrypted;
        job.hash_alg = algorithm_;
        job.msg_len_to_hash_in_bytes = packet.covered.size();
        job.u.HMAC._hashed_auth_key_xor_ipad = keys_->inner.data();
        job.u.HMAC._hashed_auth_key_xor_opad = keys_->outer.data();
        job.auth_tag_output = packet.digest;
        job.auth_tag_output_len_in_bytes = digest_;
    }

    SecretStruct<Keys> keys_;
    std::size_t cipher_key_, digest_;
    IMB_HASH_ALG algorithm_;
};

using Manager = std::unique_ptr<IMB_MGR, Freed<IMB_MGR, free_mb_mgr>>;

Manager make_manager() {
    constexpr std::uint64_t kNeeded =
        IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX2 | IMB_FEATURE_SAFE_DATA | IMB_FEATURE_SAFE_PARAM;
    Manager manager(alloc_mb_mgr(0));
    if (!manager) throw std::bad_alloc();
    if ((manager->features & kNeeded) != kNeeded) return {};
    init_mb_mgr_auto(manager.get(), nullptr);
    const bool tested = (manager->features & IMB_FEATURE_SELF_TEST) != 0;
    const bool passed = (manager->features & IMB_FEATURE_SELF_TEST_PASS) != 0;
    if (imb_get_errno(manager.get()) != 0 || (tested && !passed)) return {};
    return manager;
}

}  // namespace

IMB_MGR* mb_manager() {
    thread_local const Manager kManager = make_manager();
    return kManager.get();
}

std::unique_ptr<MultiBuffer> make_multi_buffer(Cipher cipher, Hash hash, Bytes key) {
    const auto of_hash = traits(hash);
    if (!of_hash || cipher == Cipher::des3) return nullptr;
    const IMB_MGR* const manager = mb_manager();  // takes milliseconds the first time
    if (manager == nullptr) return nullptr;
    return std::make_unique<IpsecMb>(*manager, cipher, hash, *of_hash, key);
}

}  // namespace totem::crypto
