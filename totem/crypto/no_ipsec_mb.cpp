// Where Intel's library does not exist: everything goes one packet after the other.

#include "totem/crypto/aead_parts.hpp"
#include "totem/crypto/multi_buffer.hpp"

namespace totem::crypto {

std::unique_ptr<MultiBuffer> make_multi_buffer(Cipher, Hash, Bytes) {
    return nullptr;
}

std::unique_ptr<PacketCipher> make_vector_cipher(Aead) {
    return nullptr;
}

}  // namespace totem::crypto
