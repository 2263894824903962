#pragma once
// The AEADs of the native suite, with a key that can be replaced without allocating. Spec totem-crypto.md appendix B.2
// and B.3.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "totem/base/bytes.hpp"

namespace totem::crypto {

// The numbers are those of the frame.
enum class Aead : std::uint8_t { xchacha20 = 1, aes256_gcm = 2 };

// By the names totem.crypto_cipher has for them: xchacha20, aes256-gcm.
std::optional<Aead> find_aead(std::string_view name);
std::string_view name_of(Aead aead);

class PacketCipher {
public:
    static constexpr std::size_t kKeySize = 32, kTagSize = 16;

    virtual ~PacketCipher() = default;
    // `key`: kKeySize bytes; it is copied. False only if the library fails, as in the other functions where nothing
    // else is said. Before it, nothing can be sealed or opened.
    virtual bool set_key(Bytes key) = 0;
    // Writes cipher text and tag, message.size() + kTagSize bytes, to `out`, which does not overlap `message`. A
    // counter may be used once per key.
    virtual bool seal(std::uint64_t counter, Bytes header, Bytes message, MutableBytes out) = 0;
    // Decrypts in place what is before the tag; false, with the bytes spoilt, if it is not authentic. `sealed` has
    // kTagSize bytes at least.
    virtual bool open(std::uint64_t counter, Bytes header, MutableBytes sealed) = 0;
};

// With `vectors`, the one that uses more of the processor's vector instructions, where there is one. Throws SuiteError
// (secauth.hpp) if the crypto library lacks it.
std::unique_ptr<PacketCipher> make_packet_cipher(Aead aead, bool vectors = true);

}  // namespace totem::crypto
