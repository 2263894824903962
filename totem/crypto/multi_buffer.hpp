#pragma once
// CBC and HMAC of several packets at once. A CBC block waits for the one before it and a hash for its own last step,
// but those of other packets do not: side by side in the processor's vector units, eight or more packets take a
// fraction of the time. Internal to totem/crypto.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "totem/base/bytes.hpp"
#include "totem/crypto/algorithms.hpp"

namespace totem::crypto {

class MultiBuffer {
public:
    struct Packet {
        MutableBytes covered;            // by the digest
        std::size_t encrypted = 0;       // bytes at the end of it, whole blocks, behind their initialization vector
        std::uint8_t* digest = nullptr;  // where it is written: digest_size() bytes
        bool done = false;               // set, unless the library fails
    };

    virtual ~MultiBuffer() = default;
    // Encrypts in place, then computes the digests.
    virtual void seal(std::span<Packet> packets) = 0;
    // Computes the digests, which the caller compares, and decrypts in place.
    virtual void open(std::span<Packet> packets) = 0;
};

// Null where the library, the processor or the algorithms do not offer it. `key` as for Hmac and Cbc; it is copied.
std::unique_ptr<MultiBuffer> make_multi_buffer(Cipher cipher, Hash hash, Bytes key);

}  // namespace totem::crypto
