#pragma once
// What the implementations of the AEADs share. Internal to totem/crypto. Spec totem-crypto.md appendix B.2 and B.3.

#include <array>
#include <cstdint>
#include <memory>

#include "totem/base/bytes.hpp"
#include "totem/crypto/packet_cipher.hpp"

namespace totem::crypto {

// The counter, big endian, behind zero bytes: AES-GCM's whole nonce, and the second half of XChaCha20's.
using Nonce = std::array<std::uint8_t, 12>;
inline Nonce nonce_of(std::uint64_t counter) {
    Nonce out{};
    Writer(MutableBytes(out).last(8), ByteOrder::big).u64(counter);
    return out;
}

// XChaCha20 makes a key of its first 16 nonce bytes and goes on as ChaCha20 with the rest. Those bytes are always zero
// here, so that step is done once per key instead of once per packet. False only if the library fails.
bool make_chacha20_key(Bytes key, MutableBytes out);

// With the instructions of newer processors than OpenSSL 3.0 and libsodium use (AVX-512, VAES); null where there are
// none.
std::unique_ptr<PacketCipher> make_vector_cipher(Aead aead);

}  // namespace totem::crypto
